/** Tries a rule on the unit's recent events: whom would it have given points? Nothing is written. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { parseInput } from "../../validation";
import { decayed, scoreAt } from "./decay";
import { type Level, levelOf, selectLevels } from "./levels";
import { type PeriodCount, parsePeriods, periodCounter } from "./periods";
import { halfLifeMs, typeKey } from "./rule";
import { TriedRule } from "./schemas";
import { readLeadScore, selectScores } from "./store";
import { matchEvents } from "./trial-events";
import { countEventsSince, selectRecentOfType } from "./trial-store";

/** What the rule would have added to a lead, as much of it as would be left now. */
type TriedLead = { lead_id: string; points: number; current_score: number; projected_score: number };

export type HistoryTrial = {
  /** events of the rule's type that were looked at */
  events_checked: number;
  matching_events: number;
  leads: number;
  /** there are more events than were looked at: the numbers are lower bounds */
  truncated: boolean;
  periods: PeriodCount[];
  /** the leads it would have given points, by level as they are and as they would be */
  levels: LevelMove[];
  /** those it would give most, or take most from */
  samples: TriedLead[];
};

/** Newest events that are searched, and those of the rule's type that it is tried on. */
const SEARCHED_EVENTS_MAX = 50_000;
const EVENTS_MAX = 5_000;
const SAMPLES_MAX = 10;

/**
 * `starts`: the periods in which events are counted, and from when on. Throws invalid_request. Two D1 round trips; with attribute filters,
 * at most 11 more.
 */
export async function testRuleOnHistory(ctx: Ctx, given: z.input<typeof TriedRule>, starts: readonly number[]): Promise<HistoryTrial> {
  const rule = parseInput(TriedRule, given);
  const now = ctx.now();
  const periods = parsePeriods(starts, now);
  const since = periods[0] ?? now;
  const rows = await queryGroups(ctx.db, {
    events: [selectRecentOfType(ctx.db, typeKey(rule.event_type), since, { searched: SEARCHED_EVENTS_MAX, limit: EVENTS_MAX + 1 })],
    searched: [countEventsSince(ctx.db, since, SEARCHED_EVENTS_MAX + 1)],
    levels: [selectLevels(ctx.db)],
  });
  const { tried, matching } = await matchEvents(ctx, rule, rows.events.slice(0, EVENTS_MAX));
  const counter = periodCounter(periods);
  const points = new Map<string, number>();
  for (const { lead_id, at } of matching) {
    counter.add(lead_id, at);
    points.set(lead_id, (points.get(lead_id) ?? 0) + decayed(rule.weight, halfLifeMs(rule.half_life_days), now - at));
  }
  const leads = await scoredLeads(ctx, points, now);
  return {
    events_checked: tried,
    matching_events: matching.length,
    leads: points.size,
    truncated: tried < rows.events.length || (rows.searched[0]?.count ?? 0) > SEARCHED_EVENTS_MAX,
    periods: counter.counts(),
    levels: levelMoves(leads, rows.levels),
    samples: leads.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, SAMPLES_MAX),
  };
}

async function scoredLeads(ctx: Ctx, points: ReadonlyMap<string, number>, now: number): Promise<TriedLead[]> {
  const statements = selectScores(ctx.db, [...points.keys()]);
  const rows = statements.length === 0 ? [] : (await ctx.db.batch(statements)).flat();
  const scores = new Map(rows.map((row) => [row.lead_id, scoreAt(readLeadScore(row).decay, now)]));
  return [...points].map(([lead_id, added]) => {
    const current_score = scores.get(lead_id) ?? 0;
    return { lead_id, points: added, current_score, projected_score: current_score + added };
  });
}

/** How many leads have a level, and how many would; null: no level. */
export type LevelMove = { level: Pick<Level, "level_id" | "name"> | null; before: number; after: number };
type Moved = Pick<TriedLead, "current_score" | "projected_score">;

/** Pure. */
export function levelMoves(leads: readonly Moved[], levels: readonly Level[]): LevelMove[] {
  const places = [...levels, null];
  const count = (score: (lead: Moved) => number): Map<Level | null, number> => {
    const found = new Map<Level | null, number>();
    for (const lead of leads) {
      const level = levelOf(levels, score(lead)) ?? null;
      found.set(level, (found.get(level) ?? 0) + 1);
    }
    return found;
  };
  const [before, after] = [count((lead) => lead.current_score), count((lead) => lead.projected_score)];
  return places.map((level) => ({
    level: level && { level_id: level.level_id, name: level.name },
    before: before.get(level) ?? 0,
    after: after.get(level) ?? 0,
  }));
}
