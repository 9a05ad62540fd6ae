/** The types of a unit's events: which exist, the keys of their metadata, and which are hidden. */
import type { z } from "zod";
import type { Ctx, Statement, UnitDb } from "../../context";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { typeKey } from "../scoring";
import { EventTypeChange } from "./schemas";

export type EventType = { name: string; hidden: boolean; event_count: number };
type EventTypeRow = Omit<EventType, "hidden"> & { hidden: number };

/** Types are free text: a mistake of a caller may create any number of them. */
const TYPES_MAX = 1_000;
/** Events whose metadata is read, found among the unit's newest. */
const PROPERTY_EVENTS_MAX = 1_000;
const SEARCHED_EVENTS_MAX = 50_000;

/** The first 1,000 in the order of their names, hidden ones too. One D1 round trip. */
export async function listAllEventTypes(ctx: Ctx): Promise<EventType[]> {
  const rows = await ctx.db.all(selectEventTypes(ctx.db, null, TYPES_MAX));
  return rows.map(readEventType).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Hides a type or shows it again: a hidden one leaves lists and statistics, and no rule scores its new events. Nothing is lost.
 * Throws forbidden, invalid_request, not_found. One D1 round trip.
 */
export async function changeEventType(ctx: Ctx, name: string, given: z.input<typeof EventTypeChange>): Promise<EventType> {
  requireRole(ctx, "editor");
  const { hidden } = parseInput(EventTypeChange, given);
  const key = typeKey(name);
  const [, [row]] = await ctx.db.batch([updateHidden(ctx.db, key, hidden), selectEventTypes(ctx.db, key, 1)]);
  if (!row) throw noSuchEventType(name);
  return readEventType(row);
}

/** The metadata keys of the type's newest events, in their order. Throws not_found. One D1 round trip. */
export async function listEventProperties(ctx: Ctx, name: string): Promise<{ event_type: string; properties: string[] }> {
  const key = typeKey(name);
  const [[type], keys] = await ctx.db.batch([selectEventTypes(ctx.db, key, 1), selectProperties(ctx.db, key)]);
  if (!type) throw noSuchEventType(name);
  return { event_type: type.name, properties: keys.map(({ property }) => property) };
}

const readEventType = ({ hidden, ...row }: EventTypeRow): EventType => ({ ...row, hidden: hidden === 1 });

/** Counts come from kept counters. */
const selectEventTypes = (db: UnitDb, key: string | null, limit: number): Statement<EventTypeRow> =>
  db.sql(
    `SELECT t.name, t.hidden, coalesce(n.count, 0) AS event_count FROM event_types t
     LEFT JOIN (SELECT type_key, sum(count) AS count FROM event_counts WHERE unit = ?1 GROUP BY type_key) n ON n.type_key = t.type_key
     WHERE t.unit = ?1 AND (?2 IS NULL OR t.type_key = ?2) ORDER BY t.type_key LIMIT ?3`,
    key,
    limit,
  );

const updateHidden = (db: UnitDb, key: string, hidden: boolean): Statement<never> =>
  db.sql("UPDATE event_types SET hidden = ?3 WHERE unit = ?1 AND type_key = ?2 AND hidden <> ?3", key, Number(hidden));

const selectProperties = (db: UnitDb, key: string): Statement<{ property: string }> =>
  db.sql(
    `SELECT DISTINCT k.key AS property FROM (
       SELECT n.lead_id, n.occurred_at, n.event_id FROM (
         SELECT lead_id, occurred_at, event_id, type_key FROM events INDEXED BY events_by_time
         WHERE unit = ?1 ORDER BY occurred_at DESC, event_id DESC LIMIT ?4) n
       WHERE n.type_key = ?2 LIMIT ?3) p
     CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = p.lead_id AND e.occurred_at = p.occurred_at AND e.event_id = p.event_id
     CROSS JOIN json_each(e.metadata) k WHERE e.metadata IS NOT NULL ORDER BY k.key LIMIT 1000`,
    key,
    PROPERTY_EVENTS_MAX,
    SEARCHED_EVENTS_MAX,
  );

const noSuchEventType = (name: string): AppError => new AppError("not_found", `Event type not found: ${name.slice(0, 128)}`);
