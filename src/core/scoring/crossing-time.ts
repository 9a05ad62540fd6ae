/** When a score reaches a bound by decay alone. Pure. */
import { type DecayState, decayed } from "./decay";

/** Further ahead nothing is looked for: the lead will have changed by then, or the rules. */
const HORIZON_MS = 3 * 365 * 86_400_000;
/** A bound is looked for this often before its time is rounded up: a second is exact enough for a segment. */
const STEP_MS_MIN = 1_000;
const STEPS_MAX = 64;

type Parts = { constant: number; rising: DecayState; falling: DecayState };

/**
 * The first moment after `from` at which the score may be on the other side of one of the bounds, at most about a second late; null if none
 * within three years. A score that falls and rises may be looked at again sooner than it crosses.
 */
export function nextCrossing(decay: DecayState, bounds: readonly number[], from: number): number | null {
  const parts: Parts = {
    constant: decay.filter(([, halfLife]) => halfLife === null).reduce((sum, [, , value]) => sum + value, 0),
    falling: decay.filter(([, halfLife, value]) => halfLife !== null && value > 0),
    rising: decay.filter(([, halfLife, value]) => halfLife !== null && value < 0),
  };
  if (parts.falling.length + parts.rising.length === 0 || bounds.length === 0) return null;
  let at = from;
  for (let step = 0; step < STEPS_MAX; step++) {
    const safe = safeUntil(parts, bounds, at, from + HORIZON_MS);
    if (safe >= from + HORIZON_MS) return null;
    if (safe - at < STEP_MS_MIN) return Math.ceil(Math.max(safe, at)) + STEP_MS_MIN;
    at = safe;
  }
  return Math.ceil(at) + STEP_MS_MIN;
}

/** Until when the score cannot have crossed a bound: what falls gives the least that it can be by then, what rises the most. */
function safeUntil({ constant, falling, rising }: Parts, bounds: readonly number[], at: number, end: number): number {
  const [high, low] = [sumAt(falling, at), sumAt(rising, at)];
  const score = constant + high + low;
  const below = Math.max(Number.NEGATIVE_INFINITY, ...bounds.filter((bound) => bound <= score));
  const above = Math.min(Number.POSITIVE_INFINITY, ...bounds.filter((bound) => bound > score));
  const isSafe = (time: number) => constant + sumAt(falling, time) + low >= below && constant + high + sumAt(rising, time) < above;
  if (isSafe(end)) return end;
  let [safe, unsafe] = [at, end];
  while (unsafe - safe > 1) {
    const middle = (safe + unsafe) / 2;
    if (isSafe(middle)) safe = middle;
    else unsafe = middle;
  }
  return safe;
}

const sumAt = (terms: DecayState, at: number): number =>
  terms.reduce((sum, [, halfLife, value, since]) => sum + decayed(value, halfLife, at - since), 0);
