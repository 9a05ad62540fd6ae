/** What a trigger would have fired on stored events. Sends nothing, writes nothing. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { DAY_MS } from "../../time";
import { invalidRequest, parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { BEFORE_ALL_EVENTS, type PeriodCount, parsePeriods, periodCounter } from "../scoring";
import { evaluateTrigger, type Firing } from "./evaluate";
import { type HistoryLead, leadHistories } from "./lead-history";
import { NewCondition, SimulationDays } from "./schemas";
import { selectRecentLeads } from "./store";
import type { Trigger } from "./trigger";

export type Simulation = {
  leads_checked: number;
  events_checked: number;
  /** not all leads or events were checked */
  truncated: boolean;
  firings: number;
  /** leads that it would have fired for */
  leads: number;
  samples: (Firing & { lead_id: string })[];
  /** firings, and leads that they are for, in each of the periods that were given */
  periods: PeriodCount[];
};

type Simulated = Pick<Trigger, "trigger_id" | "condition">;

const LEADS_CHECKED_MAX = 500;
/** The newest events, by which the leads are found. */
const EVENTS_SCANNED_MAX = 50_000;
/** Events and contributions in all: about half a second of CPU, and 20 MB if they are all one lead's. */
const ROWS_CHECKED_MAX = 60_000;
const SAMPLES_MAX = 25;

/** On one lead's past, its newest events if there are very many. Throws not_found. */
export async function simulateOnLead(ctx: Ctx, trigger: Simulated, leadId: string): Promise<Simulation> {
  const lead_id = parseLeadId(leadId) ?? "";
  const exists = await ctx.db.all(selectLeadExists(ctx.db, lead_id));
  if (exists.length === 0) throw noSuchLead();
  return simulate(ctx, trigger, [{ lead_id, event_count: Number.POSITIVE_INFINITY }], 0, []);
}

/** On the leads that were active in the last `days`, the most recently active first. Throws invalid_request. */
export async function simulateOnHistory(ctx: Ctx, trigger: Simulated, givenDays: number): Promise<Simulation> {
  const days = parseInput(SimulationDays, givenDays);
  return simulateSince(ctx, trigger, ctx.now() - days * DAY_MS, []);
}

/**
 * Simulates an unsaved condition on the leads that were active since the first of the periods. Throws invalid_request, also for a condition
 * on a segment: past memberships are not stored.
 */
export async function simulateCondition(ctx: Ctx, given: z.input<typeof NewCondition>, starts: readonly number[]): Promise<Simulation> {
  const condition = parseInput(NewCondition, given);
  if (condition.kind === "segment")
    throw invalidRequest([{ path: "kind", message: "must not be segment: who was a member when is not kept" }]);
  const periods = parsePeriods(starts, ctx.now());
  return simulateSince(ctx, { trigger_id: "", condition }, periods[0] ?? ctx.now(), periods);
}

async function simulateSince(ctx: Ctx, trigger: Simulated, since: number, periods: readonly number[]): Promise<Simulation> {
  const leads = await ctx.db.all(selectRecentLeads(ctx.db, since, LEADS_CHECKED_MAX + 1, EVENTS_SCANNED_MAX));
  const found = await simulate(ctx, trigger, leads.slice(0, LEADS_CHECKED_MAX), since, periods);
  const isCut = leads.length > LEADS_CHECKED_MAX || (leads[0]?.scanned ?? 0) >= EVENTS_SCANNED_MAX;
  return { ...found, truncated: found.truncated || isCut };
}

/** Lead by lead, until the rows are used up. */
async function simulate(
  ctx: Ctx,
  trigger: Simulated,
  leads: readonly HistoryLead[],
  since: number,
  periods: readonly number[],
): Promise<Simulation> {
  const found: Simulation = { leads_checked: 0, events_checked: 0, truncated: false, firings: 0, leads: 0, samples: [], periods: [] };
  const counter = periodCounter(periods);
  const always = { ...trigger, active_since: 0 };
  let rows = 0;
  for await (const history of leadHistories(ctx, leads, ROWS_CHECKED_MAX / 2)) {
    const fired = evaluateTrigger(always, history.moments, BEFORE_ALL_EVENTS, []).filter(({ at }) => at >= since);
    rows += history.rows;
    found.leads_checked += 1;
    found.events_checked += history.moments.length;
    found.truncated ||= history.truncated;
    found.firings += fired.length;
    found.leads += fired.length > 0 ? 1 : 0;
    for (const { at } of fired) counter.add(history.lead_id, at);
    const samples = fired.slice(0, SAMPLES_MAX - found.samples.length);
    found.samples.push(...samples.map((firing) => ({ ...firing, lead_id: history.lead_id })));
    if (rows >= ROWS_CHECKED_MAX) break;
  }
  found.truncated ||= found.leads_checked < leads.length;
  return { ...found, periods: counter.counts() };
}
