/** Loads what is stored about leads that get new events: their fold, their firings, and as much of their past as the events change. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import {
  compareCursors,
  type EventCursor,
  loadRangesUpTo,
  openedRanges,
  readBlock,
  readLeadScore,
  segmentsOf,
  selectBlocksOfLate,
  selectScores,
  typeKey,
} from "../scoring";
import { type LookBack, lookBackOf, selectFirings } from "../triggers";
import { CommitTooLarge, ROWS_LOADED_MAX } from "./commit-size";
import { isCall, type QueuedEvent } from "./event";
import { comesLate, cursorOf, firstCursor, type KnownEvent, type LeadState, type Rulebook } from "./plan-lead";
import { type KnownRow, selectAliasCounts, selectEventsAfterLate, selectEventsSince } from "./store";
import { selectWatched, type VelocityFilter } from "./velocity";

export type LoadedStates = {
  aliasCounts: ReadonlyMap<string, number>;
  states: ReadonlyMap<string, LeadState>;
  /** leads whose history is incomplete: their events are still moving after a merge */
  moving: ReadonlySet<string>;
};

/** One D1 round trip; one more for each 20,000 contributions of late events. None without leads. Throws CommitTooLarge. */
export async function loadStates(
  ctx: Ctx,
  given: ReadonlyMap<string, readonly QueuedEvent[]>,
  { triggers, velocity }: Rulebook,
): Promise<LoadedStates> {
  if (given.size === 0) return { aliasCounts: new Map(), states: new Map(), moving: new Set() };
  const byLead = onTimelines(given);
  const leadIds = [...byLead.keys()];
  const lookBack = lookBackOf(triggers);
  const firsts = [...byLead].map(([lead_id, events]) => ({ lead_id, ...firstCursor(events) }));
  const addedMax = Math.max(0, ...[...byLead.values()].map((events) => events.length));
  const isOne = byLead.size === 1 && addedMax === 1;
  const rowsMax = isOne ? -1 : ROWS_LOADED_MAX + 1;
  const hasMilestone = triggers.some(({ condition }) => condition.kind === "milestone");
  const rows = await queryGroups(ctx.db, {
    counts: selectAliasCounts(ctx.db, [...given.keys()]),
    scores: selectScores(ctx.db, leadIds),
    blocks: selectBlocksOfLate(ctx.db, firsts),
    firings: triggers.length > 0 ? selectFirings(ctx.db, since(firsts, 0), lookBack.evaluated_max, rowsMax) : [],
    windows: lookBack.window_ms > 0 ? selectEventsSince(ctx.db, since(firsts, lookBack.window_ms), lookBack, rowsMax) : [],
    watched: selectWatched(ctx.db, since(firsts, 0), filtersOf(velocity, byLead), addedMax, rowsMax),
    late: hasMilestone ? selectEventsAfterLate(ctx.db, firsts, lookBack.evaluated_max, rowsMax) : [],
  });
  const loaded = rows.firings.length + rows.windows.length + rows.watched.length + rows.late.length;
  if (!isOne && loaded > ROWS_LOADED_MAX) throw new CommitTooLarge();
  const scores = new Map(rows.scores.map((row) => [row.lead_id, readLeadScore(row)]));
  const firings = Map.groupBy(rows.firings, ({ lead_id }) => lead_id);
  const blocks = Map.groupBy(rows.blocks, ({ lead_id }) => lead_id);
  const inWindows = Map.groupBy(rows.windows, ({ lead_id }) => lead_id);
  const watchedBy = Map.groupBy(rows.watched, ({ lead_id }) => lead_id);
  const afterLate = Map.groupBy(rows.late, ({ lead_id }) => lead_id);

  const states = leadIds.map((lead_id): LeadState => {
    const added = byLead.get(lead_id) ?? [];
    const [watched, late] = [readEvents(inWindows.get(lead_id)), readEvents(afterLate.get(lead_id))];
    const score = scores.get(lead_id) ?? null;
    const evaluatedFrom = evaluationStart(firstCursor(added), watched, late, lookBack);
    const details = triggers.length > 0 ? evaluatedFrom : null;
    const segments = segmentsOf((blocks.get(lead_id) ?? []).map(readBlock), added.map(cursorOf), details);
    return {
      lead_id,
      score,
      firings: firings.get(lead_id) ?? [],
      events: distinct([...watched, ...late]),
      watched: distinct(watchedBy.get(lead_id)),
      evaluatedFrom,
      late: comesLate(firstCursor(added), score) ? { segments, contributions: [] } : null,
    };
  });
  return {
    aliasCounts: readCounts(rows.counts),
    moving: new Set(rows.counts.flatMap(({ lead_id, moving }) => (moving === 1 ? [lead_id] : []))),
    states: await withContributions(ctx, states, isOne ? Number.POSITIVE_INFINITY : ROWS_LOADED_MAX),
  };
}

