/** Accounts by their domains, for many leads at once: those that exist, and those that a batch is to create. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { sha256Hex } from "../../hash";

const LINK_SQL = {
  byDomain: `SELECT r.value AS domain, (SELECT a.account_id FROM accounts a INDEXED BY accounts_by_domain
      WHERE a.unit = ?1 AND a.domain = r.value ORDER BY a.account_id LIMIT 1) AS account_id FROM json_each(?2) r`,
  stillNone: guardSql(
    `SELECT 1 FROM json_each(?2) r CROSS JOIN accounts a INDEXED BY accounts_by_domain ON a.unit = ?1 AND a.domain = r.value->>1
     WHERE a.account_id <> r.value->>0`,
  ),
  create: `INSERT INTO accounts (unit, account_id, domain, name, created_at, updated_at)
    SELECT ?1, r.value->>0, r.value->>1, r.value->>2, ?3, ?3 FROM json_each(?2) r WHERE true ON CONFLICT (unit, account_id) DO NOTHING`,
} as const;

/** `name`: of an account that is yet to be created; its domain where it is null */
type WantedAccount = { domain: string; name: string | null };

/** `writes` creates the accounts that do not exist; their batch rolls back (CommitConflict) when somebody else has created one of them. */
type LinkedAccounts = { idOf: ReadonlyMap<string, string>; writes: (now: number) => Statement<never>[] };

/** One round trip. The id of a new account is derived from its domain, so planning it again gives the same id. */
export async function linkDomains(db: UnitDb, wanted: readonly WantedAccount[]): Promise<LinkedAccounts> {
  const names = new Map<string, string | null>();
  for (const { domain, name } of wanted) names.set(domain, names.get(domain) ?? name);
  const statements = jsonArrays(Array.from(names.keys(), (domain) => JSON.stringify(domain))).map((json) =>
    db.sql<{ domain: string; account_id: string | null }>(LINK_SQL.byDomain, json),
  );
  const found = (await db.batch(statements)).flat();
  const idOf = new Map(found.map(({ domain, account_id }) => [domain, account_id ?? newAccountId(db.unit, domain)]));
  const missing = found.flatMap(({ domain, account_id }) => (account_id === null ? [domain] : []));
  const items = jsonArrays(missing.map((domain) => JSON.stringify([idOf.get(domain), domain, names.get(domain) ?? domain])));
  const writes = (now: number) =>
    items.flatMap((json) => [db.sql<never>(LINK_SQL.stillNone, json), db.sql<never>(LINK_SQL.create, json, now)]);
  return { idOf, writes };
}

const newAccountId = (unit: number, domain: string): string => `acct_${sha256Hex(JSON.stringify([unit, domain])).slice(0, 32)}`;
