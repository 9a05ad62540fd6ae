/** A slice of events that returns from the target of a merge to the leads that they were of. */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { type EventPlace, removeOwnEvent, selectNewestEvents, selectTimelineStretch } from "../events";
import { boundAt, changeLedger, dropFolds, putScores, scoresAreAsLoaded, selectWholeScores, type WrittenScore } from "../scoring";
import { moveFiringsOf } from "../triggers";
import type { StoredScore } from "./load-merge";
import { readStoredScore } from "./load-merge";
import { MERGED_EVENT_TYPE, mergedEventId } from "./merge";
import { nextVersion } from "./plan-merge";
import { blockWrites, cursorOf, foldWith, loadSlice, SLICE_EVENTS, type Slice, sliceWrites } from "./slice";
import { advanceMerge, type KeptMerge, selectAncestors } from "./store";

/** Events of the target's timeline that one slice looks at. */
const WALK_EVENTS = 2_000;
const START = { occurred_at: -Number.MAX_SAFE_INTEGER, event_id: "" };

type WalkedEvent = EventPlace & { original_lead_id: string | null };

export type PlannedReturn = {
  merge: KeptMerge;
  statements: Statement<never>[];
  /** events that came after the merge, with the lead that has them now */
  later: { event_id: string; lead_id: string }[];
};

/**
 * Plans the next slice: at most 2,000 events of the target's timeline are looked at and at most 500 return. `journaled` are the scores before
 * the merge: a lead that has the same events again gets the same row again. At most five D1 round trips, two more for each source.
 */
export async function planReturn(ctx: Ctx, merge: KeptMerge, journaled: ReadonlyMap<string, StoredScore>): Promise<PlannedReturn> {
  const { target_id, source_ids, merged_at } = merge;
  const mergeEvent = mergedEventId(merge.merge_id);
  const rows = await queryGroups(ctx.db, {
    walked: [selectTimelineStretch(ctx.db, target_id, merge.position ?? START, WALK_EVENTS)],
    scores: selectWholeScores(ctx.db, [target_id, ...source_ids]),
    ancestors: [selectAncestors(ctx.db, source_ids)],
    newest: [selectNewestEvents(ctx.db, target_id, SLICE_EVENTS + 2)],
  });
  // a lead that was merged into a source before goes with that source
  const homes = new Map([
    ...source_ids.map((id) => [id, id] as const),
    ...rows.ancestors.map(({ lead_id, source_id }) => [lead_id, source_id] as const),
  ]);
  const homeOf = ({ original_lead_id }: WalkedEvent) => (original_lead_id === null ? undefined : homes.get(original_lead_id));
  const returning = rows.walked.filter((event) => homeOf(event) !== undefined);
  const slice = await loadSlice(ctx, returning);
  const walked = slice.events.length < returning.length ? upTo(rows.walked, slice.events.at(-1)) : rows.walked;
  const isLast = rows.walked.length < WALK_EVENTS && walked.length === rows.walked.length;
  const last = walked.at(-1);
  const next: KeptMerge = {
    ...merge,
    status: isLast ? "undone" : "undoing",
    events_moved: Math.max(0, merge.events_moved - slice.events.length),
    position: last ? { occurred_at: last.occurred_at, event_id: last.event_id } : merge.position,
  };

  const stored = new Map(rows.scores.map((row) => [row.lead_id, readStoredScore(row)]));
  const now = ctx.now();
  const statements: Statement<never>[] = [
    ...scoresAreAsLoaded(
      ctx.db,
      [target_id, ...source_ids].map((lead_id) => ({ lead_id, version: stored.get(lead_id)?.version ?? 0 })),
    ),
  ];
  for (const [home, events] of Map.groupBy(slice.events as WalkedEvent[], (event) => homeOf(event) ?? "")) {
    statements.push(...(await sourceWrites(ctx, home, partOf(slice, events), stored.get(home) ?? null, journaled.get(home))));
  }
  const target = { lead_id: target_id, stored: stored.get(target_id) ?? null, journaled: journaled.get(target_id) };
  const leaving = isLast ? 1 : 0;
  const gone = new Set([mergeEvent, ...slice.events.map(({ event_id }) => event_id)]);
  const newest = isLast ? rows.newest.find(({ event_id }) => !gone.has(event_id)) : rows.newest[0];
  statements.push(...(await targetWrites(ctx, target, slice, { leaving, newest: newest?.occurred_at ?? 0 })));
  if (isLast) {
    statements.push(...removeOwnEvent(ctx.db, { lead_id: target_id, event_id: mergeEvent, event_type: MERGED_EVENT_TYPE, at: merged_at }));
  }
  statements.push(advanceMerge(ctx.db, next, now));
  const cameLater = walked.filter((event) => event.received_at > merged_at && event.event_id !== mergeEvent);
  const later = cameLater.map((event) => ({ event_id: event.event_id, lead_id: homeOf(event) ?? target_id }));
  return { merge: next, statements, later };
}

