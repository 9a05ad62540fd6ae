/** SQL of who is a member of the watched segments. Only units that watch a segment have rows here. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { ShardDb } from "../../db/client";
import { guardSql } from "../../db/commit";
import { MOVING_LEADS_SQL } from "../leads";
import type { NewFiring, PlannedMember } from "./plan-memberships";

export type WatchRow = { segment_id: string; active: number; since: number; scan_after: string | null; rules: string | null };
export type QueueRow = { lead_id: string; marks: number; silent: number };
export type AccountRow = { account_id: string; marks: number; after: string };
export type MemberRow = { segment_id: string; lead_id: string; member: number; due_at: number | null };
export type ScanRow = { lead_id: string };
/** An account whose score has to be summed up; `score`: the one that its leads were last checked with */
export type DueAccountRow = { account_id: string; score: number | null; marks: number };

/** A lead whose events are still moving is checked afterwards: with part of its history it would leave a segment and enter it again. */
const IS_WHOLE = `lead_id NOT IN (${MOVING_LEADS_SQL})`;

export const MEMBERSHIP_SQL = {
  lane: "SELECT version FROM segment_lanes WHERE unit = ?1",
  watches: `SELECT w.segment_id, w.active, w.since, w.scan_after, s.rules FROM segment_watches w
    LEFT JOIN segments s ON s.unit = w.unit AND s.segment_id = w.segment_id WHERE w.unit = ?1`,
  queue: `SELECT lead_id, marks, silent FROM segment_queue WHERE unit = ?1 AND ${IS_WHOLE} LIMIT ?2`,
  due: `SELECT lead_id FROM segment_members INDEXED BY segment_members_due WHERE unit = ?1 AND due_at <= ?2 AND ${IS_WHOLE} ORDER BY due_at LIMIT ?3`,
  nextDue: `SELECT due_at AS at FROM segment_members INDEXED BY segment_members_due
    WHERE unit = ?1 AND due_at IS NOT NULL AND ${IS_WHOLE} ORDER BY due_at LIMIT 1`,
  dueAccounts: `SELECT account_id, score, marks FROM segment_account_scores INDEXED BY segment_account_scores_due
    WHERE unit = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3`,
  nextDueAccount: `SELECT due_at AS at FROM segment_account_scores INDEXED BY segment_account_scores_due
    WHERE unit = ?1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1`,
  /** accounts of these leads without a stored score */
  unknownAccounts: `SELECT DISTINCT l.account_id FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value
    WHERE l.account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM segment_account_scores s
      WHERE s.unit = ?1 AND s.account_id = l.account_id AND s.score IS NOT NULL)`,
  markAccounts: `INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks) SELECT ?1, value, NULL, 0, 1 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1`,
  keepAccountScore: "UPDATE segment_account_scores SET score = ?3, due_at = ?4 WHERE unit = ?1 AND account_id = ?2 AND marks = ?5",
  forgetAccountScore: "DELETE FROM segment_account_scores WHERE unit = ?1 AND account_id = ?2 AND marks = ?3",
  walkAccount: `INSERT INTO segment_accounts (unit, account_id, marks, after) VALUES (?1, ?2, 1, '')
    ON CONFLICT (unit, account_id) DO UPDATE SET marks = marks + 1, after = ''`,
  accounts: "SELECT account_id, marks, after FROM segment_accounts WHERE unit = ?1 LIMIT 1",
  leadsOfAccount: `SELECT lead_id FROM leads INDEXED BY leads_by_account
    WHERE unit = ?1 AND account_id = ?2 AND lead_id > ?3 AND ${IS_WHOLE} ORDER BY lead_id LIMIT ?4`,
  leads: "SELECT lead_id FROM leads WHERE unit = ?1 AND lead_id > ?2 ORDER BY lead_id LIMIT ?3",
  members: `SELECT m.segment_id, m.lead_id, m.member, m.due_at FROM json_each(?2) r CROSS JOIN segment_watches w ON w.unit = ?1
    CROSS JOIN segment_members m ON m.unit = ?1 AND m.segment_id = w.segment_id AND m.lead_id = r.value`,
  lastFirings: `SELECT r.value AS lead_id, t.trigger_id, (SELECT max(f.n) FROM firings f
      WHERE f.unit = ?1 AND f.lead_id = r.value AND f.trigger_id = t.trigger_id) AS n
    FROM json_each(?2) r CROSS JOIN triggers t INDEXED BY triggers_living
      ON t.unit = ?1 AND t.active = 1 AND t.deleted_at IS NULL AND t.kind = 'segment'`,
  isLaneAsLoaded: guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM segment_lanes WHERE unit = ?1 AND version = ?2)"),
  moveLane: "UPDATE segment_lanes SET version = version + 1 WHERE unit = ?1",
  leaveQueue: `DELETE FROM segment_queue WHERE unit = ?1 AND (lead_id, marks) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
  write: `INSERT INTO segment_members (unit, segment_id, lead_id, member, due_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, segment_id, lead_id) DO UPDATE SET member = excluded.member, due_at = excluded.due_at`,
  remove: `DELETE FROM segment_members WHERE unit = ?1 AND (segment_id, lead_id) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
  // without ON CONFLICT: a number that is taken rolls the batch back
  fire: `INSERT INTO firings (unit, lead_id, trigger_id, n, kind, event_id, event_type, fired_at, score)
    SELECT ?1, value->>0, value->>1, value->>2, 'segment', '', value->>3, value->>4, value->>5 FROM json_each(?2)`,
  scanned: "UPDATE segment_watches SET scan_after = ?3 WHERE unit = ?1 AND scan_after <= ?2 AND active = 1",
  accountChecked: "UPDATE segment_accounts SET after = ?4 WHERE unit = ?1 AND account_id = ?2 AND marks = ?3",
  accountDone: "DELETE FROM segment_accounts WHERE unit = ?1 AND account_id = ?2 AND marks = ?3",
  removeSlice: `DELETE FROM segment_members WHERE unit = ?1 AND segment_id = ?2
    AND lead_id IN (SELECT lead_id FROM segment_members WHERE unit = ?1 AND segment_id = ?2 ORDER BY lead_id LIMIT ?3)`,
  removeWatch: `DELETE FROM segment_watches WHERE unit = ?1 AND segment_id = ?2 AND active = 0
    AND NOT EXISTS (SELECT 1 FROM segment_members WHERE unit = ?1 AND segment_id = ?2)`,
  move: `UPDATE OR REPLACE segment_members SET lead_id = ?2 WHERE unit = ?1 AND member = 1
    AND segment_id IN (SELECT segment_id FROM segment_watches WHERE unit = ?1) AND lead_id IN (SELECT value FROM json_each(?3))`,
  eraseMember: `DELETE FROM segment_members WHERE unit = ?1 AND lead_id = ?2
    AND segment_id IN (SELECT segment_id FROM segment_watches WHERE unit = ?1)`,
  eraseQueued: "DELETE FROM segment_queue WHERE unit = ?1 AND lead_id = ?2",
} as const;