/** The leads with events of their timelines. */
function onTimelines(given: ReadonlyMap<string, readonly QueuedEvent[]>): Map<string, QueuedEvent[]> {
  const timed = [...given].map(([lead_id, events]) => [lead_id, events.filter((event) => !isCall(event))] as const);
  return new Map(timed.filter(([, events]) => events.length > 0));
}

/** Loads what the fold of late events goes through step by step. */
async function withContributions(ctx: Ctx, states: readonly LeadState[], rowsMax: number): Promise<Map<string, LeadState>> {
  const ranges = states.flatMap(({ lead_id, late }) => openedRanges(late?.segments ?? []).map((range) => ({ lead_id, ...range })));
  const contributions = await loadRangesUpTo(ctx, ranges, rowsMax);
  if (!contributions) throw new CommitTooLarge();
  const complete = (state: LeadState): LeadState =>
    state.late ? { ...state, late: { ...state.late, contributions: contributions.get(state.lead_id) ?? [] } } : state;
  return new Map(states.map((state) => [state.lead_id, complete(state)]));
}

export const readCounts = (rows: readonly { lead_id: string; count: number }[]) =>
  new Map(rows.map(({ lead_id, count }) => [lead_id, count]));

const since = (firsts: readonly { lead_id: string; at: number }[], window_ms: number) =>
  firsts.map(({ lead_id, at }) => [lead_id, at - window_ms] as const);

/** Filters on the types of the new events. */
function filtersOf(filters: readonly VelocityFilter[], byLead: ReadonlyMap<string, readonly QueuedEvent[]>): VelocityFilter[] {
  if (filters.length === 0) return [];
  const types = new Set([...byLead.values()].flat().map(({ event_type }) => typeKey(event_type)));
  return filters.filter(({ type_key }) => types.has(type_key));
}

const distinct = <Event extends { event_id: string }>(events: readonly Event[] = []): Event[] => [
  ...new Map(events.map((event) => [event.event_id, event])).values(),
];

const readEvents = (rows: readonly KnownRow[] = []): KnownEvent[] =>
  rows.map((row) => ({ ...row, silent: row.silent === 1 })).sort(compareCursors);

/** Where triggers are evaluated from: the first new event, unless a cap cuts off what came soon after it. Lists are in order. */
function evaluationStart(
  from: EventCursor,
  watched: readonly KnownEvent[],
  late: readonly KnownEvent[],
  { events_max, evaluated_max }: LookBack,
): EventCursor {
  const cuts: (EventCursor | undefined)[] = [];
  if (watched.length >= events_max) cuts.push(watched.at(-evaluated_max));
  if (late.length >= evaluated_max) cuts.push(late[0]);
  const { at, event_id } = cuts.reduce<EventCursor>((start, cut) => (cut && compareCursors(cut, start) > 0 ? cut : start), from);
  return { at, event_id };
}
