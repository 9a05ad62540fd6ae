/** SQL of events, their types, counts and refusals. Statements only: the verbs decide which of them run together. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { MOVING_LEADS_SQL } from "../leads";
import type { EventCursor } from "../scoring";
import type { LookBack } from "../triggers";
import type { QueuedEvent } from "./event";
import type { KnownEvent, PlannedEvent } from "./plan-lead";
import { dayOf } from "./range";

const KNOWN_COLUMNS = `e.lead_id, e.event_id, min(e.occurred_at, e.received_at) AS at, e.event_type, e.type_key, e.received_at, e.silent`;

export const EVENT_SQL = {
  known: "SELECT e.event_id FROM json_each(?2) r CROSS JOIN events e ON e.unit = ?1 AND e.event_id = r.value",
  keys: "SELECT k.idempotency_key, k.event_id FROM json_each(?2) r CROSS JOIN event_keys k ON k.unit = ?1 AND k.idempotency_key = r.value",
  aliasCounts: `SELECT l.lead_id, json_array_length(l.aliases) AS count, l.lead_id IN (${MOVING_LEADS_SQL}) AS moving
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value`,
  /** `r` is [lead id, time]: the lead's newest events of some types that count from that time on, without metadata */
  since: `SELECT ${KNOWN_COLUMNS} FROM json_each(?2) r
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = r.value->>0 AND (e.occurred_at, e.event_id) IN (
      SELECT x.occurred_at, x.event_id FROM events x WHERE x.unit = ?1 AND x.lead_id = r.value->>0 AND x.occurred_at >= r.value->>1
        AND x.suppression_reason IS NULL AND (?3 IS NULL OR x.type_key IN (SELECT value FROM json_each(?3)))
      ORDER BY x.occurred_at DESC, x.event_id DESC LIMIT ?4)
    WHERE min(e.occurred_at, e.received_at) >= r.value->>1 LIMIT ?5`,
  /** `r` is [lead id, time, event id]: of leads whose fold has passed that cursor, the newest events after it, without metadata */
  afterLate: `SELECT ${KNOWN_COLUMNS} FROM json_each(?2) r
    CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value->>0 AND (s.at, s.event_id) > (r.value->>1, r.value->>2)
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = s.lead_id AND (e.occurred_at, e.event_id) IN (
      SELECT x.occurred_at, x.event_id FROM events x WHERE x.unit = ?1 AND x.lead_id = r.value->>0 AND x.occurred_at >= r.value->>1
        AND x.suppression_reason IS NULL ORDER BY x.occurred_at DESC, x.event_id DESC LIMIT ?3)
    WHERE min(e.occurred_at, e.received_at) >= r.value->>1 LIMIT ?4`,
  leadsStillExist: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.value)",
  ),
  /** an Idempotency-Key identifies one event, whether it was sent next to an id or as the id */
  idsAreNoKeys: guardSql("SELECT 1 FROM json_each(?2) r CROSS JOIN event_keys k ON k.unit = ?1 AND k.idempotency_key = r.value"),
  keysAreNoIds: guardSql("SELECT 1 FROM json_each(?2) r CROSS JOIN events e ON e.unit = ?1 AND e.event_id = r.value->>0"),
  // processed_at by the database's clock: the Worker's stands still while it plans, and the statement may have waited for others
  insert: `INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, metadata, received_at, processed_at, silent, score_before, score_after, fired,
      original_lead_id, suppression_reason, resolved)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, nullif(value->5, 'null'), value->>6,
      max(?3, CAST(unixepoch('subsec') * 1000 AS INTEGER)), value->>7, value->>8, value->>9, nullif(value->10, 'null'), value->>11, value->>12, value->>13
    FROM json_each(?2)`,
  // counts only where a type is new
  newTypes: `SELECT r.value AS type_key, (SELECT count(*) FROM event_types WHERE unit = ?1) AS known
    FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM event_types t WHERE t.unit = ?1 AND t.type_key = r.value)`,
  insertKeys: "INSERT INTO event_keys (unit, idempotency_key, event_id) SELECT ?1, value->>0, value->>1 FROM json_each(?2)",
  insertTypes: `INSERT INTO event_types (unit, type_key, name, first_seen_at)
    SELECT ?1, value->>0, value->>1, ?3 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
  addCounts: `INSERT INTO event_counts (unit, day, type_key, count)
    SELECT ?1, value->>0, value->>1, value->>2 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
  // a rejection is not final: the event may be sent again, then it is stored, a duplicate, or rejected as before
  refuse: `INSERT INTO refused_events (unit, event_id, status, duplicate_of, reason, event, received_at, refused_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->4, value->>5, ?3 FROM json_each(?2) r
    WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.unit = ?1 AND e.event_id = r.value->>0)
    ON CONFLICT (unit, event_id) DO UPDATE SET status = excluded.status, duplicate_of = excluded.duplicate_of, reason = excluded.reason
    WHERE refused_events.status = 'rejected' AND excluded.status = 'duplicate'`,
  accept: "DELETE FROM refused_events WHERE unit = ?1 AND event_id IN (SELECT value FROM json_each(?2))",
} as const;

