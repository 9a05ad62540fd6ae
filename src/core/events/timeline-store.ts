/** SQL that reads events: pages, counts and types. */

import type { Statement, UnitDb } from "../../context";
import { DAY_MS } from "../../time";
import type { SuppressionReason } from "../../vocabulary";
import type { DayRange } from "./range";

const COLUMNS = "e.event_id, e.lead_id, e.event_type, e.metadata, e.occurred_at, e.original_lead_id, e.suppression_reason";

/** of rows `c` of event_counts */
const NOT_HIDDEN = "NOT EXISTS (SELECT 1 FROM event_types h WHERE h.unit = ?1 AND h.type_key = c.type_key AND h.hidden = 1)";

export const TIMELINE_SQL = {
  // the covering index alone decides the page; only then are its events read
  events: `SELECT ${COLUMNS} FROM (
      SELECT lead_id, occurred_at, event_id FROM events INDEXED BY events_by_time
      WHERE unit = ?1 AND occurred_at >= ?2 AND occurred_at < ?3 AND (?4 IS NULL OR type_key = ?4)
      ORDER BY occurred_at DESC, event_id DESC LIMIT ?5 OFFSET ?6) p
    CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = p.lead_id AND e.occurred_at = p.occurred_at AND e.event_id = p.event_id
    ORDER BY e.occurred_at DESC, e.event_id DESC`,
  ofLead: `SELECT ${COLUMNS} FROM events e
    WHERE e.unit = ?1 AND e.lead_id = ?2 AND e.occurred_at >= ?3 AND e.occurred_at < ?4 AND (?5 IS NULL OR e.type_key = ?5)
    ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?6 OFFSET ?7`,
  count:
    "SELECT coalesce(sum(count), 0) AS total FROM event_counts WHERE unit = ?1 AND day >= ?2 AND day <= ?3 AND (?4 IS NULL OR type_key = ?4)",
  countOfLead: `SELECT count(*) AS total FROM events
    WHERE unit = ?1 AND lead_id = ?2 AND occurred_at >= ?3 AND occurred_at < ?4 AND (?5 IS NULL OR type_key = ?5)`,
  countsByType: `SELECT coalesce(t.name, n.type_key) AS event_type, n.count FROM (
      SELECT unit, type_key, sum(count) AS count FROM event_counts c
      WHERE unit = ?1 AND day >= ?2 AND day <= ?3 AND (?4 IS NULL OR type_key = ?4) AND ${NOT_HIDDEN}
      GROUP BY type_key HAVING sum(count) > 0 ORDER BY sum(count) DESC, type_key LIMIT ?5) n
    LEFT JOIN event_types t ON t.unit = n.unit AND t.type_key = n.type_key ORDER BY n.count DESC, n.type_key`,
  countsByDay: `SELECT day, sum(count) AS count FROM event_counts c
    WHERE unit = ?1 AND day >= ?2 AND day <= ?3 AND (?4 IS NULL OR type_key = ?4) AND ${NOT_HIDDEN} GROUP BY day HAVING sum(count) > 0 ORDER BY day DESC`,
  leads: `SELECT count(DISTINCT lead_id) AS leads FROM events INDEXED BY events_by_time
    WHERE unit = ?1 AND occurred_at >= ?2 AND occurred_at < ?3 AND (?4 IS NULL OR type_key = ?4)`,
  leadsEver: "SELECT count(*) AS leads FROM lead_scores WHERE unit = ?1",
  types: "SELECT name FROM event_types WHERE unit = ?1 AND hidden = 0 ORDER BY type_key LIMIT ?2",
} as const;

/** `metadata`: JSON. */
export type TimelineRow = {
  event_id: string;
  lead_id: string;
  event_type: string;
  metadata: string | null;
  occurred_at: number;
  original_lead_id: string | null;
  suppression_reason: SuppressionReason | null;
};

const span = ({ first, last }: DayRange): [from: number, until: number] => [first * DAY_MS, (last + 1) * DAY_MS];

export const selectEvents = (db: UnitDb, days: DayRange, type: string | null, limit: number, offset: number): Statement<TimelineRow> =>
  db.sql(TIMELINE_SQL.events, ...span(days), type, limit, offset);

export const selectEventsOfLead = (
  db: UnitDb,
  leadId: string,
  days: DayRange,
  type: string | null,
  limit: number,
  offset: number,
): Statement<TimelineRow> => db.sql(TIMELINE_SQL.ofLead, leadId, ...span(days), type, limit, offset);

export const countEvents = (db: UnitDb, days: DayRange, type: string | null): Statement<{ total: number }> =>
  db.sql(TIMELINE_SQL.count, days.first, days.last, type);

export const countEventsOfLead = (db: UnitDb, leadId: string, days: DayRange, type: string | null): Statement<{ total: number }> =>
  db.sql(TIMELINE_SQL.countOfLead, leadId, ...span(days), type);

/** Maintained counters by type, the most frequent types first. */
export const selectCountsByType = (
  db: UnitDb,
  days: DayRange,
  type: string | null,
  limit: number,
): Statement<{ event_type: string; count: number }> => db.sql(TIMELINE_SQL.countsByType, days.first, days.last, type, limit);

/** Maintained counters by day, newest first. */
export const selectCountsByDay = (db: UnitDb, days: DayRange, type: string | null): Statement<{ day: number; count: number }> =>
  db.sql(TIMELINE_SQL.countsByDay, days.first, days.last, type);

/** How many leads had an event, from the covering index alone. */
export const countLeads = (db: UnitDb, days: DayRange, type: string | null): Statement<{ leads: number }> =>
  db.sql(TIMELINE_SQL.leads, ...span(days), type);

/** How many leads ever had an event: reads one row per lead. */
export const countLeadsEver = (db: UnitDb): Statement<{ leads: number }> => db.sql(TIMELINE_SQL.leadsEver);

export const selectTypes = (db: UnitDb, limit: number): Statement<{ name: string }> => db.sql(TIMELINE_SQL.types, limit);
