/** Rulesets: named groups of rules. All active ones score every event, independently of each other. */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { requireAsSeen, untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { Ruleset } from "./rule";
import {
  deleteRulesetStatements,
  insertRuleset,
  readRuleset,
  restoreRulesetStatements,
  rulesetIsAsRead,
  selectRuleset,
  selectRulesets,
  updateRuleset,
} from "./rule-store";
import { NewRuleset, RulesetChange } from "./schemas";

/** Oldest first. One D1 round trip. */
export async function listRulesets(ctx: Ctx): Promise<Ruleset[]> {
  return (await ctx.db.all(selectRulesets(ctx.db))).map(readRuleset);
}

export async function requireRuleset(ctx: Ctx, rulesetId: string): Promise<Ruleset> {
  const [row] = await ctx.db.all(selectRuleset(ctx.db, rulesetId));
  if (!row) throw noSuchRuleset(rulesetId);
  return readRuleset(row);
}

/** Throws forbidden, invalid_request, and conflict when the org unit has no room for another. One D1 round trip. */
export async function createRuleset(ctx: Ctx, given: z.input<typeof NewRuleset>, remember: Remember<Ruleset> = () => []): Promise<Ruleset> {
  requireRole(ctx, "editor");
  const input = parseInput(NewRuleset, given);
  requirePeriod(input);
  const now = ctx.now();
  const ruleset: Ruleset = { ruleset_id: newId("rs", now), ...input, created_at: now, updated_at: now };
  await insertIfRoom(ctx, "rulesets", [insertRuleset(ctx.db, ruleset), ...remember(ruleset)]);
  return ruleset;
}

/**
 * Changes the given fields; concurrent changes of other fields are kept. An inactive ruleset scores nothing; points already given stay.
 * With `seen`, the `updated_at` of what the caller looked at, throws precondition_failed when it has changed since.
 * Throws forbidden, invalid_request, not_found. Two D1 round trips.
 */
export async function changeRuleset(ctx: Ctx, rulesetId: string, given: z.input<typeof RulesetChange>, seen?: number): Promise<Ruleset> {
  requireRole(ctx, "editor");
  const changes = parseInput(RulesetChange, given);
  return untilCommitted(async () => {
    const stored = await requireRuleset(ctx, rulesetId);
    requireAsSeen(stored, seen);
    const ruleset = { ...stored, ...changes, updated_at: Math.max(ctx.now(), stored.updated_at + 1) };
    requirePeriod(ruleset);
    await ctx.db.batch([rulesetIsAsRead(ctx.db, stored), updateRuleset(ctx.db, ruleset)]);
    return ruleset;
  });
}

/** Deletes a ruleset and its rules; points already given stay. Throws forbidden, not_found. One D1 round trip. */
export async function deleteRuleset(ctx: Ctx, rulesetId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [deleted] = await ctx.db.batch(deleteRulesetStatements(ctx.db, rulesetId, ctx.now()));
  if (deleted.length === 0) throw noSuchRuleset(rulesetId);
}

/**
 * Takes the deletion of a ruleset back, with the rules that were deleted with it: they apply to events from then on. Throws forbidden,
 * not_found for a ruleset that is not deleted, and conflict when the org unit has no room for it. One D1 round trip.
 */
export async function restoreRuleset(ctx: Ctx, rulesetId: string): Promise<Ruleset> {
  requireRole(ctx, "editor");
  const [, [row]] = await insertIfRoom(ctx, ["rulesets", "rules"], restoreRulesetStatements(ctx.db, rulesetId, ctx.now()));
  if (!row) throw noSuchRuleset(rulesetId);
  return readRuleset(row);
}

export function requirePeriod({ starts_at, ends_at }: { starts_at: number | null; ends_at: number | null }): void {
  if (starts_at !== null && ends_at !== null && ends_at <= starts_at) {
    throw new AppError("invalid_request", "ends_at must be later than starts_at", [
      { path: "ends_at", message: "must be later than starts_at" },
    ]);
  }
}

export const noSuchRuleset = (rulesetId: string): AppError => new AppError("not_found", `Ruleset not found: ${rulesetId.slice(0, 100)}`);
