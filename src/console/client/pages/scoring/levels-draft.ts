/** Levels as they are edited: boundaries move, levels are added and removed, and those that touch stay together. Pure. */
import type { CallInput, CallOutput } from "../../../server/calls";

export type Distribution = Pick<CallOutput<"levels.distribution">, "scores" | "leads">;
export type DraftLevel = CallInput<"levels.arrange">["levels"][number];

const COLOURS = ["#64748b", "#0ea5e9", "#22c55e", "#eab308", "#f97316", "#ef4444"];
const FIRST_WIDTH = 25;

export const byRange = (levels: readonly DraftLevel[]): DraftLevel[] => levels.toSorted((a, b) => a.min_score - b.min_score);

/** Where a level may begin: above the one below it, which keeps at least one score, and not above its own end. */
export function rangeOfStart(levels: readonly DraftLevel[], at: number): { least: number; most: number } {
  const [below, level] = [levels[at - 1], levels[at]];
  const least = below === undefined ? Number.MIN_SAFE_INTEGER : touches(below, level) ? below.min_score + 1 : (below.max_score ?? 0) + 1;
  return { least, most: level?.max_score ?? Number.MAX_SAFE_INTEGER };
}

/** The level below, where it ends just there, ends just there again. */
export function moveStart(levels: readonly DraftLevel[], at: number, to: number): DraftLevel[] {
  const { least, most } = rangeOfStart(levels, at);
  const start = Math.min(most, Math.max(least, Math.round(to)));
  return levels.map((level, place) => {
    if (place === at) return { ...level, min_score: start };
    return place === at - 1 && touches(level, levels[at]) ? { ...level, max_score: start - 1 } : level;
  });
}

export const touches = (below: DraftLevel | undefined, above: DraftLevel | undefined): boolean =>
  below !== undefined && above !== undefined && below.max_score !== null && below.max_score + 1 === above.min_score;

/** A level above all others; the highest one ends where it begins. */
export function addLevel(levels: readonly DraftLevel[]): DraftLevel[] {
  const top = levels.at(-1);
  const begins = top === undefined ? 0 : top.max_score === null ? top.min_score + widthBelow(levels) : top.max_score + 1;
  const below = levels.map((level, at) => (at === levels.length - 1 ? { ...level, max_score: begins - 1 } : level));
  const color = COLOURS[levels.length % COLOURS.length] ?? "#64748b";
  const position = Math.max(-1, ...levels.map(({ position }) => position)) + 1;
  return [...below, { level_id: null, name: "", min_score: begins, max_score: null, color, position }];
}

const widthBelow = (levels: readonly DraftLevel[]): number => {
  const [below, top] = levels.slice(-2);
  return below && top ? Math.max(1, top.min_score - below.min_score) : FIRST_WIDTH;
};

/** What it covered goes to the level below, where that one touched it. */
export function removeLevel(levels: readonly DraftLevel[], at: number): DraftLevel[] {
  const removed = levels[at];
  return levels
    .map((level, place) => (place === at - 1 && touches(level, removed) ? { ...level, max_score: removed?.max_score ?? null } : level))
    .filter((_, place) => place !== at);
}

/** Leads with a score from `from` to `to`, both inclusive. */
export const leadsBetween = ({ scores }: Pick<Distribution, "scores">, from: number, to: number | null): number =>
  scores.reduce((sum, [score, leads]) => (score >= from && (to === null || score <= to) ? sum + leads : sum), 0);

export type Bin = { from: number; to: number; leads: number };
export type Drawn = { from: number; to: number; bins: Bin[] };

const BINS_MAX = 40;
const STEPS = [1, 2, 5];
/** Few leads with very high scores would press all others together: they are drawn in the last bin. */
const SHARE_DRAWN = 0.98;

/** Bins of equal, round widths over the scores that there are and the boundaries of levels. The last one takes all that is above. */
export function binsOf({ scores, leads }: Distribution, starts: readonly number[]): Drawn {
  const lowest = Math.min(0, scores[0]?.[0] ?? 0, ...starts);
  const highest = Math.max(lowest + 10, quantile(scores, leads * SHARE_DRAWN), ...starts.map((start) => Math.ceil(start * 1.15)));
  const width = roundUp((highest - lowest + 1) / BINS_MAX);
  const from = Math.floor(lowest / width) * width;
  const count = Math.ceil((highest + 1 - from) / width);
  const bins = Array.from({ length: count }, (_, at) => ({ from: from + at * width, to: from + (at + 1) * width - 1, leads: 0 }));
  for (const [score, more] of scores) {
    const bin = bins[Math.min(count - 1, Math.floor((score - from) / width))];
    if (bin) bin.leads += more;
  }
  return { from, to: from + count * width, bins };
}

function quantile(scores: Distribution["scores"], leads: number): number {
  let sum = 0;
  for (const [score, of] of scores) {
    sum += of;
    if (sum >= leads) return score;
  }
  return 0;
}

function roundUp(width: number): number {
  for (let unit = 1; ; unit *= 10) {
    const step = STEPS.find((times) => times * unit >= width);
    if (step !== undefined) return step * unit;
  }
}
