/**
 * A score as a fold over contributions, always in the same order (time, then event id, then rule id), so that the same events give the
 * same number to the last bit, whatever order they arrived in. A term is the running total of one ruleset's rules with one half-life. Pure.
 */

import { hash32 } from "../../hash";

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

/** As `lead_scores.groups` stores it; `value` holds at time `at`. Marked with 1: of the blocks that are closed; else of the open block. */
export type DecayTerm = [ruleset_id: string, half_life_ms: number | null, value: number, at: number, closed?: 1];

/** Sorted by ruleset, half-life (terms without decay first), open before closed. Sums are taken in this order. */
export type DecayState = readonly DecayTerm[];

/**
 * A run of consecutive contributions, summed up under the cursor of its last event. Blocks let a late event refold one of them instead of
 * everything that came after it. An event ends a block by its id and its number of contributions alone, so the blocks, and with them every
 * sum to the last bit, depend on the set of events and not on their order of arrival.
 */
export type Block = EventCursor & { terms: DecayState };

/** Contributions in a block, on average: what a late event loads and refolds. Each block costs one written row. */
const BLOCK_CONTRIBUTIONS = 1000;

/** Whether an event is the last one of its block. */
export const endsBlock = (event_id: string, contributions: number): boolean =>
  contributions > 0 && hash32(event_id) < (contributions / BLOCK_CONTRIBUTIONS) * 2 ** 32;

/** A place in the order of contributions. */
export type EventCursor = { at: number; event_id: string };

export const compareCursors = (a: EventCursor, b: EventCursor): number =>
  a.at - b.at || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);

export const compareContributions = (a: Contribution, b: Contribution): number =>
  compareCursors(a, b) || (a.rule_id < b.rule_id ? -1 : a.rule_id > b.rule_id ? 1 : 0);

/** What is left of a value after `ms`: half after each half-life (contract: weight x 0.5^(days / half-life)). */
export const decayed = (value: number, halfLifeMs: number | null, ms: number): number =>
  halfLifeMs === null || ms <= 0 ? value : value * 0.5 ** (ms / halfLifeMs);

/** The state after one more contribution to the open block, which must not precede any already folded. */
export const addContribution = (decay: DecayState, { ruleset_id, half_life_ms, weight, at }: Contribution): DecayState =>
  addTerm(decay, [ruleset_id, half_life_ms, weight, at]);

/** The terms of the open block. */
export const openTerms = (decay: DecayState): DecayState => decay.filter(([, , , , closed]) => closed !== 1);

/** The state after the open block is closed. */
export const closeBlock = (decay: DecayState): DecayState =>
  addClosed(
    decay.filter(([, , , , closed]) => closed === 1),
    openTerms(decay),
  );

/** The state after a whole block, added to a state whose open block is empty. */
export const addBlock = (decay: DecayState, { terms }: Block): DecayState => addClosed(decay, terms);

/** The state with the open block of another, added to a state whose own is empty. */
export const addOpenBlock = (decay: DecayState, other: DecayState): DecayState =>
  openTerms(other).reduce((sum, term) => addTerm(sum, term), decay);

const addClosed = (decay: DecayState, terms: DecayState): DecayState =>
  terms.reduce((sum, [ruleset_id, half_life_ms, value, at]) => addTerm(sum, [ruleset_id, half_life_ms, value, at, 1]), decay);

/** Adds a value at its time, which must not precede that of the term it is added to. */
function addTerm(decay: DecayState, added: DecayTerm): DecayState {
  const place = decay.findIndex((term) => compareTerms(term, added) >= 0);
  const term = decay[place];
  if (!term) return [...decay, added];
  if (compareTerms(term, added) > 0) return [...decay.slice(0, place), added, ...decay.slice(place)];
  const sum: DecayTerm = [...added];
  sum[2] += decayed(term[2], term[1], added[3] - term[3]);
  return decay.with(place, sum);
}

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
  return (a[1] ?? 0) - (b[1] ?? 0) || (a[4] ?? 0) - (b[4] ?? 0);
}
