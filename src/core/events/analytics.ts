/** Event statistics: counters maintained as events are stored, and leads counted from an index. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { DAY_MS } from "../../time";
import { typeKey } from "../scoring";
import { ALL_DAYS, dayRange, type RangeName } from "./range";
import { countEvents, countLeads, countLeadsEver, selectCounts, selectTypes } from "./timeline-store";

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
  events_by_type: Map<string, number>;
  /** newest day first; days without events are left out */
  daily_counts: { date: string; count: number }[];
};

type CountRow = { day: number; event_type: string; count: number };
const TOP_TYPES_MAX = 10;

/** Each type in the spelling in which it was first seen. */
export async function listEventTypes(ctx: Ctx): Promise<string[]> {
  return (await ctx.db.all<{ name: string }>(selectTypes(ctx.db))).map(({ name }) => name);
}

/** Without a range: all time. One D1 round trip. */
export async function eventStats(ctx: Ctx, range: RangeName | undefined): Promise<EventStats> {
  const days = range ? dayRange(range, ctx.now()) : ALL_DAYS;
  const rows = await queryGroups(ctx.db, {
    counts: [selectCounts(ctx.db, days, null)],
    leads: [range ? countLeads(ctx.db, days, null) : countLeadsEver(ctx.db)],
    today: [countEvents(ctx.db, dayRange("today", ctx.now()), null)],
    week: [countEvents(ctx.db, dayRange("last_7d", ctx.now()), null)],
  });
  const byType = sums(rows.counts as CountRow[], ({ event_type }) => event_type);
  return {
    total_events: sum(byType),
    total_leads: (rows.leads as { leads: number }[])[0]?.leads ?? 0,
    events_today: (rows.today as { total: number }[])[0]?.total ?? 0,
    events_this_week: (rows.week as { total: number }[])[0]?.total ?? 0,
    top_event_types: byCount(byType).slice(0, TOP_TYPES_MAX),
  };
}

/** One D1 round trip. */
export async function eventsAnalytics(ctx: Ctx, range: RangeName, eventType: string | undefined): Promise<EventsAnalytics> {
  const days = dayRange(range, ctx.now());
  const type = eventType === undefined ? null : typeKey(eventType);
  const rows = await queryGroups(ctx.db, { counts: [selectCounts(ctx.db, days, type)], leads: [countLeads(ctx.db, days, type)] });
  const counts = rows.counts as CountRow[];
  const byType = sums(counts, ({ event_type }) => event_type);
  return {
    total_events: sum(byType),
    unique_leads: (rows.leads as { leads: number }[])[0]?.leads ?? 0,
    events_by_type: new Map(byCount(byType).map(({ event_type, count }) => [event_type, count])),
    daily_counts: [...sums(counts, ({ day }) => dateOf(day))].map(([date, count]) => ({ date, count })),
  };
}

function sums(rows: readonly CountRow[], keyOf: (row: CountRow) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) if (row.count > 0) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.count);
  return sums;
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((total, count) => total + count, 0);

const byCount = (counts: ReadonlyMap<string, number>): { event_type: string; count: number }[] =>
  [...counts]
    .map(([event_type, count]) => ({ event_type, count }))
    .sort((a, b) => b.count - a.count || (a.event_type < b.event_type ? -1 : 1));

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
