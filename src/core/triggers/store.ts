/** SQL of triggers and their firings. Statements only: the verbs decide which of them run together. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { TriggerKind } from "../../vocabulary";
import type { Firing, Moment } from "./evaluate";
import type { FiringPageRow } from "./firing-list-store";
import type { PlannedFirings } from "./plan-firings";
import type { Trigger } from "./trigger";

export const TRIGGER_SQL = {
  // named: SQLite would search the primary key, which holds deleted triggers too
  active: "SELECT * FROM triggers INDEXED BY triggers_living WHERE unit = ?1 AND active = 1 AND deleted_at IS NULL ORDER BY trigger_id",
  activeOfSegments: `SELECT * FROM triggers INDEXED BY triggers_living WHERE unit = ?1 AND active = 1 AND deleted_at IS NULL
    AND kind = 'segment' ORDER BY trigger_id`,
  /** `r` is [lead id, time]; `+` keeps SQLite from searching all firings of that time */
  firings: `SELECT f.lead_id, f.trigger_id, f.n, f.event_id, f.event_type, f.fired_at AS at, f.score
    FROM json_each(?2) r CROSS JOIN triggers t INDEXED BY triggers_living ON t.unit = ?1 AND t.active = 1 AND t.deleted_at IS NULL AND t.kind <> 'segment'
    CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = r.value->>0 AND f.trigger_id = t.trigger_id AND f.n >= max(
      coalesce((SELECT g.n FROM firings g WHERE g.unit = ?1 AND g.lead_id = r.value->>0 AND g.trigger_id = t.trigger_id
        AND +g.fired_at < r.value->>1 ORDER BY g.n DESC LIMIT 1), 0),
      coalesce((SELECT max(g.n) FROM firings g WHERE g.unit = ?1 AND g.lead_id = r.value->>0 AND g.trigger_id = t.trigger_id), 0) - ?3)
    ORDER BY f.lead_id, f.trigger_id, f.n LIMIT ?4`,
  writeFirings: `INSERT INTO firings (unit, lead_id, trigger_id, n, kind, event_id, event_type, fired_at, score)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id, trigger_id, n) DO UPDATE SET
      event_id = excluded.event_id, event_type = excluded.event_type, fired_at = excluded.fired_at, score = excluded.score`,
  removeFirings: `DELETE FROM firings WHERE unit = ?1 AND (lead_id, trigger_id, n) IN (
    SELECT f.lead_id, f.trigger_id, f.n FROM json_each(?2) r
    CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = r.value->>0 AND f.trigger_id = r.value->>1 AND f.n >= r.value->>2)`,
} as const;

/** Those of segments. */
export const selectActiveSegmentTriggers = (db: UnitDb): Statement<TriggerRow> => db.sql(TRIGGER_SQL.activeOfSegments);

export type TriggerRow = {
  trigger_id: string;
  kind: TriggerKind;
  name: string;
  active: number;
  active_since: number;
  condition: string;
  destination: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
};

export const readTrigger = (row: TriggerRow): Trigger => ({
  trigger_id: row.trigger_id,
  name: row.name,
  active: row.active === 1,
  active_since: row.active_since,
  condition: { kind: row.kind, ...JSON.parse(row.condition) },
  destination: JSON.parse(row.destination),
  created_at: row.created_at,
  updated_at: row.updated_at,
});

export const selectActiveTriggers = (db: UnitDb): Statement<TriggerRow> => db.sql(TRIGGER_SQL.active);

/**
 * Firings of active triggers, each trigger's in the order of their numbers: those at or after a lead's time and the last one before it, but
 * no more than the newest `max` + 1 of each, and `rowsMax` of all; -1: no limit.
 */
export const selectFirings = (
  db: UnitDb,
  leads: readonly (readonly [leadId: string, from: number])[],
  max: number,
  rowsMax: number,
): Statement<FiringRow>[] =>
  jsonArrays(leads.map((lead) => JSON.stringify(lead))).map((json) => db.sql(TRIGGER_SQL.firings, json, max, rowsMax));

export type FiringRow = Firing & { lead_id: string };

export function firingWrites(db: UnitDb, plans: readonly PlannedFirings[]): Statement<never>[] {
  const removals = plans.flatMap(({ lead_id, removals }) =>
    removals.map(({ trigger_id, from }) => JSON.stringify([lead_id, trigger_id, from])),
  );
  const upserts = plans.flatMap(({ lead_id, upserts }) =>
    upserts.map((f) => JSON.stringify([lead_id, f.trigger_id, f.n, f.kind, f.event_id, f.event_type, f.at, f.score])),
  );
  return [
    ...jsonArrays(removals).map((json) => db.sql<never>(TRIGGER_SQL.removeFirings, json)),
    ...jsonArrays(upserts).map((json) => db.sql<never>(TRIGGER_SQL.writeFirings, json)),
  ];
}

/** `kind`: null for all. */
export const selectTriggers = (db: UnitDb, kind: TriggerKind | null): Statement<TriggerRow> =>
  db.sql(
    "SELECT * FROM triggers WHERE unit = ?1 AND (?2 IS NULL OR kind = ?2) AND deleted_at IS NULL ORDER BY created_at, trigger_id",
    kind,
  );

export const selectTrigger = (db: UnitDb, kind: TriggerKind, triggerId: string): Statement<TriggerRow> =>
  db.sql("SELECT * FROM triggers WHERE unit = ?1 AND trigger_id = ?3 AND kind = ?2 AND deleted_at IS NULL", kind, triggerId);

