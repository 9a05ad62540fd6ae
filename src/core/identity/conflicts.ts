/** The cases that are open because two leads were given one alias, and how they are decided. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { invalidRequest, parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { type Lead, moveAlias, readLead, selectLeadsById } from "../leads";
import { type MergeResult, mergeLeads } from "../merging";
import { type Conflict, type ConflictRow, conflictId, cursorAt, readConflictId, readCursor } from "./conflict";
import { ConflictListInput, ResolutionInput } from "./schemas";
import { countOpen, deleteConflict, keepApart, reopen, selectConflicts, selectRefused } from "./store";

/** Cases that one page looks at: those that were kept apart are passed over. */
const SCANNED_MAX = 1_000;
/** Aliases that one lead was refused: no person has more. */
const REFUSED_MAX = 5_000;

export type ConflictPage = { conflicts: Conflict[]; next_cursor: string | null };

/**
 * Open cases in the order of their aliases. Two D1 round trips, or one if no case is open. A page looks at up to 1,000 cases and may end early,
 * with a cursor that continues it. Throws invalid_request.
 */
export async function listConflicts(ctx: Ctx, given: z.input<typeof ConflictListInput>): Promise<ConflictPage> {
  const { limit, cursor, ...filter } = parseInput(ConflictListInput, given);
  const scanned = await ctx.db.all(selectConflicts(ctx.db, filter, readCursor(cursor), SCANNED_MAX));
  const rows = scanned
    .filter((row) => row.kept_apart_at === null && (filter.kind === undefined || row.kind === filter.kind))
    .slice(0, limit);
  const last = rows.length === limit ? rows.at(-1) : scanned.length === SCANNED_MAX ? scanned.at(-1) : undefined;
  const ids = [...new Set(rows.flatMap(({ lead_id, owner_lead_id }) => [lead_id, owner_lead_id]))];
  const found = ids.length === 0 ? [] : await ctx.db.all(selectLeadsById(ctx.db, ids));
  const leads = new Map(found.map((row) => [row.lead_id, readLead(row)]));
  const isEnd = last === undefined || last === scanned.at(-1);
  return {
    conflicts: rows.map((row) => conflictOf(row, leads)),
    next_cursor: last && !(isEnd && scanned.length < SCANNED_MAX) ? cursorAt(last) : null,
  };
}

const conflictOf = (row: ConflictRow, leads: ReadonlyMap<string, Lead>): Conflict => ({
  conflict_id: conflictId(row),
  kind: row.kind,
  value: row.value,
  source: row.source,
  created_at: row.created_at,
  lead: leads.get(row.lead_id) ?? null,
  owner: leads.get(row.owner_lead_id) ?? null,
});

export type Resolution = { conflict_id: string; action: string; lead_id: string; owner_lead_id: string; merge: MergeResult | null };

/**
 * Decides a case: merges the two leads, moves the alias to the lead that was refused it, remembers that they are different people, or closes
 * it until the alias is seen again. One D1 round trip beside those of the merge or the move.
 * Throws forbidden, invalid_request, not_found, and what `mergeLeads` throws.
 */
export async function resolveConflict(
  ctx: Ctx,
  conflictIdText: string,
  given: z.input<typeof ResolutionInput>,
  remember: Remember<Resolution> = () => [],
): Promise<Resolution> {
  requireRole(ctx, "editor");
  const { action, target_id, account_id } = parseInput(ResolutionInput, given);
  const row = await requireConflict(ctx, conflictIdText);
  const { lead_id, owner_lead_id } = row;
  const resolution = { conflict_id: conflictId(row), action, lead_id, owner_lead_id, merge: null };
  switch (action) {
    case "merge": {
      const target = target_id ?? owner_lead_id;
      if (target !== lead_id && target !== owner_lead_id) {
        throw invalidRequest([{ path: "target_lead_id", message: "must be one of the two leads of the conflict" }]);
      }
      const source = target === lead_id ? owner_lead_id : lead_id;
      const merge = await mergeLeads(ctx, { target_id: target, source_ids: [source], account_id }, (result) =>
        remember({ ...resolution, merge: result }),
      );
      return { ...resolution, merge };
    }
    case "move":
      await moveAlias(ctx, row, owner_lead_id, lead_id, remember(resolution));
      return resolution;
    case "keep_apart":
    case "dismiss": {
      const write = action === "dismiss" ? deleteConflict(ctx.db, row) : keepApart(ctx.db, row, ctx.now());
      const [found] = await ctx.db.batch([write, ...remember(resolution)]);
      if (found.length === 0) throw noSuchConflict();
      return resolution;
    }
  }
}

/** Takes keeping apart back: the case is open again. Two D1 round trips. Throws forbidden, not_found. */
export async function reopenConflict(ctx: Ctx, conflictIdText: string): Promise<void> {
  requireRole(ctx, "editor");
  const row = await requireConflict(ctx, conflictIdText);
  const [found] = await ctx.db.all(reopen(ctx.db, row));
  if (!found) throw noSuchConflict();
}

/** How many cases are open, counted among the first 1,000; `at_least`: there are more. One D1 round trip. */
export async function countConflicts(ctx: Ctx): Promise<{ open: number; at_least: boolean }> {
  const [count] = await ctx.db.all(countOpen(ctx.db, SCANNED_MAX));
  return { open: count?.open ?? 0, at_least: count?.counted === SCANNED_MAX };
}

async function requireConflict(ctx: Ctx, text: string): Promise<ConflictRow> {
  const id = readConflictId(text);
  const rows = id ? await ctx.db.all(selectRefused(ctx.db, id.lead_id, REFUSED_MAX)) : [];
  const row = rows.find((found) => id?.matches(found));
  if (!row) throw noSuchConflict();
  return row;
}

const noSuchConflict = (): AppError => new AppError("not_found", "Conflict not found: it may have been resolved");
