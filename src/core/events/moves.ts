/** SQL of events that move from one lead to another: by a merge, and back. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { typeKey } from "../scoring";
import { dayOf } from "./range";

/** An event's place in a timeline, and since when it counts. */
export type EventPlace = { lead_id: string; occurred_at: number; event_id: string; received_at: number };

export const MOVE_SQL = {
  ofLeads: `SELECT e.lead_id, e.occurred_at, e.event_id, e.received_at FROM events e
    WHERE e.unit = ?1 AND e.lead_id IN (SELECT value FROM json_each(?2)) ORDER BY e.lead_id, e.occurred_at, e.event_id LIMIT ?3`,
  /** a stretch of a timeline */
  walk: `SELECT e.lead_id, e.occurred_at, e.event_id, e.received_at, e.original_lead_id FROM events e
    WHERE e.unit = ?1 AND e.lead_id = ?2 AND (e.occurred_at, e.event_id) > (?3, ?4) ORDER BY e.occurred_at, e.event_id LIMIT ?5`,
  /** an event that returns to where it was first is as it was */
  move: `UPDATE events SET lead_id = ?4, original_lead_id = nullif(coalesce(original_lead_id, lead_id), ?4)
    WHERE unit = ?1 AND lead_id = ?3 AND (occurred_at, event_id) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
} as const;

export const selectEventsOfLeads = (db: UnitDb, leadIds: readonly string[], limit: number): Statement<EventPlace> =>
  db.sql(MOVE_SQL.ofLeads, JSON.stringify(leadIds), limit);

export const selectTimelineStretch = (
  db: UnitDb,
  leadId: string,
  after: { occurred_at: number; event_id: string },
  limit: number,
): Statement<EventPlace & { original_lead_id: string | null }> => db.sql(MOVE_SQL.walk, leadId, after.occurred_at, after.event_id, limit);

/** The newest events of a timeline, newest first. */
export const selectNewestEvents = (db: UnitDb, leadId: string, limit: number): Statement<{ occurred_at: number; event_id: string }> =>
  db.sql(
    `SELECT occurred_at, event_id FROM events WHERE unit = ?1 AND lead_id = ?2
     ORDER BY occurred_at DESC, event_id DESC LIMIT ?3`,
    leadId,
    limit,
  );

/** Moves these events to another lead, each with the id of the lead that it first belonged to. */
export const moveEvents = (db: UnitDb, from: string, to: string, events: readonly EventPlace[]): Statement<never>[] =>
  jsonArrays(events.map(({ occurred_at, event_id }) => JSON.stringify([occurred_at, event_id]))).map((json) =>
    db.sql(MOVE_SQL.move, json, from, to),
  );

/** An event of our own, which scores nothing and fires nothing. */
export type OwnEvent = {
  lead_id: string;
  event_id: string;
  event_type: string;
  metadata: object;
  at: number;
  score_before: number;
  score_after: number;
};

/** Puts an event of our own on a timeline. */
export function insertOwnEvent(db: UnitDb, event: OwnEvent): Statement<never>[] {
  const type = typeKey(event.event_type);
  return [
    db.sql(
      `INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, metadata, received_at, processed_at, silent, score_before, score_after)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3, ?3, 1, ?8, ?9)`,
      event.lead_id,
      event.at,
      event.event_id,
      event.event_type,
      type,
      JSON.stringify(event.metadata),
      event.score_before,
      event.score_after,
    ),
    db.sql(
      "INSERT INTO event_types (unit, type_key, name, first_seen_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
      type,
      event.event_type,
      event.at,
    ),
    addCount(db, event, 1),
  ];
}

/** Removes it again; its type, too, if it was the only event of the type. */
export function removeOwnEvent(db: UnitDb, event: Pick<OwnEvent, "lead_id" | "event_id" | "event_type" | "at">): Statement<never>[] {
  const type = typeKey(event.event_type);
  return [
    db.sql(
      "DELETE FROM events WHERE unit = ?1 AND lead_id = ?2 AND occurred_at = ?3 AND event_id = ?4",
      event.lead_id,
      event.at,
      event.event_id,
    ),
    addCount(db, event, -1),
    db.sql("DELETE FROM event_counts WHERE unit = ?1 AND day = ?2 AND type_key = ?3 AND count <= 0", dayOf(event.at), type),
    db.sql(
      `DELETE FROM event_types WHERE unit = ?1 AND type_key = ?2 AND first_seen_at = ?3
         AND NOT EXISTS (SELECT 1 FROM event_counts n WHERE n.unit = ?1 AND n.type_key = ?2 AND n.count > 0)`,
      type,
      event.at,
    ),
  ];
}

const addCount = (db: UnitDb, event: Pick<OwnEvent, "event_type" | "at">, count: number): Statement<never> =>
  db.sql(
    `INSERT INTO event_counts (unit, day, type_key, count) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
    dayOf(event.at),
    typeKey(event.event_type),
    count,
  );
