/**
 * A score as a fold over contributions. Always in one order (time, then event id, then rule id), so that the same events give the same
 * number to the last bit, however they came in. A group is what one ruleset's rules of one half-life have added up to. Pure.
 */

export type Contribution = {
  /** ms; when it began to count */
  at: number;
  event_id: string;
  rule_id: string;
  ruleset_id: string;
  weight: number;
  /** null: never fades. In whole milliseconds, so that no way of storing it rounds it */
  half_life_ms: number | null;
};

/** As `lead_scores.groups` stores it; `value` holds at time `at`. */
export type Group = [ruleset_id: string, half_life_ms: number | null, value: number, at: number];

/** Sorted by ruleset, then half-life, the unfading first: sums are taken in this order. */
export type Curve = readonly Group[];

/** A place in the order of contributions. */
export type Position = { at: number; event_id: string };

export const comparePositions = (a: Position, b: Position): number =>
  a.at - b.at || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);

export const compareContributions = (a: Contribution, b: Contribution): number =>
  comparePositions(a, b) || (a.rule_id < b.rule_id ? -1 : a.rule_id > b.rule_id ? 1 : 0);

/** What is left of a value after `ms`: half after each half-life (contract: weight x 0.5^(days / half-life)). */
export const faded = (value: number, halfLifeMs: number | null, ms: number): number =>
  halfLifeMs === null || ms <= 0 ? value : value * 0.5 ** (ms / halfLifeMs);

/** The curve with one more contribution, which must not lie before any that it has. */
export function addContribution(curve: Curve, { ruleset_id, half_life_ms, weight, at }: Contribution): Curve {
  const key: Group = [ruleset_id, half_life_ms, weight, at];
  const place = curve.findIndex((group) => compareGroups(group, key) >= 0);
  const group = curve[place];
  if (!group) return [...curve, key];
  if (compareGroups(group, key) > 0) return [...curve.slice(0, place), key, ...curve.slice(place)];
  const value = faded(group[2], half_life_ms, at - group[3]) + weight;
  return [...curve.slice(0, place), [ruleset_id, half_life_ms, value, at], ...curve.slice(place + 1)];
}

/** The curve of contributions in their order. */
export const foldCurve = (contributions: readonly Contribution[]): Curve =>
  contributions.reduce<Curve>((curve, contribution) => addContribution(curve, contribution), []);

/** The score at a time at or after the curve's last contribution; of one ruleset when named. */
export function scoreAt(curve: Curve, at: number, rulesetId?: string): number {
  let score = 0;
  for (const [ruleset_id, half_life, value, since] of curve) {
    if (rulesetId === undefined || ruleset_id === rulesetId) score += faded(value, half_life, at - since);
  }
  return score;
}

/** Scores by ruleset. */
export function scoresByRuleset(curve: Curve, at: number): Map<string, number> {
  const scores = new Map<string, number>();
  for (const [ruleset_id] of curve) if (!scores.has(ruleset_id)) scores.set(ruleset_id, scoreAt(curve, at, ruleset_id));
  return scores;
}

/** What the score never exceeds from `at` on: what fades upwards, towards zero, counts as faded already. */
export function boundAt(curve: Curve, at: number): number {
  let bound = 0;
  for (const [, half_life, value, since] of curve) {
    const left = faded(value, half_life, at - since);
    if (half_life === null || left > 0) bound += left;
  }
  return bound;
}

function compareGroups(a: Group, b: Group): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return (a[1] ?? 0) - (b[1] ?? 0);
}
