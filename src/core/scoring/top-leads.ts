/** The highest current scores, without reading every lead: see `lead_scores` in the schema. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import { boundAt, scoreAt } from "./decay";
import { TopLeadsInput } from "./schemas";
import { type LeadScore, type LeadScoreRow, lowerBounds, readLeadScore, selectByBound } from "./store";

export type RankedLead = { lead_id: string; score: number; last_event_at: number };

const LEADS_PER_READ = 200;
/** D1 allows 1,000 queries per request, and each read may cause a write. */
const READS_MAX = 100;
/** After this many reads every bound that is too high is lowered, so that the next ranking gets further. */
const READS_BEFORE_LOWERING_ALL = 10;
/** Before that, a bound is lowered (one written row) only if it is too high by more than this fraction. */
const LOWERING_RATIO = 0.1;
/** Slack for bounds that were stored in SQLite's decimal form. */
const EPSILON = 1e-6;

/**
 * By score, highest first; equal scores by latest activity, among the first 20,000 of them. Usually one D1 round trip.
 * Throws invalid_request, and unavailable if more decayed leads come first than one request can read; their bounds are lowered, so a retry gets further.
 */
export async function topLeads(ctx: Ctx, given: z.input<typeof TopLeadsInput>): Promise<RankedLead[]> {
  const { limit } = parseInput(TopLeadsInput, given);
  const now = ctx.now();
  const ranked: RankedLead[] = [];
  const lowered: { lead_id: string; version: number; bound: number }[] = [];
  let after: { bound: number; lead_id: string } | null = null;
  for (let reads = 1; ; reads++) {
    const rows: (LeadScoreRow & { bound: number })[] = await ctx.db.all(selectByBound(ctx.db, after, LEADS_PER_READ));
    for (const row of rows) {
      const lead = readLeadScore(row);
      ranked.push({ lead_id: lead.lead_id, score: scoreAt(lead.decay, now), last_event_at: lead.last_event_at });
      const newBound = loweredBound(lead, row.bound, now, reads <= READS_BEFORE_LOWERING_ALL ? LOWERING_RATIO : 0);
      if (newBound !== null) lowered.push({ lead_id: lead.lead_id, version: lead.version, bound: newBound });
    }
    ranked.sort((a, b) => b.score - a.score || b.last_event_at - a.last_event_at || (a.lead_id < b.lead_id ? -1 : 1));
    ranked.length = Math.min(ranked.length, limit);
    const last = rows.at(-1);
    const worst = ranked.length === limit ? ranked.at(-1)?.score : undefined;
    // after READS_MAX reads a lead that can only tie is no longer searched for
    const slack = reads < READS_MAX ? EPSILON : -EPSILON;
    const found = !last || rows.length < LEADS_PER_READ || (worst !== undefined && last.bound + slack < worst);
    // only at the end: a lead whose bound falls during the reading would be read twice
    if (found || reads === READS_MAX) await lowerBoundsOf(ctx, lowered);
    if (found) return ranked;
    if (reads === READS_MAX) throw new AppError("unavailable", "The ranking is catching up with decayed scores; try again in a moment");
    after = { bound: last.bound, lead_id: last.lead_id };
  }
}

async function lowerBoundsOf(ctx: Ctx, leads: Parameters<typeof lowerBounds>[1]): Promise<void> {
  const statements = lowerBounds(ctx.db, leads);
  if (statements.length > 0) await ctx.db.batch(statements);
}

function loweredBound(lead: LeadScore, bound: number, now: number, ratio: number): number | null {
  const left = boundAt(lead.decay, now);
  return lead.at <= now && bound - left > Math.abs(bound) * ratio + EPSILON ? left : null;
}
