/** SQL of accounts with their leads. */
import type { Statement, UnitDb } from "../../context";
import { WATCHED_SQL } from "../../db/watched";
import type { Account } from "../accounts";
import { LAST_CHANGE_SQL } from "../changes";
import type { LeadScoreRow } from "../scoring";

const COLUMNS = "c.account_id, c.name, c.domain, c.created_at, c.updated_at";
export const ACCOUNTS_READ_MAX = 10_000;
export const LEADS_READ_MAX = 20_000;

export type AccountFilter = { search: string | undefined; created_after: number | undefined; created_before: number | undefined };

/** At most 10,001, by name. Reads the accounts of the unit. */
export const selectMatching = (db: UnitDb, { search, created_after, created_before }: AccountFilter): Statement<Account> =>
  db.sql(
    `SELECT ${COLUMNS} FROM accounts c INDEXED BY accounts_by_name WHERE c.unit = ?1
     AND (?2 IS NULL OR instr(lower(c.name), ?2) OR instr(c.name, ?3) OR instr(coalesce(c.domain, ''), ?2))
     AND c.created_at >= ?4 AND c.created_at <= ?5 ORDER BY c.name, c.account_id LIMIT ${ACCOUNTS_READ_MAX + 1}`,
    search?.toLowerCase() ?? null,
    search ?? null,
    created_after ?? 0,
    created_before ?? Number.MAX_SAFE_INTEGER,
  );

export type LinkedLead = { account_id: string } & { [Column in keyof LeadScoreRow]: LeadScoreRow[Column] | null };

/** The leads of these accounts with their folded scores, at most 20,001. */
export const selectLinked = (db: UnitDb, accountIds: readonly string[]): Statement<LinkedLead> =>
  db.sql(
    `SELECT l.account_id, s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM json_each(?2) r CROSS JOIN leads l INDEXED BY leads_by_account ON l.unit = ?1 AND l.account_id = r.value
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = l.lead_id LIMIT ${LEADS_READ_MAX + 1}`,
    JSON.stringify(accountIds),
  );

/** How many leads each account has, counted by the index, up to 20,000 each. */
export const selectLeadCounts = (db: UnitDb, accountIds: readonly string[]): Statement<{ account_id: string; leads: number }> =>
  db.sql(
    `SELECT r.value AS account_id, (SELECT count(*) FROM (SELECT 1 FROM leads l INDEXED BY leads_by_account
       WHERE l.unit = ?1 AND l.account_id = r.value LIMIT ${LEADS_READ_MAX})) AS leads FROM json_each(?2) r`,
    JSON.stringify(accountIds),
  );

export const selectMetadata = (db: UnitDb, accountIds: readonly string[]): Statement<{ account_id: string; metadata: string }> =>
  db.sql(
    "SELECT c.account_id, c.metadata FROM json_each(?2) r CROSS JOIN accounts c ON c.unit = ?1 AND c.account_id = r.value",
    JSON.stringify(accountIds),
  );

export const selectByName = (db: UnitDb, name: string): Statement<Account> =>
  db.sql(
    `SELECT ${COLUMNS} FROM accounts c INDEXED BY accounts_by_name WHERE c.unit = ?1 AND c.name = ?2 ORDER BY c.account_id LIMIT 1`,
    name,
  );

export const updateAccount = (
  db: UnitDb,
  accountId: string,
  change: { name: string | null; domain: string | null; sets_domain: 0 | 1; metadata: string | null },
  now: number,
): Statement<Account & { watched: number }> =>
  db.sql(
    `UPDATE accounts SET name = coalesce(?3, name), domain = iif(?5, ?4, domain), metadata = coalesce(?6, metadata), updated_at = max(?7, updated_at + 1)
     WHERE unit = ?1 AND account_id = ?2 RETURNING account_id, name, domain, created_at, updated_at, ${WATCHED_SQL}`,
    accountId,
    change.name,
    change.domain,
    change.sets_domain,
    change.metadata,
    now,
  );

const OF_SLICE = "l.lead_id IN (SELECT value FROM json_each(?7))";
export const MERGE_SQL = {
  slice: "SELECT l.lead_id FROM leads l INDEXED BY leads_by_account WHERE l.unit = ?1 AND l.account_id = ?2 LIMIT 500",
  ofSlice: OF_SLICE,
  move: `UPDATE leads SET account_id = ?3, version = version + 1, updated_at = max(?4, updated_at + 1), last_change = ${LAST_CHANGE_SQL}
    WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2)) AND account_id = ?5`,
  /** Nothing while a lead is linked to it. */
  remove: `DELETE FROM accounts WHERE unit = ?1 AND account_id = ?2
    AND NOT EXISTS (SELECT 1 FROM leads l INDEXED BY leads_by_account WHERE l.unit = ?1 AND l.account_id = ?2) RETURNING account_id`,
  remaining: "SELECT account_id FROM accounts WHERE unit = ?1 AND account_id = ?2",
} as const;
