/** What a trigger would have fired on stored events. Sends nothing, writes nothing. */
import type { Ctx } from "../../context";
import { DAY_MS } from "../../time";
import { parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { BEFORE_ALL_EVENTS } from "../scoring";
import { evaluateTrigger, type Firing } from "./evaluate";
import { type HistoryLead, leadHistories } from "./lead-history";
import { SimulationDays } from "./schemas";
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
};

const LEADS_CHECKED_MAX = 500;
/** Events and contributions in all: about half a second of CPU, and 20 MB if they are all one lead's. */
const ROWS_CHECKED_MAX = 60_000;
const SAMPLES_MAX = 25;

/** On one lead's past, its newest events if there are very many. Throws not_found. */
export async function simulateOnLead(ctx: Ctx, trigger: Trigger, leadId: string): Promise<Simulation> {
  const lead_id = parseLeadId(leadId) ?? "";
  const exists = await ctx.db.all(selectLeadExists(ctx.db, lead_id));
  if (exists.length === 0) throw noSuchLead();
  return simulate(ctx, trigger, [{ lead_id, event_count: Number.POSITIVE_INFINITY }], 0);
}

/** On the leads that were active in the last `days`, the most recently active first. Throws invalid_request. */
export async function simulateOnHistory(ctx: Ctx, trigger: Trigger, givenDays: number): Promise<Simulation> {
  const days = parseInput(SimulationDays, givenDays);
  const since = ctx.now() - days * DAY_MS;
  const leads = await ctx.db.all(selectRecentLeads(ctx.db, since, LEADS_CHECKED_MAX + 1));
  const found = await simulate(ctx, trigger, leads.slice(0, LEADS_CHECKED_MAX), since);
  return { ...found, truncated: found.truncated || leads.length > LEADS_CHECKED_MAX };
}

/** Lead by lead, until the rows are used up. */
async function simulate(ctx: Ctx, trigger: Trigger, leads: readonly HistoryLead[], since: number): Promise<Simulation> {
  const found: Simulation = { leads_checked: 0, events_checked: 0, truncated: false, firings: 0, leads: 0, samples: [] };
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
    const samples = fired.slice(0, SAMPLES_MAX - found.samples.length);
    found.samples.push(...samples.map((firing) => ({ ...firing, lead_id: history.lead_id })));
    if (rows >= ROWS_CHECKED_MAX) break;
  }
  found.truncated ||= found.leads_checked < leads.length;
  return found;
}
