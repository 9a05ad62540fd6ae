/** Event statistics: counters maintained as events are stored, and leads counted from an index. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { DAY_MS } from "../../time";
import { typeKey } from "../scoring";
import { ALL_DAYS, dayRange, type RangeName } from "./range";
import { countEvents, countLeads, countLeadsEver, selectCountsByDay, selectCountsByType, selectTypes } from "./timeline-store";

export type EventStats = {
  total_events: number;
  total_leads: number;
  events_today: number;
  events_this_week: number;
  top_event_types: { event_type: string; count: number }[];
};

export type EventsAnalytics = {
  total_events: number;
  unique_leads: number;
  /** the 1,000 most frequent types */
  events_by_type: Map<string, number>;
  /** there are more types */
  truncated: boolean;
  /** newest day first; days without events are left out */
  daily_counts: { date: string; count: number }[];
};

const TOP_TYPES_MAX = 10;
/** Types are free text: a mistake of a caller may create any number of them. */
const TYPES_MAX = 1_000;

/** The first 1,000 types in the order of their names, each in the spelling in which it was first seen. */
export async function listEventTypes(ctx: Ctx): Promise<string[]> {
  const rows = await ctx.db.all(selectTypes(ctx.db, TYPES_MAX));
  return rows.map(({ name }) => name).sort();
}

/** Without a range: all time. One D1 round trip. */
export async function eventStats(ctx: Ctx, range: RangeName | undefined): Promise<EventStats> {
  const days = range ? dayRange(range, ctx.now()) : ALL_DAYS;
  const rows = await queryGroups(ctx.db, {
    types: [selectCountsByType(ctx.db, days, null, TOP_TYPES_MAX)],
    total: [countEvents(ctx.db, days, null)],
    leads: [range ? countLeads(ctx.db, days, null) : countLeadsEver(ctx.db)],
    today: [countEvents(ctx.db, dayRange("today", ctx.now()), null)],
    week: [countEvents(ctx.db, dayRange("last_7d", ctx.now()), null)],
  });
  return {
    total_events: rows.total[0]?.total ?? 0,
    total_leads: rows.leads[0]?.leads ?? 0,
    events_today: rows.today[0]?.total ?? 0,
    events_this_week: rows.week[0]?.total ?? 0,
    top_event_types: rows.types,
  };
}

/** One D1 round trip. */
export async function eventsAnalytics(ctx: Ctx, range: RangeName, eventType: string | undefined): Promise<EventsAnalytics> {
  const days = dayRange(range, ctx.now());
  const type = eventType === undefined ? null : typeKey(eventType);
  const rows = await queryGroups(ctx.db, {
    types: [selectCountsByType(ctx.db, days, type, TYPES_MAX + 1)],
    days: [selectCountsByDay(ctx.db, days, type)],
    leads: [countLeads(ctx.db, days, type)],
  });
  return {
    total_events: rows.days.reduce((total, { count }) => total + count, 0),
    unique_leads: rows.leads[0]?.leads ?? 0,
    events_by_type: new Map(rows.types.slice(0, TYPES_MAX).map(({ event_type, count }) => [event_type, count])),
    truncated: rows.types.length > TYPES_MAX,
    daily_counts: rows.days.map(({ day, count }) => ({ date: dateOf(day), count })),
  };
}

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
