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