/** Sorts after every lead id. */
const AFTER_ALL_LEADS = "g";

const sql = MEMBERSHIP_SQL;
const idsOf = (ids: readonly string[]): string => JSON.stringify(ids);

export const selectWatches = (db: UnitDb): Statement<WatchRow> => db.sql(sql.watches);

/** What there is to do. */
export const workStatements = (db: UnitDb, now: number, limit: number) =>
  [
    db.sql<{ version: number }>(sql.lane),
    selectWatches(db),
    db.sql<QueueRow>(sql.queue, limit),
    db.sql<{ lead_id: string }>(sql.due, now, limit),
    db.sql<AccountRow>(sql.accounts),
    db.sql<DueAccountRow>(sql.dueAccounts, now, DUE_ACCOUNTS),
  ] as const;

/** Each has up to 20,000 leads. */
const DUE_ACCOUNTS = 5;

export const selectUnknownAccounts = (db: UnitDb, leadIds: readonly string[]): Statement<{ account_id: string }> =>
  db.sql(sql.unknownAccounts, idsOf(leadIds));

export const markAccounts = (db: UnitDb, accountIds: readonly string[]): Statement<never> => db.sql(sql.markAccounts, idsOf(accountIds));

/** Stores the score of an account, unless the account has changed meanwhile. */
export const keepAccountScore = (
  db: UnitDb,
  { account_id, marks }: DueAccountRow,
  { score, due_at }: { score: number; due_at: number | null },
): Statement<never> => db.sql(sql.keepAccountScore, account_id, score, due_at, marks);

export const forgetAccountScore = (db: UnitDb, { account_id, marks }: DueAccountRow): Statement<never> =>
  db.sql(sql.forgetAccountScore, account_id, marks);