const arrays = <Row>(db: UnitDb, sql: string, items: readonly unknown[], ...params: (string | number | null)[]): Statement<Row>[] =>
  jsonArrays(items.map((item) => JSON.stringify(item))).map((json) => db.sql<Row>(sql, json, ...params));

export const selectKnownEvents = (db: UnitDb, eventIds: readonly string[]): Statement<{ event_id: string }>[] =>
  arrays(db, EVENT_SQL.known, eventIds);

/** Of these types, those that the unit has not seen, each with how many it has. */
export const selectNewTypes = (db: UnitDb, typeKeys: readonly string[]): Statement<{ type_key: string; known: number }>[] =>
  arrays(db, EVENT_SQL.newTypes, typeKeys);

export const selectKeys = (db: UnitDb, keys: readonly string[]): Statement<{ idempotency_key: string; event_id: string }>[] =>
  arrays(db, EVENT_SQL.keys, keys);

/** `moving`: 1 while its events move after a merge or back */
type AliasCountRow = { lead_id: string; count: number; moving: number };

export const selectAliasCounts = (db: UnitDb, leadIds: readonly string[]): Statement<AliasCountRow>[] =>
  arrays(db, EVENT_SQL.aliasCounts, leadIds);

/** `silent`: 0 or 1. */
export type KnownRow = Omit<KnownEvent, "silent"> & { lead_id: string; silent: number };

/** At most `events_max` of each lead, and `rowsMax` of all; -1: no limit. */
export const selectEventsSince = (
  db: UnitDb,
  leads: readonly (readonly [leadId: string, since: number])[],
  { types, events_max }: LookBack,
  rowsMax: number,
): Statement<KnownRow>[] => arrays(db, EVENT_SQL.since, leads, types === null ? null : JSON.stringify(types), events_max, rowsMax);

/** At most `max` of each lead, and `rowsMax` of all; none of leads for which the cursor is not late. */
export const selectEventsAfterLate = (
  db: UnitDb,
  leads: readonly (EventCursor & { lead_id: string })[],
  max: number,
  rowsMax: number,
): Statement<KnownRow>[] =>
  arrays(
    db,
    EVENT_SQL.afterLate,
    leads.map(({ lead_id, at, event_id }) => [lead_id, at, event_id]),
    max,
    rowsMax,
  );

/** Rolls back its batch if one of these leads has been deleted. */
export const leadsStillExist = (db: UnitDb, leadIds: readonly string[]): Statement<never>[] =>
  arrays(db, EVENT_SQL.leadsStillExist, leadIds);

