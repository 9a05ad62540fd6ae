/** Undos as the verbs of operations request and show them; those check roles and ids first. */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { DAY_MS } from "../../time";
import type { UndoStatus } from "../../vocabulary";
import { actorId } from "../auth";
import { type KeptReason, shownField } from "./entry";
import { KEPT_SHOWN_MAX, UNDO_DAYS } from "./limits";
import { previewUndo, type UndoPreview } from "./preview-undo";
import { completeUndo, insertUndo, type KeptFieldRow, selectKept, selectRowKeys, selectUndo, type UndoRow } from "./run-store";

export type KeptField = { lead_id: string; field: string; reason: KeptReason };

/** `dry_run`: what an undo would do. `kept_count` counts fields, of which `kept` has the first 1,000. */
export type Undo = {
  status: UndoStatus | "dry_run";
  removed_count: number;
  restored_count: number;
  kept_count: number;
  kept: KeptField[];
  /** of a dry run: whether it counted everything */
  complete?: boolean;
};

export type Undoable = {
  operation_id: string;
  /** null while it runs */
  ended_at: number | null;
  /** whether it changed anything that a journal would record */
  wrote: boolean;
};

/**
 * Requests an undo and nudges the queue; an undo that was requested before is returned as it is, one that failed continues. `first`: statements that
 * stop the operation, in the same batch. One D1 round trip, and one. Throws conflict (after 30 days, or nothing was journalled).
 */
export async function requestUndo(ctx: Ctx, operation: Undoable, first: readonly Statement<never>[] = []): Promise<Undo> {
  const { operation_id } = operation;
  const known = await findUndo(ctx, operation_id);
  if (known && known.status !== "failed") return known;
  await requireJournal(ctx, operation);
  const now = ctx.now();
  const requested = { requested_by: actorId(ctx.actor), client: ctx.source.client ?? null, now };
  await ctx.db.batch([...first, insertUndo(ctx.db, operation_id, requested), completeUndo(ctx.db, operation_id, now)]);
  await ctx.outbox.undo({ unit: ctx.unit.unit, operation_id });
  const undo = await findUndo(ctx, operation_id);
  if (!undo) throw new Error("an undo that was asked for is not there");
  return undo;
}

/** What an undo would do, or did if it has run. Writes nothing. Throws conflict as `requestUndo` does. */
export async function dryRunUndo(ctx: Ctx, operation: Undoable): Promise<Undo> {
  const known = await findUndo(ctx, operation.operation_id);
  if (known?.status === "completed") return known;
  await requireJournal(ctx, operation);
  return previewed(await previewUndo(ctx, operation.operation_id));
}

/** The statements that `readUndo` reads. */
export const undoStatements = (db: Ctx["db"], operationId: string) =>
  [selectUndo(db, operationId), selectKept(db, operationId, KEPT_SHOWN_MAX, 0)] as const;

export const readUndo = ([row]: readonly UndoRow[], kept: readonly KeptFieldRow[]): Undo | null =>
  row === undefined
    ? null
    : {
        status: row.status,
        removed_count: row.removed,
        restored_count: row.restored,
        kept_count: row.kept,
        kept: kept.map(shown),
      };

/** What an undo kept, by lead and field; `total` counts all. One D1 round trip. */
export async function listKept(ctx: Ctx, operationId: string, page: number, limit: number): Promise<{ kept: KeptField[]; total: number }> {
  const [[row], kept] = await ctx.db.batch([selectUndo(ctx.db, operationId), selectKept(ctx.db, operationId, limit, (page - 1) * limit)]);
  return { kept: kept.map(shown), total: row?.kept ?? 0 };
}

async function findUndo(ctx: Ctx, operationId: string): Promise<Undo | null> {
  const [row, kept] = undoStatements(ctx.db, operationId);
  const found = await queryGroups(ctx.db, { row: [row], kept: [kept] });
  return readUndo(found.row, found.kept);
}

async function requireJournal(ctx: Ctx, { operation_id, ended_at, wrote }: Undoable): Promise<void> {
  if (ended_at !== null && ended_at <= ctx.now() - UNDO_DAYS * DAY_MS)
    throw new AppError("conflict", `It can be undone for ${UNDO_DAYS} days after its end; it ended on ${new Date(ended_at).toISOString()}`);
  if (!wrote) return;
  const journal = await ctx.db.all(selectRowKeys(ctx.db, operation_id, 1));
  if (journal.length === 0) throw new AppError("conflict", "What it changed is not in the undo journal: it ran before there was one");
}

const shown = ({ lead_id, field, reason }: KeptFieldRow): KeptField => ({ lead_id, field: shownField(field), reason });

const previewed = ({ removed, restored, kept, fields, complete }: UndoPreview): Undo => ({
  status: "dry_run",
  removed_count: removed,
  restored_count: restored,
  kept_count: kept,
  kept: fields.map(shown),
  complete,
});
