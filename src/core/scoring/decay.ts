/**
 * A score as a fold over contributions, always in the same order (time, then event id, then rule id), so that the same events give the
 * same number to the last bit, whatever order they arrived in. A term is the running total of one ruleset's rules with one half-life. Pure.
 */

export type Contribution = {
  /** ms; when it started to count */
  at: number;
  event_id: string;
  rule_id: string;
  ruleset_id: string;
  weight: number;
  /** null: never decays. Whole milliseconds, so that storing it never rounds it */
  half_life_ms: number | null;
};

/** As `lead_scores.groups` stores it; `value` holds at time `at`. */
export type DecayTerm = [ruleset_id: string, half_life_ms: number | null, value: number, at: number];

/** Sorted by ruleset, then half-life, terms without decay first. Sums are taken in this order. */
export type DecayState = readonly DecayTerm[];

/** A place in the order of contributions. */
export type EventCursor = { at: number; event_id: string };

export const compareCursors = (a: EventCursor, b: EventCursor): number =>
  a.at - b.at || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);

export const compareContributions = (a: Contribution, b: Contribution): number =>
  compareCursors(a, b) || (a.rule_id < b.rule_id ? -1 : a.rule_id > b.rule_id ? 1 : 0);

/** What is left of a value after `ms`: half after each half-life (contract: weight x 0.5^(days / half-life)). */
export const decayed = (value: number, halfLifeMs: number | null, ms: number): number =>
  halfLifeMs === null || ms <= 0 ? value : value * 0.5 ** (ms / halfLifeMs);

/** The state after one more contribution, which must not precede any already folded. */
export function addContribution(decay: DecayState, { ruleset_id, half_life_ms, weight, at }: Contribution): DecayState {
  const key: DecayTerm = [ruleset_id, half_life_ms, weight, at];
  const place = decay.findIndex((term) => compareTerms(term, key) >= 0);
  const term = decay[place];
  if (!term) return [...decay, key];
  if (compareTerms(term, key) > 0) return [...decay.slice(0, place), key, ...decay.slice(place)];
  const value = decayed(term[2], half_life_ms, at - term[3]) + weight;
  return [...decay.slice(0, place), [ruleset_id, half_life_ms, value, at], ...decay.slice(place + 1)];
}

/** The state after these contributions, which are in fold order. */
export const foldContributions = (contributions: readonly Contribution[]): DecayState =>
  contributions.reduce<DecayState>((decay, contribution) => addContribution(decay, contribution), []);

/** The score at a time not before the last contribution; of one ruleset if given. */
export function scoreAt(decay: DecayState, at: number, rulesetId?: string): number {
  let score = 0;
  for (const [ruleset_id, half_life, value, since] of decay) {
    if (rulesetId === undefined || ruleset_id === rulesetId) score += decayed(value, half_life, at - since);
  }
  return score;
}

/** Scores by ruleset. */
export function scoresByRuleset(decay: DecayState, at: number): Map<string, number> {
  const scores = new Map<string, number>();
  for (const [ruleset_id] of decay) if (!scores.has(ruleset_id)) scores.set(ruleset_id, scoreAt(decay, at, ruleset_id));
  return scores;
}

/** An upper bound of the score from `at` on: negative terms that decay towards zero count as zero. */
export function boundAt(decay: DecayState, at: number): number {
  let bound = 0;
  for (const [, half_life, value, since] of decay) {
    const left = decayed(value, half_life, at - since);
    if (half_life === null || left > 0) bound += left;
  }
  return bound;
}

function compareTerms(a: DecayTerm, b: DecayTerm): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return (a[1] ?? 0) - (b[1] ?? 0);
}
