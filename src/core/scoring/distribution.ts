/** How many leads have which score now. */
import type { Ctx } from "../../context";
import { scoreAt } from "./decay";
import { readLeadScore, selectByBound } from "./store";

/** Folded scores of one read: about 1 MB. */
const LEADS_READ_MAX = 5_000;
const BINS_MAX = 20;

/** `from` inclusive, `to` exclusive. */
export type ScoreBin = { from: number; to: number; leads: number };
export type ScoreDistribution = {
  /** equal ranges without a gap, lowest first */
  bins: ScoreBin[];
  /** that are counted: with an event, and the highest scores if there are more than 5,000 */
  leads: number;
  /** from this score on every lead is counted; null: every lead with an event is */
  complete_from: number | null;
};

/** The scores of the moment, in at most 20 ranges. One D1 round trip, at most 5,000 rows. */
export async function scoreDistribution(ctx: Ctx): Promise<ScoreDistribution> {
  const rows = await ctx.db.all(selectByBound(ctx.db, null, LEADS_READ_MAX));
  const now = ctx.now();
  const scores = rows.map((row) => scoreAt(readLeadScore(row).decay, now));
  const last = rows.length === LEADS_READ_MAX ? rows.at(-1) : undefined;
  return { bins: binsOf(scores), leads: scores.length, complete_from: last ? Math.ceil(last.bound) : null };
}

/** Pure. The ranges are 1, 2 or 5 times a power of ten wide, and begin at 0 unless a score is negative. */
export function binsOf(scores: readonly number[]): ScoreBin[] {
  if (scores.length === 0) return [];
  const lowest = scores.reduce((least, score) => Math.min(least, score), 0);
  const highest = scores.reduce((most, score) => Math.max(most, score), 0);
  const width = widthOf((highest - lowest) / (BINS_MAX - 1));
  const first = Math.floor(lowest / width);
  const counts = new Array<number>(Math.floor(highest / width) - first + 1).fill(0);
  for (const score of scores) {
    const at = Math.floor(score / width) - first;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((leads, at) => ({ from: (first + at) * width, to: (first + at + 1) * width, leads }));
}

/** The smallest usual width that is wide enough, at least 1. */
function widthOf(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * power).find((width) => width >= least) ?? power * 10;
}
