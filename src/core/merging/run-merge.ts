/** Moves the events of a large merge slice by slice. The merge's row is the truth and a message is only a nudge: a slice moves once. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { selectEventsOfLeads } from "../events";
import { putScores, readLeadScore, scoresAreAsLoaded, selectScores } from "../scoring";
import { silenceQueue } from "../segments";
import { loadJournaledScores } from "./load-unmerge";
import { planReturn } from "./return-slice";
import { blockWrites, foldWith, loadSlice, SLICE_EVENTS, sliceWrites } from "./slice";
import { advanceMerge, deleteJournal, type KeptMerge, mergeIsAsLoaded, readMerge, selectMerge } from "./store";

/** D1 accepts 1,000 queries in one invocation; a slice takes about 25. */
const SLICES_PER_RUN = 25;

/** A merge by its id. One D1 round trip. Throws not_found. */
export async function requireMerge(ctx: Ctx, mergeId: string): Promise<KeptMerge> {
  const [row] = await ctx.db.all(selectMerge(ctx.db, mergeId));
  if (!row) throw new AppError("not_found", "Merge not found");
  return readMerge(row);
}

/** Runs a merge until it has ended or the time `until` (ms). Returns `continue` when there is more to do. At most six D1 round trips a slice. */
export async function runMerge(ctx: Ctx, mergeId: string, until: number): Promise<"continue" | "finished"> {
  for (let slices = 0; slices < SLICES_PER_RUN && ctx.now() < until; slices++) {
    const [row] = await ctx.db.all(selectMerge(ctx.db, mergeId));
    const merge = row ? readMerge(row) : null;
    if (merge?.status !== "running" && merge?.status !== "undoing") return "finished";
    try {
      await (merge.status === "running" ? moveSlice : returnSlice)(ctx, merge);
    } catch (error) {
      // an event came in for the target, or another run moved the slice
      if (!(error instanceof CommitConflict)) throw error;
    }
  }
  return "continue";
}

async function moveSlice(ctx: Ctx, merge: KeptMerge): Promise<void> {
  const { target_id, source_ids } = merge;
  const rows = await queryGroups(ctx.db, {
    events: [selectEventsOfLeads(ctx.db, source_ids, SLICE_EVENTS + 1)],
    scores: selectScores(ctx.db, [target_id]),
  });
  const slice = await loadSlice(ctx, rows.events);
  const stored = rows.scores[0] ? readLeadScore(rows.scores[0]) : null;
  const { score, ledger } = await foldWith(ctx, target_id, stored, slice, (stored?.version ?? 0) + 1);
  const isLast = slice.events.length === rows.events.length;
  const events_moved = merge.events_moved + slice.events.length;
  const next: KeptMerge = {
    ...merge,
    events_moved,
    events_total: Math.max(merge.events_total, events_moved),
    status: isLast ? "done" : "running",
  };
  await ctx.db.batch([
    ...scoresAreAsLoaded(ctx.db, [{ lead_id: target_id, version: stored?.version ?? 0 }]),
    ...sliceWrites(ctx, target_id, slice),
    ...blockWrites(ctx, target_id, ledger),
    ...putScores(ctx.db, [score]),
    advanceMerge(ctx.db, next, ctx.now()),
  ]);
  if (isLast) await checkWaiting(ctx);
}

/** Channels have been notified of the events that return: the changed scores are recorded in segments, and fire nothing. */
async function returnSlice(ctx: Ctx, merge: KeptMerge): Promise<void> {
  const planned = await planReturn(ctx, merge, await loadJournaledScores(ctx, merge.merge_id));
  const isLast = planned.merge.status === "undone";
  const { before, after } = silenceQueue(ctx.db, [merge.target_id, ...merge.source_ids]);
  await ctx.db.batch([
    before,
    mergeIsAsLoaded(ctx.db, merge),
    ...planned.statements,
    ...(isLast ? [deleteJournal(ctx.db, merge.merge_id)] : []),
    after,
  ]);
  if (isLast) await checkWaiting(ctx);
}

/** Checks the leads against segments, which waited while their events moved. */
const checkWaiting = (ctx: Ctx): Promise<void> => ctx.outbox.changes({ unit: ctx.unit.unit });
