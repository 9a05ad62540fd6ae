/** What new events do to one lead: its score, and what fires. Pure. */
import {
  type ActiveRule,
  boundAt,
  type Contribution,
  comparePositions,
  contributionsOf,
  countsFrom,
  type LeadScore,
  NO_POSITION,
  type Position,
  replay,
  type Step,
  stepsOf,
  typeKey,
  type WrittenScore,
  withoutSteps,
} from "../scoring";
import { type Firing, type Moment, type PlannedFirings, planFirings, type Trigger } from "../triggers";
import type { QueuedEvent } from "./event";

/** An event of a lead as it is stored, without what a plan does not ask for. */
export type KnownEvent = Omit<Moment, "before" | "after">;

/** What is stored of a lead, as far as a plan needs it. */
export type LeadState = {
  lead_id: string;
  score: LeadScore | null;
  firings: readonly Firing[];
  /** events as far back as a trigger looks, or as far as a late event changes things */
  events: readonly KnownEvent[];
  /** all contributions in their order; null unless an event comes late */
  contributions: readonly Contribution[] | null;
};

export type PlannedEvent = {
  event: QueuedEvent;
  lead_id: string;
  type_key: string;
  silent: boolean;
  before: number;
  after: number;
  fired: Trigger[];
};

export type PlannedLeadEvents = {
  events: PlannedEvent[];
  contributions: (Contribution & { lead_id: string })[];
  score: WrittenScore;
  firings: PlannedFirings;
};

export type Rulebook = { rules: ReadonlyMap<string, readonly ActiveRule[]>; triggers: readonly Trigger[] };

export const positionOf = (event: QueuedEvent): Position => ({ at: countsFrom(event), event_id: event.event_id });

/** Where a lead's new events begin. */
export const firstPosition = (events: readonly QueuedEvent[]): Position =>
  events.map(positionOf).reduce((first, position) => (comparePositions(position, first) < 0 ? position : first));

/** Whether the fold has gone past an event already: then it has to begin again. */
export const comesLate = (from: Position, score: LeadScore | null): boolean => score !== null && comparePositions(from, score) < 0;

export function planLead(state: LeadState, events: readonly QueuedEvent[], book: Rulebook, silent: boolean): PlannedLeadEvents {
  const { lead_id, score } = state;
  const from = firstPosition(events);
  const added = events.map((event) => ({ event, contributions: contributionsOf(scored(event), book.rules) }));
  const start = state.contributions === null && score ? { curve: score.curve, end: score } : { curve: [], end: NO_POSITION };
  const known = stepsOf(state.contributions ?? []);
  const steps: Step[] = [
    ...known,
    ...added.map(({ event, contributions }) => ({ ...positionOf(event), contributions })),
    // stored events that no rule met: what fires by one of them is told with the score of its time
    ...withoutSteps(state.events, known).filter((event) => comparePositions(event, from) > 0),
  ];
  const { curve, end, scores } = replay(start, steps.sort(comparePositions));
  const scoreOf = (event_id: string) => scores.get(event_id) ?? { before: 0, after: 0 };

  const moments: Moment[] = [
    ...state.events.map((event) => ({ ...event, ...scoreOf(event.event_id) })),
    ...events.map((event) => ({ ...momentOf(event, silent), ...scoreOf(event.event_id) })),
  ].sort(comparePositions);
  const firings = planFirings(lead_id, book.triggers, moments, from, state.firings);

  return {
    events: events.map((event) => ({
      event,
      lead_id,
      type_key: typeKey(event.event_type),
      silent,
      ...scoreOf(event.event_id),
      fired: firings.news.filter(({ event_id }) => event_id === event.event_id).map(({ trigger }) => trigger),
    })),
    contributions: added.flatMap(({ contributions }) => contributions.map((contribution) => ({ ...contribution, lead_id }))),
    score: {
      lead_id,
      curve,
      at: end.at,
      event_id: end.event_id,
      last_event_at: Math.max(score?.last_event_at ?? 0, ...events.map(({ occurred_at }) => occurred_at)),
      event_count: (score?.event_count ?? 0) + events.length,
      version: (score?.version ?? 0) + 1,
      bound: boundAt(curve, end.at),
    },
    firings,
  };
}

const scored = ({ event_id, event_type, metadata, occurred_at, received_at }: QueuedEvent) => ({
  event_id,
  type_key: typeKey(event_type),
  metadata,
  occurred_at,
  received_at,
});

const momentOf = (event: QueuedEvent, silent: boolean): KnownEvent => ({
  ...positionOf(event),
  event_type: event.event_type,
  type_key: typeKey(event.event_type),
  received_at: event.received_at,
  silent,
});