/** Inserts events with their keys, types and counts; `traces` by event id. Rolls back its batch if one of them is already stored. */
export function eventWrites(
  db: UnitDb,
  events: readonly PlannedEvent[],
  traces: ReadonlyMap<string, string>,
  now: number,
): Statement<never>[] {
  // the last entry of a key wins, so the first spelling is kept
  const newestFirst = events.toReversed().toSorted((a, b) => b.event.received_at - a.event.received_at);
  const types = new Map(newestFirst.map(({ event, type_key }) => [type_key, event.event_type]));
  const counts = new Map<string, [day: number, type: string, count: number]>();
  for (const { event, type_key } of events) {
    const day = dayOf(event.occurred_at);
    const count = counts.get(`${day}:${type_key}`) ?? [day, type_key, 0];
    count[2] += 1;
    counts.set(`${day}:${type_key}`, count);
  }
  const keyed = events.flatMap(({ event }) => (event.idempotency_key === null ? [] : [[event.idempotency_key, event.event_id]]));
  const ids = events.map(({ event }) => event.event_id);
  return [
    ...arrays<never>(db, EVENT_SQL.idsAreNoKeys, ids),
    ...arrays<never>(db, EVENT_SQL.keysAreNoIds, keyed),
    ...arrays<never>(
      db,
      EVENT_SQL.insert,
      events.map((planned) => eventItem(planned, traces.get(planned.event.event_id) ?? null)),
      now,
    ),
    ...arrays<never>(db, EVENT_SQL.accept, ids),
    ...arrays<never>(db, EVENT_SQL.insertKeys, keyed),
    ...arrays<never>(db, EVENT_SQL.insertTypes, [...types], now),
    ...arrays<never>(db, EVENT_SQL.addCounts, [...counts.values()]),
  ];
}

const eventItem = ({ event, lead_id, type_key, silent, before, after, fired, suppressed }: PlannedEvent, trace: string | null) => [
  lead_id,
  event.occurred_at,
  event.event_id,
  event.event_type,
  type_key,
  event.metadata,
  event.received_at,
  silent ? 1 : 0,
  before,
  after,
  fired.length === 0 ? null : fired.map(({ condition, trigger_id, name }) => [condition.kind, trigger_id, name]),
  event.original_lead_id ?? null,
  suppressed,
  trace,
];

export type RefusedEvent = { event: QueuedEvent; status: "rejected" | "duplicate"; duplicate_of: string | null; reason: string };

export const refusalWrites = (db: UnitDb, refused: readonly RefusedEvent[], now: number): Statement<never>[] =>
  arrays(
    db,
    EVENT_SQL.refuse,
    refused.map(({ event, status, duplicate_of, reason }) => [event.event_id, status, duplicate_of, reason, event, event.received_at]),
    now,
  );

type EventRow = {
  lead_id: string;
  score_before: number;
  score_after: number;
  fired: string | null;
  received_at: number;
  processed_at: number;
  resolved: string | null;
};

type RefusedRow = { status: "rejected" | "duplicate"; duplicate_of: string | null; reason: string };
type RejectedRow = { event: string; reason: string; refused_at: number };

export const selectEventById = (db: UnitDb, eventId: string): Statement<EventRow> =>
  db.sql(
    "SELECT lead_id, score_before, score_after, fired, received_at, processed_at, resolved FROM events WHERE unit = ?1 AND event_id = ?2",
    eventId,
  );

export const selectRefused = (db: UnitDb, eventId: string): Statement<RefusedRow> =>
  db.sql("SELECT status, duplicate_of, reason FROM refused_events WHERE unit = ?1 AND event_id = ?2", eventId);

export const selectRejected = (db: UnitDb, limit: number, offset: number): Statement<RejectedRow> =>
  db.sql(
    `SELECT event, reason, refused_at FROM refused_events WHERE unit = ?1 AND status = 'rejected'
     ORDER BY refused_at DESC, event_id DESC LIMIT ?2 OFFSET ?3`,
    limit,
    offset,
  );

export type RejectedKey = { refused_at: number; event_id: string };

export const selectRejectedById = (db: UnitDb, eventIds: readonly string[]): Statement<{ event: string }>[] =>
  arrays(
    db,
    `SELECT r.event FROM json_each(?2) i CROSS JOIN refused_events r
     ON r.unit = ?1 AND r.event_id = i.value AND r.status = 'rejected'`,
    eventIds,
  );

/** Newest first, those before the cursor. */
export const selectRejectedBefore = (db: UnitDb, before: RejectedKey, limit: number): Statement<RejectedKey & { event: string }> =>
  db.sql(
    `SELECT event, refused_at, event_id FROM refused_events WHERE unit = ?1 AND status = 'rejected' AND (refused_at, event_id) < (?2, ?3)
     ORDER BY refused_at DESC, event_id DESC LIMIT ?4`,
    before.refused_at,
    before.event_id,
    limit,
  );

export const countRejected = (db: UnitDb): Statement<{ total: number }> =>
  db.sql("SELECT count(*) AS total FROM refused_events WHERE unit = ?1 AND status = 'rejected'");
