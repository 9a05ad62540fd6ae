/** Applies events to a lead's score, one after another. Pure. */
import { addContribution, type Contribution, compareCursors, type DecayState, type EventCursor, scoreAt } from "./decay";

/** An event with its contributions: none if no rule matches it. */
export type Step = EventCursor & { contributions: readonly Contribution[] };

export type Replay = {
  decay: DecayState;
  /** of the last contribution */
  end: EventCursor;
  /** the score just before and after each event */
  scores: Map<string, { before: number; after: number }>;
};

export const BEFORE_ALL_EVENTS: EventCursor = { at: 0, event_id: "" };

/** Continues from `start` through `steps`, which come after it and are in order. */
export function replay(start: { decay: DecayState; end: EventCursor }, steps: readonly Step[]): Replay {
  let { decay, end } = start;
  const scores: Replay["scores"] = new Map();
  for (const { at, event_id, contributions } of steps) {
    const before = scoreAt(decay, at);
    for (const contribution of contributions) decay = addContribution(decay, contribution);
    if (contributions.length > 0) end = { at, event_id };
    scores.set(event_id, { before, after: contributions.length > 0 ? scoreAt(decay, at) : before });
  }
  return { decay, end, scores };
}

/** Steps for the events that contribute nothing. */
export function stepsWithoutContributions(events: readonly EventCursor[], steps: readonly Step[]): Step[] {
  const contributing = new Set(steps.map(({ event_id }) => event_id));
  return events.filter(({ event_id }) => !contributing.has(event_id)).map(({ at, event_id }) => ({ at, event_id, contributions: [] }));
}

/** Contributions in fold order, grouped by event. */
export function stepsOf(contributions: readonly Contribution[]): Step[] {
  const steps: (Step & { contributions: Contribution[] })[] = [];
  for (const contribution of contributions) {
    const last = steps.at(-1);
    if (last && compareCursors(last, contribution) === 0) last.contributions.push(contribution);
    else steps.push({ at: contribution.at, event_id: contribution.event_id, contributions: [contribution] });
  }
  return steps;
}
