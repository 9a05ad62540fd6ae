/** SQL of segments, and of what leads are checked by. */
import type { SqlValue, Statement, UnitDb } from "../../context";
import { guardSql, quotaSql } from "../../db/commit";
import { DAY_MS } from "../../time";
import type { SegmentSubject } from "../../vocabulary";
import type { LinkedLead } from "../account-overview";
import { typeKey } from "../scoring";
import { EVENTS_READ_MAX, type SizedLead } from "./check-budget";
import type { EventCondition, Operator } from "./schemas";

export type SegmentRow = {
  segment_id: string;
  subject: SegmentSubject;
  name: string;
  description: string | null;
  rules: string;
  active: number;
  created_at: number;
  updated_at: number;
};

const COLUMNS = "segment_id, subject, name, description, rules, active, created_at, updated_at";

export const selectSegments = (db: UnitDb): Statement<SegmentRow> =>
  db.sql(`SELECT ${COLUMNS} FROM segments WHERE unit = ?1 ORDER BY segment_id`);

export const selectSegment = (db: UnitDb, segmentId: string): Statement<SegmentRow> =>
  db.sql(`SELECT ${COLUMNS} FROM segments WHERE unit = ?1 AND segment_id = ?2`, segmentId);

/** Rolls its batch back (CommitConflict on `quota_guards`) when the unit has `max` segments already. */
export const insertSegment = (db: UnitDb, row: SegmentRow, max: number): Statement<never>[] => [
  db.sql(quotaSql("definitions", "SELECT 1 FROM (SELECT count(*) AS kept FROM segments WHERE unit = ?1) WHERE kept >= ?2"), max),
  db.sql(
    `INSERT INTO segments (unit, ${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
    row.segment_id,
    row.subject,
    row.name,
    row.description,
    row.rules,
    row.active,
    row.created_at,
    row.updated_at,
  ),
];

/** Rolls its batch back (CommitConflict on `commit_guards`) when the segment has changed since it was read, or is gone. */
export const segmentIsAsRead = (db: UnitDb, { segment_id, updated_at }: Pick<SegmentRow, "segment_id" | "updated_at">): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM segments WHERE unit = ?1 AND segment_id = ?2 AND updated_at = ?3)"),
    segment_id,
    updated_at,
  );

export const updateSegment = (db: UnitDb, row: SegmentRow): Statement<never> => {
  const { segment_id, name, description, rules, active, updated_at } = row;
  return db.sql(
    `UPDATE segments SET name = ?3, description = ?4, rules = ?5, active = ?6, updated_at = ?7 WHERE unit = ?1 AND segment_id = ?2`,
    segment_id,
    name,
    description,
    rules,
    active,
    updated_at,
  );
};

export const deleteSegmentRow = (db: UnitDb, segmentId: string): Statement<{ segment_id: string }> =>
  db.sql("DELETE FROM segments WHERE unit = ?1 AND segment_id = ?2 RETURNING segment_id", segmentId);

const TRIGGERS_OF = "unit = ?1 AND kind = 'segment' AND deleted_at IS NULL AND condition ->> '$.segment_id' = ?2";

/** Deletes the triggers of a segment with the channels of their own. */
export const deleteTriggersOf = (db: UnitDb, segmentId: string, now: number): Statement<never>[] => [
  db.sql(
    `DELETE FROM notification_channels WHERE unit = ?1 AND owner IN (SELECT trigger_id FROM triggers WHERE ${TRIGGERS_OF})`,
    segmentId,
  ),
  db.sql(`UPDATE triggers SET deleted_at = ?3, active = 0 WHERE ${TRIGGERS_OF}`, segmentId, now),
];

const SIZED = `l.lead_id, octet_length(l.profile) + octet_length(l.aliases) AS bytes,
  coalesce((SELECT s.event_count FROM lead_scores s WHERE s.unit = ?1 AND s.lead_id = l.lead_id), 0) AS events`;

/** Leads, newest first. */
export const selectSizedLeads = (db: UnitDb, before: string, limit: number): Statement<SizedLead> =>
  db.sql(`SELECT ${SIZED} FROM leads l WHERE l.unit = ?1 AND l.lead_id < ?2 ORDER BY l.lead_id DESC LIMIT ?3`, before, limit);

/** These leads, in their order. */
export const selectSizes = (db: UnitDb, leadIds: readonly string[]): Statement<SizedLead> =>
  db.sql(
    `SELECT ${SIZED} FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value ORDER BY r.key`,
    JSON.stringify(leadIds),
  );

/** `fields`: JSON object of those of the keys that the account's metadata has */
export type AccountRow = { lead_id: string; account_id: string; name: string; domain: string | null; fields: string };

/** The account of each lead that has one, with some keys of its metadata. */
export const selectAccountsOf = (db: UnitDb, leadIds: readonly string[], keys: readonly string[]): Statement<AccountRow> =>
  db.sql(
    `SELECT l.lead_id, c.account_id, c.name, c.domain,
       (SELECT json_group_object(k.value, c.metadata -> ('$."' || k.value || '"')) FROM json_each(?3) k) AS fields
     FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value
     CROSS JOIN accounts c ON c.unit = ?1 AND c.account_id = l.account_id`,
    JSON.stringify(leadIds),
    JSON.stringify(keys),
  );

export type SizedAccount = { account_id: string; bytes: number };

/** Accounts, newest first. */
export const selectSizedAccounts = (db: UnitDb, before: string, limit: number): Statement<SizedAccount> =>
  db.sql(
    `SELECT account_id, octet_length(metadata) AS bytes FROM accounts WHERE unit = ?1 AND account_id < ?2
     ORDER BY account_id DESC LIMIT ?3`,
    before,
    limit,
  );

/** These accounts, in their order, with some keys of their metadata. */
export const selectAccountFields = (db: UnitDb, ids: readonly string[], keys: readonly string[]): Statement<Omit<AccountRow, "lead_id">> =>
  db.sql(
    `SELECT c.account_id, c.name, c.domain,
       (SELECT json_group_object(k.value, c.metadata -> ('$."' || k.value || '"')) FROM json_each(?3) k) AS fields
     FROM json_each(?2) r CROSS JOIN accounts c ON c.unit = ?1 AND c.account_id = r.value ORDER BY r.key`,
    JSON.stringify(ids),
    JSON.stringify(keys),
  );

/** The scores by which watched segments know the accounts of these leads. */
export const selectKeptScores = (db: UnitDb, leadIds: readonly string[]): Statement<{ account_id: string; score: number }> =>
  db.sql(
    `SELECT DISTINCT s.account_id, s.score FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value
     CROSS JOIN segment_account_scores s ON s.unit = ?1 AND s.account_id = l.account_id WHERE s.score IS NOT NULL`,
    JSON.stringify(leadIds),
  );

/** All leads of the accounts of these leads, with their folded scores: at most one more than `limit`. */
export const selectLinkedOf = (db: UnitDb, leadIds: readonly string[], limit: number): Statement<LinkedLead> =>
  db.sql(
    `SELECT o.account_id, s.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM (SELECT DISTINCT l.account_id FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value
       WHERE l.account_id IS NOT NULL) a
     CROSS JOIN leads o INDEXED BY leads_by_account ON o.unit = ?1 AND o.account_id = a.account_id
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = o.lead_id LIMIT ?3`,
    JSON.stringify(leadIds),
    limit + 1,
  );

const TEXT = "lower(x.metadata ->> ?6)";
const WANTED = "lower(CAST(?7 AS TEXT))";
const numeric = (comparison: string) =>
  `CASE WHEN typeof(x.metadata ->> ?6) IN ('integer', 'real') OR x.metadata ->> ?6 GLOB '[-0-9]*'
     THEN CAST(x.metadata ->> ?6 AS REAL) ${comparison} CAST(?7 AS REAL) ELSE 0 END`;

/** A condition on the metadata of an event `x`; the path is `?6`, the value `?7`. */
const METADATA_SQL: Record<Operator, string> = {
  equals: `${TEXT} = ${WANTED}`,
  not_equals: `${TEXT} IS NOT ${WANTED}`,
  contains: `instr(${TEXT}, ${WANTED}) > 0`,
  starts_with: `substr(${TEXT}, 1, length(${WANTED})) = ${WANTED}`,
  ends_with: `substr(${TEXT}, -length(${WANTED})) = ${WANTED}`,
  greater_than: numeric(">"),
  less_than: numeric("<"),
  greater_or_equal: numeric(">="),
  less_or_equal: numeric("<="),
  is_empty: `coalesce(${TEXT}, '') = '' AND ?7 IS NULL`,
  is_not_empty: `coalesce(${TEXT}, '') <> '' AND ?7 IS NULL`,
};

/** `at`: the condition's place */
export type EventCountRow = {
  lead_id: string;
  at: number;
  count: number;
  /** JSON array of when they occurred; null: not read */
  times: string | null;
};

/** How many of each lead's newest 500 events a condition names, and when they occurred if asked for. Leads without one are left out. */
export function selectEventCounts(
  db: UnitDb,
  leadIds: readonly string[],
  { condition, at, withTimes }: { condition: EventCondition; at: number; withTimes: boolean },
  now: number,
): Statement<EventCountRow> {
  const { event_type, within_days } = condition;
  const isMetadata = condition.type === "event_metadata";
  const params: SqlValue[] = [
    JSON.stringify(leadIds),
    within_days === undefined ? Number.MIN_SAFE_INTEGER : now - within_days * DAY_MS,
    event_type === undefined ? null : typeKey(event_type),
    now,
    ...(isMetadata ? [`$."${condition.field}"`, boundValue(condition.value)] : []),
  ];
  return db.sql(
    `SELECT w.lead_id, ${at} AS at, w.found ->> 0 AS count, w.found -> 1 AS times FROM (
       SELECT r.value AS lead_id, (SELECT json_array(count(*), ${withTimes ? "json_group_array(x.occurred_at)" : "NULL"}) FROM (
         SELECT e.type_key, e.metadata, e.occurred_at FROM events e WHERE e.unit = ?1 AND e.lead_id = r.value AND e.occurred_at BETWEEN ?3 AND ?5
         ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ${EVENTS_READ_MAX}) x
         WHERE (?4 IS NULL OR x.type_key = ?4) ${isMetadata ? `AND ${METADATA_SQL[condition.operator]}` : ""}) AS found
       FROM json_each(?2) r) w WHERE w.found ->> 0 > 0`,
    ...params,
  );
}

/** The first event of each lead that is ahead of its time. Leads without one are left out. */
export const selectNextEvents = (db: UnitDb, leadIds: readonly string[], now: number): Statement<{ lead_id: string; at: number }> =>
  db.sql(
    `SELECT n.lead_id, n.at FROM (SELECT r.value AS lead_id, (SELECT min(e.occurred_at) FROM events e
       WHERE e.unit = ?1 AND e.lead_id = r.value AND e.occurred_at > ?3) AS at FROM json_each(?2) r) n WHERE n.at IS NOT NULL`,
    JSON.stringify(leadIds),
    now,
  );

const boundValue = (value: string | number | boolean | undefined): SqlValue =>
  value === undefined ? null : typeof value === "boolean" ? Number(value) : value;
