import type { Statement, UnitDb } from "../../context";
import { DAY_MS } from "../../time";

const OWN_EVENTS = "SELECT event_id FROM events WHERE unit = ?1 AND lead_id = ?2";

/** What this part keeps of a lead. The events go last: the statements before read them. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql(`DELETE FROM event_keys WHERE unit = ?1 AND event_id IN (${OWN_EVENTS})`, leadId),
  db.sql(`DELETE FROM refused_events WHERE unit = ?1 AND duplicate_of IN (${OWN_EVENTS})`, leadId),
  db.sql(
    `INSERT INTO event_counts (unit, day, type_key, count)
     SELECT ?1, occurred_at / ${DAY_MS}, type_key, -count(*) FROM events WHERE unit = ?1 AND lead_id = ?2 GROUP BY 2, 3
     ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
    leadId,
  ),
  db.sql("DELETE FROM fact_calls WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql("DELETE FROM events WHERE unit = ?1 AND lead_id = ?2", leadId),
];

/**
 * The same for the first `limit` events only, for a lead with more events than fit one batch. `table`: what the statement deletes from.
 */
export function erasesOfFirst(db: UnitDb, leadId: string, limit: number): { table: string | null; statement: Statement<never> }[] {
  const first = "SELECT occurred_at, event_id FROM events WHERE unit = ?1 AND lead_id = ?2 ORDER BY occurred_at, event_id LIMIT ?3";
  const ids = `SELECT event_id FROM (${first})`;
  const sql = (table: string | null, text: string) => ({ table, statement: db.sql<never>(text, leadId, limit) });
  return [
    sql("event_keys", `DELETE FROM event_keys WHERE unit = ?1 AND event_id IN (${ids})`),
    sql("refused_events", `DELETE FROM refused_events WHERE unit = ?1 AND duplicate_of IN (${ids})`),
    sql(
      null,
      `INSERT INTO event_counts (unit, day, type_key, count)
       SELECT ?1, occurred_at / ${DAY_MS}, type_key, -count(*) FROM events
       WHERE unit = ?1 AND lead_id = ?2 AND (occurred_at, event_id) IN (${first}) GROUP BY 2, 3
       ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
    ),
    sql("events", `DELETE FROM events WHERE unit = ?1 AND lead_id = ?2 AND (occurred_at, event_id) IN (${first})`),
  ];
}
