/** What a trigger would have fired on events that are already there. Sends nothing, writes nothing. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { DAY_MS } from "../../time";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import {
  BEFORE_ALL_EVENTS,
  type Contribution,
  compareCursors,
  replay,
  selectContributions,
  stepsOf,
  stepsWithoutContributions,
} from "../scoring";
import { evaluateTrigger, type Firing, type Moment } from "./evaluate";
import { selectMoments, selectRecentLeads } from "./store";
import type { Trigger } from "./trigger";

export type Simulation = {
  leads_checked: number;
  /** the leads checked are not all that there are */
  truncated: boolean;
  firings: (Firing & { lead_id: string })[];
};

const LEADS_CHECKED_MAX = 500;

type MomentRow = Omit<Moment, "silent" | "before" | "after"> & { lead_id: string; silent: number };

/** On one lead's whole past. Throws not_found. */
export async function simulateOnLead(ctx: Ctx, trigger: Trigger, leadId: string): Promise<Simulation> {
  const lead_id = parseLeadId(leadId) ?? "";
  const exists = await ctx.db.all(selectLeadExists(ctx.db, lead_id));
  if (exists.length === 0) throw noSuchLead();
  return { leads_checked: 1, truncated: false, firings: await simulate(ctx, trigger, [lead_id], 0) };
}

/** On the leads that were active in the last `days`, the most recent first. */
export async function simulateOnHistory(ctx: Ctx, trigger: Trigger, days: number): Promise<Simulation> {
  const since = ctx.now() - days * DAY_MS;
  const leads = await ctx.db.all<{ lead_id: string }>(selectRecentLeads(ctx.db, since, LEADS_CHECKED_MAX + 1));
  const checked = leads.slice(0, LEADS_CHECKED_MAX).map(({ lead_id }) => lead_id);
  return {
    leads_checked: checked.length,
    truncated: leads.length > checked.length,
    firings: await simulate(ctx, trigger, checked, since),
  };
}

async function simulate(ctx: Ctx, trigger: Trigger, leadIds: readonly string[], since: number): Promise<Simulation["firings"]> {
  if (leadIds.length === 0) return [];
  const rows = await queryGroups(ctx.db, { moments: selectMoments(ctx.db, leadIds), contributions: selectContributions(ctx.db, leadIds) });
  const contributions = Map.groupBy(rows.contributions as (Contribution & { lead_id: string })[], ({ lead_id }) => lead_id);
  const moments = Map.groupBy(rows.moments as MomentRow[], ({ lead_id }) => lead_id);
  const always = { ...trigger, active_since: 0 };
  return leadIds.flatMap((lead_id) => {
    const events = moments.get(lead_id) ?? [];
    const steps = stepsOf(contributions.get(lead_id) ?? []);
    const { scores } = replay(
      { decay: [], end: BEFORE_ALL_EVENTS },
      [...steps, ...stepsWithoutContributions(events, steps)].sort(compareCursors),
    );
    const history = events.map(
      (row): Moment => ({
        ...row,
        silent: false,
        ...(scores.get(row.event_id) ?? { before: 0, after: 0 }),
      }),
    );
    const fired = evaluateTrigger(always, history.sort(compareCursors), BEFORE_ALL_EVENTS, []);
    return fired.filter(({ at }) => at >= since).map((firing) => ({ ...firing, lead_id }));
  });
}
