/** What events do to a lead's score, one after the other. Pure. */
import { addContribution, type Contribution, type Curve, comparePositions, type Position, scoreAt } from "./curve";

/** An event with what it adds: nothing, when no rule meets it. */
export type Step = Position & { contributions: readonly Contribution[] };

export type Replay = {
  curve: Curve;
  /** of the last contribution */
  end: Position;
  /** the score just before and after each event */
  scores: Map<string, { before: number; after: number }>;
};

export const NO_POSITION: Position = { at: 0, event_id: "" };

/** Goes on from `start` through `steps`, which lie behind it and are in order. */
export function replay(start: { curve: Curve; end: Position }, steps: readonly Step[]): Replay {
  let { curve, end } = start;
  const scores: Replay["scores"] = new Map();
  for (const { at, event_id, contributions } of steps) {
    const before = scoreAt(curve, at);
    for (const contribution of contributions) curve = addContribution(curve, contribution);
    if (contributions.length > 0) end = { at, event_id };
    scores.set(event_id, { before, after: contributions.length > 0 ? scoreAt(curve, at) : before });
  }
  return { curve, end, scores };
}

/** Steps of the events that contribute nothing. */
export function withoutSteps(events: readonly Position[], steps: readonly Step[]): Step[] {
  const contributing = new Set(steps.map(({ event_id }) => event_id));
  return events.filter(({ event_id }) => !contributing.has(event_id)).map(({ at, event_id }) => ({ at, event_id, contributions: [] }));
}

/** Contributions in their order, event by event. */
export function stepsOf(contributions: readonly Contribution[]): Step[] {
  const steps: (Step & { contributions: Contribution[] })[] = [];
  for (const contribution of contributions) {
    const last = steps.at(-1);
    if (last && comparePositions(last, contribution) === 0) last.contributions.push(contribution);
    else steps.push({ at: contribution.at, event_id: contribution.event_id, contributions: [contribution] });
  }
  return steps;
}
