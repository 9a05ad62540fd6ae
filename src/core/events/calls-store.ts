/** SQL of calls: events that only state something of their leads, each once for its lifetime. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { QueuedEvent } from "./event";

export const CALL_SQL = {
  known: "SELECT f.event_id FROM json_each(?2) r CROSS JOIN fact_calls f ON f.unit = ?1 AND f.event_id = r.value",
  insert: `INSERT INTO fact_calls (unit, event_id, call, lead_id, received_at, processed_at, resolved)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, max(?3, CAST(unixepoch('subsec') * 1000 AS INTEGER)), value->>4 FROM json_each(?2)`,
  accept: "DELETE FROM refused_events WHERE unit = ?1 AND event_id IN (SELECT value FROM json_each(?2))",
} as const;

const arrays = <Row>(db: UnitDb, sql: string, items: readonly unknown[], ...params: number[]): Statement<Row>[] =>
  jsonArrays(items.map((item) => JSON.stringify(item))).map((json) => db.sql<Row>(sql, json, ...params));

export const selectKnownCalls = (db: UnitDb, eventIds: readonly string[]): Statement<{ event_id: string }>[] =>
  arrays(db, CALL_SQL.known, eventIds);

/** Rolls back its batch if one of them is already stored. `traces` by event id. */
export const insertCalls = (
  db: UnitDb,
  calls: readonly { event: QueuedEvent; lead_id: string }[],
  traces: ReadonlyMap<string, string>,
  now: number,
): Statement<never>[] => {
  const ids = calls.map(({ event }) => event.event_id);
  const rows = calls.map(({ event, lead_id }) => [
    event.event_id,
    event.call,
    lead_id,
    event.received_at,
    traces.get(event.event_id) ?? null,
  ]);
  return [...arrays<never>(db, CALL_SQL.insert, rows, now), ...arrays<never>(db, CALL_SQL.accept, ids)];
};

type CallRow = { lead_id: string; received_at: number; processed_at: number; resolved: string | null };

export const selectCall = (db: UnitDb, eventId: string): Statement<CallRow> =>
  db.sql("SELECT lead_id, received_at, processed_at, resolved FROM fact_calls WHERE unit = ?1 AND event_id = ?2", eventId);
