/** Accounts by their domains, for many leads at once: those that exist, and those that a batch is to create. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { sha256Hex } from "../../hash";

const LINK_SQL = {
  byDomain: `SELECT r.value->>1 AS domain, (SELECT a.account_id FROM accounts a INDEXED BY accounts_by_domain
      WHERE a.unit = ?1 AND a.domain = r.value->>1 ORDER BY a.account_id LIMIT 1) AS account_id, r.value->>0 AS new_id,
      EXISTS (SELECT 1 FROM accounts a WHERE a.unit = ?1 AND a.account_id = r.value->>0) AS taken FROM json_each(?2) r`,
  stillNone: guardSql(
    `SELECT 1 FROM json_each(?2) r CROSS JOIN accounts a INDEXED BY accounts_by_domain ON a.unit = ?1 AND a.domain = r.value->>1
     WHERE a.account_id <> r.value->>0
     UNION ALL SELECT 1 FROM json_each(?2) r CROSS JOIN accounts a ON a.unit = ?1 AND a.account_id = r.value->>0
     WHERE a.domain IS NOT r.value->>1`,
  ),
  create: `INSERT INTO accounts (unit, account_id, domain, name, created_at, updated_at)
    SELECT ?1, r.value->>0, r.value->>1, r.value->>2, ?3, ?3 FROM json_each(?2) r WHERE true ON CONFLICT (unit, account_id) DO NOTHING`,
} as const;

/** `name`: of an account that is yet to be created; its domain where it is null */
type WantedAccount = { domain: string; name: string | null };

export type NewAccount = { account_id: string; domain: string; name: string };

/** `writes` creates the accounts in `created`; its batch rolls back (CommitConflict) when somebody else has created one of them meanwhile. */
type LinkedAccounts = { idOf: ReadonlyMap<string, string>; created: readonly NewAccount[]; writes: (now: number) => Statement<never>[] };

/**
 * One round trip, and one more while a new id belongs to an account whose domain was changed since. The id of a new account is derived from
 * its domain, so planning it again gives the same id.
 */
export async function linkDomains(db: UnitDb, wanted: readonly WantedAccount[]): Promise<LinkedAccounts> {
  const names = new Map<string, string | null>();
  for (const { domain, name } of wanted) names.set(domain, names.get(domain) ?? name);
  const idOf = new Map<string, string>();
  const missing: string[] = [];
  let unlinked = [...names.keys()];
  for (let turn = 0; unlinked.length > 0; turn++) {
    const found = await findByDomain(db, new Map(unlinked.map((domain) => [domain, newAccountId(db.unit, domain, turn)])));
    unlinked = [];
    for (const { domain, account_id, new_id, taken } of found) {
      if (account_id === null && taken) unlinked.push(domain);
      else idOf.set(domain, account_id ?? new_id);
      if (account_id === null && !taken) missing.push(domain);
    }
  }
  const created = missing.map((domain) => ({ account_id: idOf.get(domain) ?? "", domain, name: names.get(domain) ?? domain }));
  const items = jsonArrays(created.map(({ account_id, domain, name }) => JSON.stringify([account_id, domain, name])));
  const writes = (now: number) =>
    items.flatMap((json) => [db.sql<never>(LINK_SQL.stillNone, json), db.sql<never>(LINK_SQL.create, json, now)]);
  return { idOf, created, writes };
}

/** `taken`: an account has the id `new_id`. */
type FoundAccount = { domain: string; account_id: string | null; new_id: string; taken: 0 | 1 };

async function findByDomain(db: UnitDb, newIdOf: ReadonlyMap<string, string>): Promise<FoundAccount[]> {
  const items = Array.from(newIdOf, ([domain, id]) => JSON.stringify([id, domain]));
  return (await db.batch(jsonArrays(items).map((json) => db.sql<FoundAccount>(LINK_SQL.byDomain, json)))).flat();
}

const newAccountId = (unit: number, domain: string, turn: number): string =>
  `acct_${sha256Hex(JSON.stringify(turn === 0 ? [unit, domain] : [unit, domain, turn])).slice(0, 32)}`;