/** The walk up to and including an event. */
const upTo = (walked: readonly WalkedEvent[], last: EventPlace | undefined): WalkedEvent[] =>
  walked.slice(0, walked.findIndex(({ event_id }) => event_id === last?.event_id) + 1);

function partOf({ contributions }: Slice, events: EventPlace[]): Slice {
  const ids = new Set(events.map(({ event_id }) => event_id));
  return { events, contributions: contributions.filter(({ event_id }) => ids.has(event_id)) };
}

async function sourceWrites(
  ctx: Ctx,
  leadId: string,
  slice: Slice,
  stored: StoredScore | null,
  journaled: StoredScore | undefined,
): Promise<Statement<never>[]> {
  const { score, ledger } = await foldWith(ctx, leadId, stored, slice, nextVersion(stored?.version ?? 0, ctx.now()));
  const from = slice.events[0]?.lead_id ?? "";
  return [
    ...sliceWrites(ctx, leadId, slice),
    ...moveFiringsOf(
      ctx.db,
      from,
      leadId,
      slice.events.map(({ event_id }) => event_id),
    ),
    ...blockWrites(ctx, leadId, ledger),
    ...putScores(ctx.db, [asJournaled(score, journaled)]),
  ];
}

type Target = { lead_id: string; stored: StoredScore | null; journaled: StoredScore | undefined };

/** `leaving`: events that go without contributions; `newest`: the time of the newest event that stays. */
async function targetWrites(
  ctx: Ctx,
  { lead_id, stored, journaled }: Target,
  slice: Slice,
  { leaving, newest }: { leaving: number; newest: number },
): Promise<Statement<never>[]> {
  const event_count = (stored?.event_count ?? 0) - slice.events.length - leaving;
  if (event_count === 0) return dropFolds(ctx.db, [lead_id]);
  const ledger = await changeLedger(ctx, lead_id, stored, { added: [], removed: slice.events.map(cursorOf) });
  const score: WrittenScore = {
    lead_id,
    decay: ledger.decay,
    at: ledger.end.at,
    event_id: ledger.end.event_id,
    last_event_at: newest,
    event_count,
    version: nextVersion(stored?.version ?? 0, ctx.now()),
    bound: boundAt(ledger.decay, ledger.end.at),
  };
  return [...blockWrites(ctx, lead_id, ledger), ...putScores(ctx.db, [asJournaled(score, journaled)])];
}

/** The row as it was before the merge where the lead has the same events again. */
function asJournaled(score: WrittenScore, journaled: StoredScore | undefined): WrittenScore {
  if (!journaled) return score;
  const facts = ({ decay, at, event_id, last_event_at, event_count }: WrittenScore) =>
    JSON.stringify([decay, at, event_id, last_event_at, event_count]);
  return facts(score) === facts(journaled) ? journaled : score;
}
