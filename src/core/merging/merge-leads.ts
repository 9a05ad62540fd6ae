/** Merges leads into one: load, plan, commit. */
import type { z } from "zod";
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { actorId, requireRole } from "../auth";
import type { LoggedChange } from "../changes";
import { announceState, type LeadState, mergedState, moveAllRecords, replaceStates } from "../channels";
import { insertOwnEvent } from "../events";
import type { Remember } from "../idempotency";
import { adjustLeadCount, type Lead, leadIsAsLoaded, moveAliases, publicLeadId, settleConflicts, updateLeadRow } from "../leads";
import { moveMemberships } from "../memberships";
import { dropFolds, putScores, scoreAt, scoresAreAsLoaded } from "../scoring";
import { moveAllFirings } from "../triggers";
import { moveAllWatches } from "../watch-list";
import { type LoadedMerge, loadMerge } from "./load-merge";
import { MERGED_EVENT_TYPE, type Merge, mergedEventId } from "./merge";
import { accountsOf, chosenAccount, mergedLead, nextVersion } from "./plan-merge";
import { MergeInput } from "./schemas";
import { blockWrites, type Fold, foldWith, loadSlice, SLICE_EVENTS, type Slice, sliceWrites } from "./slice";
import { deleteLeadRows, insertJournal, insertMerge, journalLeads, notMoving } from "./store";

export type MergeResult = Merge & { aliases_moved: number; score: number };

/**
 * Merges the sources into the target, in one batch: everything they have moves, and their ids and aliases find the target. More than 500
 * events move slice by slice afterwards, and the merge is `running` until they have. Fires nothing. Two D1 round trips, up to four more
 * where the sources have events.
 * Throws forbidden, invalid_request, not_found, conflict (a lead merged already, different accounts or partner channels), too_large,
 * unavailable.
 */
export async function mergeLeads(
  ctx: Ctx,
  given: z.input<typeof MergeInput>,
  remember: Remember<MergeResult> = () => [],
): Promise<MergeResult> {
  requireRole(ctx, "editor");
  const wish = parseInput(MergeInput, given);
  const result = await untilCommitted(async () => {
    const loaded = await loadMerge(ctx, wish);
    const { target, sources, scores } = loaded;
    const now = ctx.now();
    const account_id = chosenAccount(accountsOf([target, ...sources]), wish.account_id);
    const lead = mergedLead(target, sources, { account_id, region: ctx.unit.default_region, now });
    const state = mergedState(target.lead_id, loaded.states);
    const whole = loaded.events.length <= SLICE_EVENTS ? await loadSlice(ctx, loaded.events) : null;
    const slice = whole?.events.length === loaded.events.length ? whole : null;
    const stored = scores.get(target.lead_id) ?? null;
    const fold = await foldWith(
      ctx,
      target.lead_id,
      stored,
      slice ?? { events: [], contributions: [] },
      nextVersion(stored?.version ?? 0, now),
    );
    // the event of the merge itself
    fold.score.event_count += 1;
    fold.score.last_event_at = Math.max(fold.score.last_event_at, now);
    const merge: Merge = {
      merge_id: newId("mrg", now),
      target_id: target.lead_id,
      source_ids: wish.source_ids,
      status: slice ? "done" : "running",
      merged_at: now,
      merged_by: actorId(ctx.actor),
      events_total: slice ? slice.events.length : sources.reduce((sum, { lead_id }) => sum + (scores.get(lead_id)?.event_count ?? 0), 0),
      events_moved: slice?.events.length ?? 0,
    };
    const result = { ...merge, aliases_moved: lead.aliases.length - target.aliases.length, score: scoreAt(fold.score.decay, now) };
    await announceState(ctx, state);
    await ctx.db.batch([...mergeWrites(ctx, { loaded, lead, state, slice, fold, merge }), ...remember(result)]);
    return result;
  });
  if (result.status === "running") await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: result.merge_id });
  return result;
}

type Planned = { loaded: LoadedMerge; lead: Lead; state: LeadState | null; slice: Slice | null; fold: Fold; merge: Merge };

function mergeWrites(ctx: Ctx, { loaded, lead, state, slice, fold, merge }: Planned): Statement<never>[] {
  const { db } = ctx;
  const { target_id, source_ids, merged_at } = merge;
  const all = [target_id, ...source_ids];
  return [
    notMoving(db, all),
    ...[loaded.target, ...loaded.sources].map((known) => leadIsAsLoaded(db, known)),
    ...scoresAreAsLoaded(
      db,
      all.map((lead_id) => ({ lead_id, version: loaded.scores.get(lead_id)?.version ?? 0 })),
    ),
    ...journalWrites(ctx, loaded, lead, fold, merge),
    ...insertMerge(db, merge),
    ...updateLeadRow({ ...ctx, source: { ...ctx.source, dialect: "merge" } }, loaded.target, lead, (keys) => mergeOf(merge, keys)),
    deleteLeadRows(db, source_ids),
    ...loaded.sources.map(({ status }) => adjustLeadCount(db, status, -1)),
    ...loaded.sources.flatMap((source) => moveAliases(db, source.lead_id, target_id, source.aliases)),
    ...settleConflicts(db, target_id, source_ids),
    ...(loaded.states.length > 0 ? replaceStates(db, all, state ? [state] : []) : []),
    ...(loaded.records.length > 0 ? moveAllRecords(db, target_id, source_ids) : []),
    ...(loaded.watches.length > 0 ? moveAllWatches(db, target_id, source_ids) : []),
    ...moveAllFirings(db, target_id, source_ids),
    ...moveMemberships(db, target_id, source_ids),
    ...dropFolds(db, source_ids),
    ...(slice ? sliceWrites(ctx, target_id, slice) : []),
    ...blockWrites(ctx, target_id, fold.ledger),
    ...putScores(db, [fold.score]),
    ...insertOwnEvent(db, mergedEvent(loaded, fold, merge, merged_at)),
  ];
}

/** The history of the sources continues in the target's. */
const mergeOf = ({ target_id, source_ids }: Merge, keys: string[]): LoggedChange[] => [
  { lead_id: target_id, type: "merged", keys, from: source_ids },
  ...source_ids.map((lead_id) => ({ lead_id, type: "merged" as const, keys: [] })),
];

function journalWrites(
  { db }: Ctx,
  loaded: LoadedMerge,
  lead: Lead,
  fold: Fold,
  { merge_id, target_id, source_ids }: Merge,
): Statement<never>[] {
  const { scores, states, records, watches } = loaded;
  return [
    ...journalLeads(db, merge_id, [target_id, ...source_ids]),
    insertJournal(db, merge_id, "after", { lead, score_version: fold.score.version }),
    ...(scores.size > 0 ? [insertJournal(db, merge_id, "scores", [...scores.values()])] : []),
    ...(states.length > 0 ? [insertJournal(db, merge_id, "states", states)] : []),
    ...(watches.length > 0 ? [insertJournal(db, merge_id, "watches", watches)] : []),
    ...(records.length > 0 ? [insertJournal(db, merge_id, "records", records)] : []),
  ];
}

const mergedEvent = ({ scores }: LoadedMerge, { score }: Fold, merge: Merge, at: number) => ({
  lead_id: merge.target_id,
  event_id: mergedEventId(merge.merge_id),
  event_type: MERGED_EVENT_TYPE,
  metadata: {
    source_lead_ids: merge.source_ids.map(publicLeadId),
    events_moved: merge.events_total,
    merged_by: merge.merged_by,
  },
  at,
  score_before: scoreAt(scores.get(merge.target_id)?.decay ?? [], at),
  score_after: scoreAt(score.decay, at),
});