export const insertTrigger = (db: UnitDb, trigger: Trigger): Statement<never> =>
  db.sql(
    `INSERT INTO triggers (unit, trigger_id, kind, name, active, active_since, condition, destination, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
    trigger.trigger_id,
    trigger.condition.kind,
    ...writtenColumns(trigger),
    trigger.created_at,
    trigger.updated_at,
  );

export const updateTrigger = (db: UnitDb, trigger: Trigger): Statement<never> =>
  db.sql(
    `UPDATE triggers SET name = ?3, active = ?4, active_since = ?5, condition = ?6, destination = ?7, updated_at = ?8
     WHERE unit = ?1 AND trigger_id = ?2`,
    trigger.trigger_id,
    ...writtenColumns(trigger),
    trigger.updated_at,
  );

/** Rolls back its batch if the trigger has changed since it was read: every change moves `updated_at`. */
export const triggerIsAsRead = (db: UnitDb, { trigger_id, updated_at }: Trigger): Statement<never> =>
  db.sql(
    guardSql(
      "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM triggers WHERE unit = ?1 AND trigger_id = ?2 AND updated_at = ?3 AND deleted_at IS NULL)",
    ),
    trigger_id,
    updated_at,
  );

/** Returns the trigger's id if there was one to remove. */
export const removeTrigger = (db: UnitDb, triggerId: string, now: number): Statement<{ trigger_id: string }> =>
  db.sql(
    "UPDATE triggers SET deleted_at = ?3, active = 0 WHERE unit = ?1 AND trigger_id = ?2 AND deleted_at IS NULL RETURNING trigger_id",
    triggerId,
    now,
  );

export const selectDeletedTrigger = (db: UnitDb, kind: TriggerKind, triggerId: string): Statement<TriggerRow> =>
  db.sql("SELECT * FROM triggers WHERE unit = ?1 AND trigger_id = ?3 AND kind = ?2 AND deleted_at IS NOT NULL", kind, triggerId);

/** Rolls its batch back unless the trigger is deleted; before `updateTrigger`. */
export const unremoveTrigger = (db: UnitDb, triggerId: string): [guard: Statement<never>, update: Statement<never>] => [
  db.sql(guardSql("SELECT 1 FROM triggers WHERE unit = ?1 AND trigger_id = ?2 AND deleted_at IS NULL"), triggerId),
  db.sql("UPDATE triggers SET deleted_at = NULL WHERE unit = ?1 AND trigger_id = ?2", triggerId),
];

const writtenColumns = ({ name, active, active_since, condition: { kind: _, ...condition }, destination }: Trigger) =>
  [name, active ? 1 : 0, active_since, JSON.stringify(condition), JSON.stringify(destination)] as const;

/** The newest of a lead; `destination`: null for a trigger that is gone. */
export const selectFiringsOfLead = (db: UnitDb, leadId: string, limit: number): Statement<FiringPageRow & { destination: string | null }> =>
  db.sql(
    `SELECT f.trigger_id, f.kind, coalesce(t.name, '') AS trigger_name, f.lead_id, f.n, f.score, f.event_id, f.event_type, f.fired_at, t.destination
     FROM firings f LEFT JOIN triggers t ON t.unit = f.unit AND t.trigger_id = f.trigger_id
     WHERE f.unit = ?1 AND f.lead_id = ?2 ORDER BY +f.fired_at DESC, f.trigger_id DESC, f.n DESC LIMIT ?3`,
    leadId,
    limit,
  );

/**
 * Leads of the newest `eventsMax` events since then, the most recently active first; `event_count`: of all their events, `scanned`: of all
 * those newest events.
 */
export const selectRecentLeads = (
  db: UnitDb,
  since: number,
  limit: number,
  eventsMax: number,
): Statement<{ lead_id: string; event_count: number; scanned: number }> =>
  db.sql(
    `SELECT r.lead_id, coalesce(s.event_count, 0) AS event_count, r.scanned FROM (
       SELECT lead_id, max(occurred_at) AS last, sum(count(*)) OVER () AS scanned FROM (
         SELECT lead_id, occurred_at FROM events INDEXED BY events_by_time
         WHERE unit = ?1 AND occurred_at >= ?2 ORDER BY occurred_at DESC LIMIT ?4)
       GROUP BY lead_id ORDER BY last DESC, lead_id LIMIT ?3) r
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.lead_id ORDER BY r.last DESC, r.lead_id`,
    since,
    limit,
    eventsMax,
  );

export type MomentRow = Omit<Moment, "silent" | "before" | "after"> & { occurred_at: number };

/** Events of a lead before a place in its timeline, newest first, without metadata. */
export const selectMoments = (
  db: UnitDb,
  leadId: string,
  before: { occurred_at: number; event_id: string } | null,
  limit: number,
): Statement<MomentRow> =>
  db.sql(
    `SELECT event_id, occurred_at, min(occurred_at, received_at) AS at, event_type, type_key, received_at FROM events
     WHERE unit = ?1 AND lead_id = ?2 AND (occurred_at, event_id) < (?3, ?4) AND suppression_reason IS NULL ORDER BY occurred_at DESC, event_id DESC LIMIT ?5`,
    leadId,
    before?.occurred_at ?? Number.MAX_SAFE_INTEGER,
    before?.event_id ?? "",
    limit,
  );

/** At most `limit` events of these leads in all, without metadata. */
export const selectMomentsOf = (db: UnitDb, leadIds: readonly string[], limit: number): Statement<MomentRow & { lead_id: string }> =>
  db.sql(
    `SELECT e.lead_id, e.event_id, e.occurred_at, min(e.occurred_at, e.received_at) AS at, e.event_type, e.type_key, e.received_at
     FROM json_each(?2) r CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = r.value AND e.suppression_reason IS NULL LIMIT ?3`,
    JSON.stringify(leadIds),
    limit,
  );