/** Has all leads of an account checked. */
export const walkAccount = (db: UnitDb, accountId: string): Statement<never> => db.sql(sql.walkAccount, accountId);

/** When a lead, and when an account, is due next. */
export const selectNextDue = (db: UnitDb): Statement<{ at: number }>[] => [db.sql(sql.nextDue), db.sql(sql.nextDueAccount)];

export const selectLeadsAfter = (db: UnitDb, after: string, limit: number): Statement<ScanRow> => db.sql(sql.leads, after, limit);

export const selectLeadsOfAccount = (db: UnitDb, account: AccountRow, limit: number): Statement<ScanRow> =>
  db.sql(sql.leadsOfAccount, account.account_id, account.after, limit);

export const selectMembers = (db: UnitDb, leadIds: readonly string[]): Statement<MemberRow> => db.sql(sql.members, idsOf(leadIds));

export const readMember = ({ member, ...row }: MemberRow): PlannedMember => ({ ...row, member: member === 1 });

/** How often each trigger of a segment has fired for each of the leads. */
export const selectLastFirings = (
  db: UnitDb,
  leadIds: readonly string[],
): Statement<{ lead_id: string; trigger_id: string; n: number | null }> => db.sql(sql.lastFirings, idsOf(leadIds));

/** The first two statements of every commit: of two at once, the second rolls back. */
export const laneWrites = (db: UnitDb, version: number): Statement<never>[] => [db.sql(sql.isLaneAsLoaded, version), db.sql(sql.moveLane)];

/** A lead that has changed since it was read stays queued. */
export const leaveQueue = (db: UnitDb, rows: readonly QueueRow[]): Statement<never>[] =>
  jsonArrays(rows.map(({ lead_id, marks }) => JSON.stringify([lead_id, marks]))).map((json) => db.sql(sql.leaveQueue, json));

export const memberWrites = (db: UnitDb, written: readonly PlannedMember[], removed: readonly PlannedMember[]): Statement<never>[] => [
  ...jsonArrays(written.map((row) => JSON.stringify([row.segment_id, row.lead_id, row.member ? 1 : 0, row.due_at]))).map((json) =>
    db.sql<never>(sql.write, json),
  ),
  ...jsonArrays(removed.map(({ segment_id, lead_id }) => JSON.stringify([segment_id, lead_id]))).map((json) =>
    db.sql<never>(sql.remove, json),
  ),
];

export const insertFirings = (db: UnitDb, firings: readonly NewFiring[]): Statement<never>[] =>
  jsonArrays(firings.map((f) => JSON.stringify([f.lead_id, f.trigger.trigger_id, f.n, f.event_type, f.at, f.score]))).map((json) =>
    db.sql(sql.fire, json),
  );

/** `last`: the lead that the scan has come to; null: there is none after it. */
export const scanWrites = (db: UnitDb, last: string | null): Statement<never>[] => [db.sql(sql.scanned, last ?? AFTER_ALL_LEADS, last)];

export const accountWrites = (db: UnitDb, { account_id, marks }: AccountRow, last: string | null): Statement<never>[] => [
  last === null ? db.sql(sql.accountDone, account_id, marks) : db.sql(sql.accountChecked, account_id, marks, last),
];

export const closingWrites = (db: UnitDb, segmentId: string, rows: number): Statement<never>[] => [
  db.sql(sql.removeSlice, segmentId, rows),
  db.sql(sql.removeWatch, segmentId),
];

/** Units with something to check now, of a whole database: one row for each. */
export const selectUnitsWithWork = (db: ShardDb, now: number): Promise<{ unit: number }[]> =>
  db.all(
    `SELECT l.unit FROM segment_lanes l WHERE EXISTS (SELECT 1 FROM segment_queue q WHERE q.unit = l.unit)
       OR EXISTS (SELECT 1 FROM segment_members m INDEXED BY segment_members_due WHERE m.unit = l.unit AND m.due_at <= ?1)
       OR EXISTS (SELECT 1 FROM segment_accounts a WHERE a.unit = l.unit)
       OR EXISTS (SELECT 1 FROM segment_account_scores d INDEXED BY segment_account_scores_due WHERE d.unit = l.unit AND d.due_at <= ?1)
       OR EXISTS (SELECT 1 FROM segment_watches w WHERE w.unit = l.unit AND (w.active = 0 OR w.scan_after IS NOT NULL))`,
    now,
  );
