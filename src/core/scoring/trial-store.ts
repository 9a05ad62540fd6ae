/** SQL that reads a lead's events to try a rule on them. Statements only. */
import type { Statement, UnitDb } from "../../context";

/** `bytes`: size of its metadata */
export type EventKey = { occurred_at: number; event_id: string; at: number; bytes: number };

export const TRIAL_SQL = {
  newestOfType: `SELECT occurred_at, event_id, min(occurred_at, received_at) AS at, coalesce(octet_length(metadata), 0) AS bytes
    FROM events WHERE unit = ?1 AND lead_id = ?2 AND type_key = ?3 AND suppression_reason IS NULL ORDER BY occurred_at DESC, event_id DESC LIMIT ?4`,
  metadata: `SELECT min(e.occurred_at, e.received_at) AS at, e.metadata FROM json_each(?3) r
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = ?2 AND e.occurred_at = r.value->>0 AND e.event_id = r.value->>1`,
} as const;

export const selectNewestOfType = (db: UnitDb, leadId: string, typeKey: string, limit: number): Statement<EventKey> =>
  db.sql(TRIAL_SQL.newestOfType, leadId, typeKey, limit);

export const selectMetadata = (
  db: UnitDb,
  leadId: string,
  events: readonly EventKey[],
): Statement<{ at: number; metadata: string | null }> =>
  db.sql(TRIAL_SQL.metadata, leadId, JSON.stringify(events.map(({ occurred_at, event_id }) => [occurred_at, event_id])));
