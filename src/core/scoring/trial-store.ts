/** SQL that reads events to try a rule on them. Statements only. */
import type { Statement, UnitDb } from "../../context";

/** `bytes`: size of its metadata */
export type EventKey = { lead_id: string; occurred_at: number; event_id: string; at: number; bytes: number };

const KEY = "e.lead_id, e.occurred_at, e.event_id, min(e.occurred_at, e.received_at) AS at, coalesce(octet_length(e.metadata), 0) AS bytes";

export const TRIAL_SQL = {
  newestOfType: `SELECT ${KEY}
    FROM events e WHERE e.unit = ?1 AND e.lead_id = ?2 AND e.type_key = ?3 AND e.suppression_reason IS NULL
    ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?4`,
  metadata: `SELECT e.lead_id, min(e.occurred_at, e.received_at) AS at, e.metadata FROM json_each(?2) r
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = r.value->>0 AND e.occurred_at = r.value->>1 AND e.event_id = r.value->>2`,
} as const;

export const HISTORY_TRIAL_SQL = {
  /** of the unit's newest events, those of a type: no index has the type alone */
  recentOfType: `SELECT ${KEY}
    FROM (SELECT lead_id, occurred_at, event_id, type_key FROM events INDEXED BY events_by_time
      WHERE unit = ?1 AND occurred_at >= ?3 ORDER BY occurred_at DESC, event_id DESC LIMIT ?4) n
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = n.lead_id AND e.occurred_at = n.occurred_at AND e.event_id = n.event_id
    WHERE n.type_key = ?2 AND e.suppression_reason IS NULL LIMIT ?5`,
  eventsSince: `SELECT count(*) AS count FROM (
    SELECT 1 FROM events INDEXED BY events_by_time WHERE unit = ?1 AND occurred_at >= ?2 LIMIT ?3)`,
} as const;

export const selectNewestOfType = (db: UnitDb, leadId: string, typeKey: string, limit: number): Statement<EventKey> =>
  db.sql(TRIAL_SQL.newestOfType, leadId, typeKey, limit);

/** `searched`: events of all types that are looked at, the newest first; `limit`: of the type that are returned. */
export const selectRecentOfType = (
  db: UnitDb,
  typeKey: string,
  since: number,
  { searched, limit }: { searched: number; limit: number },
): Statement<EventKey> => db.sql(HISTORY_TRIAL_SQL.recentOfType, typeKey, since, searched, limit);

/** Counts no further than `max`. */
export const countEventsSince = (db: UnitDb, since: number, max: number): Statement<{ count: number }> =>
  db.sql(HISTORY_TRIAL_SQL.eventsSince, since, max);

export const selectMetadata = (
  db: UnitDb,
  events: readonly EventKey[],
): Statement<{ lead_id: string; at: number; metadata: string | null }> =>
  db.sql(TRIAL_SQL.metadata, JSON.stringify(events.map(({ lead_id, occurred_at, event_id }) => [lead_id, occurred_at, event_id])));
