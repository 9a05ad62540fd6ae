/** SQL of triggers and their firings. Statements only: verbs decide what runs together. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { Firing } from "./evaluate";
import type { PlannedFirings } from "./plan-firings";
import type { Condition, Destination, Trigger, TriggerKind } from "./trigger";

export const TRIGGER_SQL = {
  active: "SELECT * FROM triggers WHERE unit = ?1 AND active = 1 AND deleted_at IS NULL ORDER BY trigger_id",
  firings: `SELECT f.lead_id, f.trigger_id, f.n, f.event_id, f.event_type, f.fired_at AS at, f.score
    FROM json_each(?2) r CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = r.value ORDER BY f.lead_id, f.trigger_id, f.n`,
  writeFirings: `INSERT INTO firings (unit, lead_id, trigger_id, n, kind, event_id, event_type, fired_at, score)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id, trigger_id, n) DO UPDATE SET
      event_id = excluded.event_id, event_type = excluded.event_type, fired_at = excluded.fired_at, score = excluded.score`,
  removeFirings: `DELETE FROM firings WHERE unit = ?1 AND (lead_id, trigger_id, n) IN (
    SELECT f.lead_id, f.trigger_id, f.n FROM json_each(?2) r
    CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = r.value->>0 AND f.trigger_id = r.value->>1 AND f.n >= r.value->>2)`,
} as const;

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
  condition: { kind: row.kind, ...JSON.parse(row.condition) } as Condition,
  destination: JSON.parse(row.destination) as Destination,
  created_at: row.created_at,
  updated_at: row.updated_at,
});

export const selectActiveTriggers = (db: UnitDb): Statement => db.sql(TRIGGER_SQL.active);

/** All firings of these leads, each trigger's in the order of their numbers. */
export const selectFirings = (db: UnitDb, leadIds: readonly string[]): Statement[] =>
  jsonArrays(leadIds.map((id) => JSON.stringify(id))).map((json) => db.sql(TRIGGER_SQL.firings, json));

export type FiringRow = Firing & { lead_id: string };

export function firingWrites(db: UnitDb, plans: readonly PlannedFirings[]): Statement[] {
  const removals = plans.flatMap(({ lead_id, removals }) =>
    removals.map(({ trigger_id, from }) => JSON.stringify([lead_id, trigger_id, from])),
  );
  const upserts = plans.flatMap(({ lead_id, upserts }) =>
    upserts.map((f) => JSON.stringify([lead_id, f.trigger_id, f.n, f.kind, f.event_id, f.event_type, f.at, f.score])),
  );
  return [
    ...jsonArrays(removals).map((json) => db.sql(TRIGGER_SQL.removeFirings, json)),
    ...jsonArrays(upserts).map((json) => db.sql(TRIGGER_SQL.writeFirings, json)),
  ];
}
