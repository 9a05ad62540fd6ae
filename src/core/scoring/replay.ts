/** Applies events to a lead's score, one after another, and closes blocks on the way. Pure. */
import {
  addContribution,
  type Block,
  type Contribution,
  closeBlock,
  compareCursors,
  type DecayState,
  type EventCursor,
  endsBlock,
  openTerms,
  scoreAt,
} from "./decay";

/** An event with its contributions: none if no rule matches it. */
export type Step = EventCursor & { contributions: readonly Contribution[] };

/** `end`: cursor of the last contribution. */
export type Fold = { decay: DecayState; end: EventCursor };

export type Replay = Fold & {
  /** the score just before and after each event */
  scores: Map<string, { before: number; after: number }>;
  /** the blocks that were closed */
  blocks: Block[];
};

export const BEFORE_ALL_EVENTS: EventCursor = { at: 0, event_id: "" };
export const EMPTY_FOLD: Fold = { decay: [], end: BEFORE_ALL_EVENTS };

/** Continues from `start` through `steps`, which come after it and are in order. */
export function replay(start: Fold, steps: readonly Step[]): Replay {
  const replayed: Replay = { ...start, scores: new Map(), blocks: [] };
  for (const step of steps) {
    const before = scoreAt(replayed.decay, step.at);
    if (step.contributions.length > 0) applyStep(replayed, step);
    replayed.scores.set(step.event_id, { before, after: step.contributions.length > 0 ? scoreAt(replayed.decay, step.at) : before });
  }
  return replayed;
}

function applyStep(replayed: Replay, { at, event_id, contributions }: Step): void {
  for (const contribution of contributions) replayed.decay = addContribution(replayed.decay, contribution);
  replayed.end = { at, event_id };
  if (!endsBlock(event_id, contributions.length)) return;
  replayed.blocks.push({ at, event_id, terms: openTerms(replayed.decay) });
  replayed.decay = closeBlock(replayed.decay);
}

/** The state after these contributions, which are in fold order, none of an event missing. */
export function foldContributions(contributions: readonly Contribution[], start: DecayState = []): DecayState {
  return replay({ decay: start, end: BEFORE_ALL_EVENTS }, stepsOf(contributions)).decay;
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
