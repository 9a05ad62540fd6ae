/** Links to accounts: new leads by the domain of their email, where the org unit wishes it, and the guard of every link. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { PlannedLead } from "./bulk-store";
import { isFreeMail } from "./free-mail";

export const LINK_SQL = {
  byDomain: `SELECT r.value AS domain, (SELECT a.account_id FROM accounts a INDEXED BY accounts_by_domain
      WHERE a.unit = ?1 AND a.domain = r.value ORDER BY a.account_id LIMIT 1) AS account_id FROM json_each(?2) r`,
  exist: guardSql(`SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.unit = ?1 AND a.account_id = r.value)`),
} as const;

/** Rolls the batch back (CommitConflict on `commit_guards`) when one of these accounts is gone: a merge of accounts was first. */
export const accountsExist = (db: UnitDb, accountIds: readonly (string | null | undefined)[]): Statement<never>[] => {
  const ids = [...new Set(accountIds.flatMap((id) => id ?? []))];
  return jsonArrays(ids.map((id) => JSON.stringify(id))).map((json) => db.sql<never>(LINK_SQL.exist, json));
};

/**
 * New leads with the accounts of their emails' domains; of several accounts with one domain the first, never one of a free-mail domain. One D1
 * round trip where the unit links and a lead has such an email and no account; each linked lead costs one written row more.
 */
export async function linkNewLeads<Planned extends PlannedLead>(
  { db, unit }: Pick<Ctx, "db" | "unit">,
  inserts: readonly Planned[],
): Promise<readonly Planned[]> {
  if (!unit.link_accounts_by_domain) return inserts;
  const domainsOf = new Map(inserts.map((lead) => [lead, lead.fields?.account_id === undefined ? linkedDomains(lead) : []]));
  const domains = new Set([...domainsOf.values()].flat());
  if (domains.size === 0) return inserts;
  const statements = jsonArrays([...domains].map((domain) => JSON.stringify(domain))).map((json) =>
    db.sql<{ domain: string; account_id: string | null }>(LINK_SQL.byDomain, json),
  );
  const accounts = new Map((await db.batch(statements)).flat().map(({ domain, account_id }) => [domain, account_id]));
  return inserts.map((lead) => {
    const account_id = domainsOf
      .get(lead)
      ?.map((domain) => accounts.get(domain))
      .find((id) => id);
    return account_id ? { ...lead, fields: { ...lead.fields, account_id } } : lead;
  });
}

const linkedDomains = ({ aliases }: PlannedLead): string[] =>
  aliases
    .flatMap(([kind, value]) => (kind === "email" ? [value.slice(value.lastIndexOf("@") + 1)] : []))
    .filter((domain) => !isFreeMail(domain));
