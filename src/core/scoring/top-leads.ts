/** The highest scores of this moment, without reading every lead: see `lead_scores` in the schema. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { boundAt, scoreAt } from "./curve";
import { type LeadScore, type LeadScoreRow, lowerBounds, readLeadScore, selectByBound } from "./store";

export type RankedLead = { lead_id: string; score: number; last_event_at: number };

const LEADS_PER_READ = 200;
/** D1 answers 1,000 queries of one request, and each read may bring a write. */
const READS_MAX = 100;
/** Behind so many reads every bound that has sunk at all is lowered: the next ranking must get further. */
const THRIFTY_READS = 10;
/** A bound that lies by this part of itself above what is left is worth a written row: the next ranking need not meet the lead again. */
const SINK_RATIO = 0.1;
/** Slack for bounds that went through SQLite's decimal form. */
const EPSILON = 1e-6;

/**
 * By score, highest first; of equal scores the lead that was active last, among the first 20,000 of them. One round trip as a rule.
 * Throws unavailable while more faded leads are in the way than one request can pass: what it has passed, the next need not.
 */
export async function topLeads(ctx: Ctx, limit: number): Promise<RankedLead[]> {
  const now = ctx.now();
  const ranked: RankedLead[] = [];
  const sunk: { lead_id: string; version: number; bound: number }[] = [];
  let after: { bound: number; lead_id: string } | null = null;
  for (let reads = 1; ; reads++) {
    const rows: (LeadScoreRow & { bound: number })[] = await ctx.db.all(selectByBound(ctx.db, after, LEADS_PER_READ));
    for (const row of rows) {
      const lead = readLeadScore(row);
      ranked.push({ lead_id: lead.lead_id, score: scoreAt(lead.curve, now), last_event_at: lead.last_event_at });
      const sinking = sinksTo(lead, row.bound, now, reads <= THRIFTY_READS ? SINK_RATIO : 0);
      if (sinking !== null) sunk.push({ lead_id: lead.lead_id, version: lead.version, bound: sinking });
    }
    ranked.sort((a, b) => b.score - a.score || b.last_event_at - a.last_event_at || (a.lead_id < b.lead_id ? -1 : 1));
    ranked.length = Math.min(ranked.length, limit);
    const last = rows.at(-1);
    const worst = ranked.length === limit ? ranked.at(-1)?.score : undefined;
    // behind READS_MAX a lead that can only be equal is not looked for
    const slack = reads < READS_MAX ? EPSILON : -EPSILON;
    const found = !last || rows.length < LEADS_PER_READ || (worst !== undefined && last.bound + slack < worst);
    // not before: a lead that sinks while others are read would be met again
    if (found || reads === READS_MAX) await sink(ctx, sunk);
    if (found) return ranked;
    if (reads === READS_MAX) throw new AppError("unavailable", "The ranking is catching up with faded scores; try again in a moment");
    after = { bound: last.bound, lead_id: last.lead_id };
  }
}

async function sink(ctx: Ctx, leads: Parameters<typeof lowerBounds>[1]): Promise<void> {
  const statements = lowerBounds(ctx.db, leads);
  if (statements.length > 0) await ctx.db.batch(statements);
}

function sinksTo(lead: LeadScore, bound: number, now: number, ratio: number): number | null {
  const left = boundAt(lead.curve, now);
  return lead.at <= now && bound - left > Math.abs(bound) * ratio + EPSILON ? left : null;
}
