/** How new events change one lead: its score and its firings. Pure. */

import type { SuppressionReason } from "../../vocabulary";
import {
  type ActiveRule,
  type Block,
  boundAt,
  type Contribution,
  compareCursors,
  contributionsOf,
  countsFrom,
  EMPTY_FOLD,
  type EventCursor,
  type LeadScore,
  type Replay,
  replay,
  replayLedger,
  type Segment,
  type Step,
  stepsOf,
  stepsWithoutContributions,
  typeKey,
  type WrittenScore,
} from "../scoring";
import { type Firing, type Moment, type PlannedFirings, planFirings, type Trigger } from "../triggers";
import type { QueuedEvent } from "./event";
import { admitted, type FilterFacts } from "./filter-facts";
import { suppressions, type VelocityFilter, type WatchedEvent } from "./velocity";

/** A stored event of a lead, as far as a plan needs it. */
export type KnownEvent = Omit<Moment, "before" | "after">;

/** What is stored about a lead, as far as a plan needs it. */
export type LeadState = {
  lead_id: string;
  score: LeadScore | null;
  firings: readonly Firing[];
  /** the events that triggers look back over, and those after a late event */
  events: readonly KnownEvent[];
  /** triggers are evaluated from here on: at the first new event, or later (see `lookBackOf`) */
  evaluatedFrom: EventCursor;
  /** events of the types that velocity filters watch, in their windows before the new ones and since */
  watched: readonly WatchedEvent[];
  /** null unless an event is late: the ledger, and the contributions of its opened segments in fold order */
  late: { segments: readonly Segment[]; contributions: readonly Contribution[] } | null;
};

export type PlannedEvent = {
  event: QueuedEvent;
  lead_id: string;
  type_key: string;
  silent: boolean;
  before: number;
  after: number;
  fired: Trigger[];
  suppressed: SuppressionReason | null;
};

export type PlannedLeadEvents = {
  events: PlannedEvent[];
  contributions: (Contribution & { lead_id: string })[];
  /** closed by the new events, or changed by a late one */
  blocks: (Block & { lead_id: string })[];
  score: WrittenScore;
  firings: PlannedFirings;
};

export type Rulebook = {
  rules: ReadonlyMap<string, readonly ActiveRule[]>;
  triggers: readonly Trigger[];
  velocity: readonly VelocityFilter[];
};

export const cursorOf = (event: QueuedEvent): EventCursor => ({ at: countsFrom(event), event_id: event.event_id });

/** The earliest of a lead's new events. */
export const firstCursor = (events: readonly QueuedEvent[]): EventCursor =>
  events.map(cursorOf).reduce((first, position) => (compareCursors(position, first) < 0 ? position : first));

/** Whether the fold has already passed an event: then it has to be redone from before it. */
export const comesLate = (from: EventCursor, score: LeadScore | null): boolean => score !== null && compareCursors(from, score) < 0;

/** Of a lead without stored events. */
export const newLeadState = (lead_id: string, events: readonly QueuedEvent[]): LeadState => ({
  lead_id,
  score: null,
  firings: [],
  events: [],
  watched: [],
  evaluatedFrom: firstCursor(events),
  late: null,
});

/** `filtered`: what the filters of triggers are checked on; left out where none has one. */
export function planLead(
  state: LeadState,
  events: readonly QueuedEvent[],
  book: Rulebook,
  silent: boolean,
  filtered?: FilterFacts,
): PlannedLeadEvents {
  const { lead_id, score } = state;
  const isSilent = (event: QueuedEvent) => silent || event.silent === true;
  const suppressed = suppressions(book.velocity, state.watched, events.map(watchedEvent));
  const counts = (event: QueuedEvent) => !suppressed.has(event.event_id);
  const added = events.map((event) => ({
    ...cursorOf(event),
    contributions: counts(event) ? contributionsOf(scored(event), book.rules) : [],
  }));
  const { decay, end, scores, blocks } = fold(state, added);
  const scoreOf = (event_id: string) => scores.get(event_id) ?? { before: 0, after: 0 };

  const moments: Moment[] = [
    ...state.events.map((event) => ({ ...event, ...scoreOf(event.event_id) })),
    ...events.filter(counts).map((event) => ({ ...momentOf(event, isSilent(event)), ...scoreOf(event.event_id) })),
  ].sort(compareCursors);
  const triggers = filtered ? admitted(book.triggers, filtered, decay, end.at) : book.triggers;
  const firings = planFirings(lead_id, triggers, moments, state.evaluatedFrom, state.firings);
  const firedBy = Map.groupBy(firings.news, ({ event_id }) => event_id);

  return {
    events: events.map((event) => ({
      event,
      lead_id,
      type_key: typeKey(event.event_type),
      silent: isSilent(event),
      ...scoreOf(event.event_id),
      fired: (firedBy.get(event.event_id) ?? []).map(({ trigger }) => trigger),
      suppressed: suppressed.get(event.event_id) ?? null,
    })),
    contributions: added.flatMap(({ contributions }) => contributions.map((contribution) => ({ ...contribution, lead_id }))),
    blocks: blocks.map((block) => ({ ...block, lead_id })),
    score: {
      lead_id,
      decay,
      at: end.at,
      event_id: end.event_id,
      last_event_at: Math.max(score?.last_event_at ?? 0, ...events.map(({ occurred_at }) => occurred_at)),
      event_count: (score?.event_count ?? 0) + events.length,
      version: (score?.version ?? 0) + 1,
      bound: boundAt(decay, end.at),
    },
    firings,
  };
}

/** The fold with the new events: continued if they all come after it, else redone in the segments that they change. */
function fold({ score, events, evaluatedFrom, late }: LeadState, added: readonly Step[]): Replay {
  const known = stepsOf(late?.contributions ?? []);
  // stored events that no rule matched, so a firing on one carries the score at its time
  const others = stepsWithoutContributions(events, known).filter((event) => compareCursors(event, evaluatedFrom) >= 0);
  const steps = [...known, ...added, ...others].sort(compareCursors);
  if (late && score) return replayLedger(late.segments, steps, score);
  return replay(score ? { decay: score.decay, end: { at: score.at, event_id: score.event_id } } : EMPTY_FOLD, steps);
}

const scored = ({ event_id, event_type, metadata, occurred_at, received_at }: QueuedEvent) => ({
  event_id,
  type_key: typeKey(event_type),
  metadata,
  occurred_at,
  received_at,
});

const watchedEvent = (event: QueuedEvent): WatchedEvent => ({ ...cursorOf(event), type_key: typeKey(event.event_type) });

const momentOf = (event: QueuedEvent, silent: boolean): KnownEvent => ({
  ...cursorOf(event),
  event_type: event.event_type,
  type_key: typeKey(event.event_type),
  received_at: event.received_at,
  silent,
});
