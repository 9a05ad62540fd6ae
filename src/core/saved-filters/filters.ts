/** Filters of the list of leads that an org unit keeps by name: everybody in it sees them. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { shortText } from "../../schemas";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { readCriteria } from "../lead-overview";
import { deleteFilterRow, insertFilter, type SavedFilter, selectFilters } from "./store";

const NAME_CHARS_MAX = 100;
const FILTERS_MAX = 1_000;

export const SavedFilterInput = z.object({
  name: shortText(NAME_CHARS_MAX),
  criteria: z.custom<Record<string, unknown>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "must be an object",
  ),
});

/** One D1 round trip. */
export async function listFilters(ctx: Ctx): Promise<SavedFilter[]> {
  const rows = await ctx.db.all(selectFilters(ctx.db));
  return rows.map((row) => ({ ...row, criteria: JSON.parse(row.criteria) }));
}

/** Two D1 round trips. Throws forbidden, invalid_request for criteria that the list of leads does not take, conflict for too many. */
export async function saveFilter(
  ctx: Ctx,
  given: z.input<typeof SavedFilterInput>,
  remember: Remember<SavedFilter> = () => [],
): Promise<SavedFilter> {
  requireRole(ctx, "editor");
  const { name, criteria } = parseInput(SavedFilterInput, given);
  const now = ctx.now();
  readCriteria(criteria, now);
  const kept = await ctx.db.all(selectFilters(ctx.db));
  if (kept.length >= FILTERS_MAX) throw new AppError("conflict", `An org unit keeps at most ${FILTERS_MAX} filters`);
  const filter = { filter_id: newId("flt", now), name, criteria, created_at: now };
  await ctx.db.batch([insertFilter(ctx.db, filter), ...remember(filter)]);
  return filter;
}

/** One D1 round trip. Throws forbidden, not_found. */
export async function deleteFilter(ctx: Ctx, filterId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [gone] = await ctx.db.batch([deleteFilterRow(ctx.db, parseInput(z.string(), filterId))]);
  if (gone.length === 0) throw new AppError("not_found", "Filter not found");
}
