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
  /** the leads that are counted: those with an event, or of more than 5,000 the ones with the highest scores */
  leads: number;
  /** from this score on every lead is counted; null: every lead with an event is */
  complete_from: number | null;
};

export type ScoreCounts = Pick<ScoreDistribution, "leads" | "complete_from"> & {
  /** whole scores, rounded down as levels do, and the leads that have each, lowest first */
  scores: [score: number, leads: number][];
};

/** The scores of the moment, in at most 20 ranges. One D1 round trip, at most 5,000 rows. */
export async function scoreDistribution(ctx: Ctx): Promise<ScoreDistribution> {
  const { scores, complete_from } = await readScores(ctx);
  return { bins: binsOf(scores), leads: scores.length, complete_from };
}

/** The scores of the moment, each by itself: what levels are drawn on. One D1 round trip, at most 5,000 rows. */
export async function scoreCounts(ctx: Ctx): Promise<ScoreCounts> {
  const { scores, complete_from } = await readScores(ctx);
  return { scores: scoreCountsOf(scores), leads: scores.length, complete_from };
}

/** Pure. */
export function scoreCountsOf(scores: readonly number[]): ScoreCounts["scores"] {
  const counts = new Map<number, number>();
  for (const score of scores.map(Math.floor)) counts.set(score, (counts.get(score) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => one - other);
}

/** Reads by falling bound: no lead that is left out has a score above the last bound. */
async function readScores(ctx: Ctx): Promise<{ scores: number[]; complete_from: number | null }> {
  const rows = await ctx.db.all(selectByBound(ctx.db, null, LEADS_READ_MAX));
  const now = ctx.now();
  const last = rows.length === LEADS_READ_MAX ? rows.at(-1) : undefined;
  return {
    scores: rows.map((row) => scoreAt(readLeadScore(row).decay, now)),
    complete_from: last ? Math.floor(last.bound) + 1 : null,
  };
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
