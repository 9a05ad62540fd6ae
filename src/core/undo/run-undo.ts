/**
 * Runs an undo: the rows of the operation's journal from the last to the first, each in one batch. The journal is the truth and a message is
 * only a nudge: however often, late or concurrently an undo is run, every row is undone once.
 */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { CommitConflict, commitLoop } from "../../db/commit";
import { isUnavailable } from "../../errors";
import { yieldToEventLoop } from "../../event-loop";
import { silently } from "../changes";
import { DELETIONS_PER_RUN_MAX, ROWS_PER_RUN_MAX, UNDO_TRIES_MAX } from "./limits";
import { loadRow, readState } from "./load-row";
import { planUndo, type UndoPlan, type UndoState } from "./plan-undo";
import { loadDeleted, planRestoration, restorationWrites } from "./restore-deleted";
import { claimUndo, completeUndo, failUndo, selectRowKeys } from "./run-store";
import { loadStatements, type RowKey, rowIsAsLoaded, undoWrites } from "./undo-store";

/** `continue`: the time was up before the end; `finished`: the undo has ended; `lost_race`: another run commits its rows. */
type RunOutcome = "continue" | "finished" | "lost_race";

/** Runs an undo until it ends, or until the time `until` (ms). One D1 round trip for each row of the journal, and two. */
export async function runUndo(ctx: Ctx, operationId: string, until: number): Promise<RunOutcome> {
  const [[claimed], keys] = await ctx.db.batch([
    claimUndo(ctx.db, operationId, ctx.now()),
    selectRowKeys(ctx.db, operationId, ROWS_PER_RUN_MAX + 1),
    completeUndo(ctx.db, operationId, ctx.now()),
  ]);
  if (!claimed) return "finished";
  try {
    const { client, requested_by: by } = claimed;
    const source = { dialect: "undo", import: operationId, ...(client ? { client } : {}), by } as const;
    const writer = { ...ctx, source };
    return await undoRows(claimed.silent === 1 ? silently(writer) : writer, operationId, keys, until);
  } catch (error) {
    const isLast = claimed.tries >= UNDO_TRIES_MAX - 1 && !isUnavailable(error);
    if (isLast) await ctx.db.batch([failUndo(ctx.db, operationId, ctx.now())]);
    throw error;
  }
}

async function undoRows(ctx: Ctx, operationId: string, keys: readonly RowKey[], until: number): Promise<RunOutcome> {
  const [first] = keys;
  let state = first ? await loadRow(ctx.db, operationId, first) : null;
  for (const [at, key] of keys.entries()) {
    if (at === (state?.row.kind === "deleted" ? DELETIONS_PER_RUN_MAX : ROWS_PER_RUN_MAX) || (at > 0 && ctx.now() >= until))
      return "continue";
    const committed = await undoRow(ctx, key, keys[at + 1] ?? null, state);
    if (committed === "lost_race") return committed;
    state = committed.next;
    await yieldToEventLoop();
  }
  return "finished";
}

type Committed = { next: UndoState | null } | "lost_race";

/** Plans and commits a row until its leads no longer change in between; returns the next row's state, read in the same batch. */
const undoRow = (ctx: Ctx, key: RowKey, next: RowKey | null, loaded: UndoState | null): Promise<Committed> =>
  commitLoop<UndoState | null, Committed>(loaded, async (state) => {
    if (state === null) return { committed: "lost_race" };
    const { operation_id } = state;
    try {
      return { committed: { next: await commit(ctx, operation_id, next, await writesOf(ctx, key, state)) } };
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      if (error.table === "undo_chunks") return { committed: "lost_race" };
      return { changed: await loadRow(ctx.db, operation_id, key) };
    }
  });

/** A row of deletions needs one D1 round trip more. */
async function writesOf(ctx: Ctx, key: RowKey, state: UndoState): Promise<Statement<never>[]> {
  const { operation_id, row } = state;
  const now = ctx.now();
  if (row.kind !== "deleted") return undoWrites(ctx, operation_id, key, planUndo(state, now), now);
  const deleted = await loadDeleted(ctx, row.entries);
  const restoration = planRestoration(deleted, row.written_at);
  const { leads, kept } = restoration;
  const plan: UndoPlan = { ...planUndo(state, now), kept, counts: { removed: 0, restored: leads.length } };
  return [
    rowIsAsLoaded(ctx.db, operation_id, key, row),
    ...undoWrites(ctx, operation_id, key, plan, now),
    ...restorationWrites(ctx, restoration, deleted, now),
  ];
}

async function commit(ctx: Ctx, operationId: string, next: RowKey | null, undone: readonly Statement<never>[]): Promise<UndoState | null> {
  const { db, now } = ctx;
  const writes = [...undone, completeUndo(db, operationId, now())];
  if (next === null) {
    await db.batch(writes);
    return null;
  }
  const [row, leads, kept, used] = loadStatements(db, operationId, next);
  const read = await queryGroups(db, { writes, row: [row], leads: [leads], kept: [kept], used: [used] });
  return readState(operationId, [read.row, read.leads, read.kept, read.used]);
}
