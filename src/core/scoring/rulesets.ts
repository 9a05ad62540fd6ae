/** Rulesets: named groups of rules that score at the same time, each for itself. */
import type { Ctx } from "../../context";
import { insertIfRoom, untilCommitted } from "../../db/batch";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import type { Ruleset } from "./rule";
import {
  deleteRulesetStatements,
  insertRuleset,
  type RulesetRow,
  readRuleset,
  rulesetIsAsRead,
  selectRuleset,
  selectRulesets,
  updateRuleset,
} from "./rule-store";

export type RulesetInput = Omit<Ruleset, "ruleset_id" | "created_at" | "updated_at">;

/** In the order of their making. */
export async function listRulesets(ctx: Ctx): Promise<Ruleset[]> {
  return (await ctx.db.all<RulesetRow>(selectRulesets(ctx.db))).map(readRuleset);
}

export async function requireRuleset(ctx: Ctx, rulesetId: string): Promise<Ruleset> {
  const [row] = await ctx.db.all<RulesetRow>(selectRuleset(ctx.db, rulesetId));
  if (!row) throw rulesetNotFound(rulesetId);
  return readRuleset(row);
}

export async function createRuleset(ctx: Ctx, input: RulesetInput): Promise<Ruleset> {
  requirePeriod(input);
  const now = ctx.now();
  const ruleset: Ruleset = { ruleset_id: newId("rs", now), ...input, created_at: now, updated_at: now };
  await insertIfRoom(ctx.db, "rulesets", [insertRuleset(ctx.db, ruleset)]);
  return ruleset;
}

/** Changes what is given, whatever else is changed at the same time. One that is not active scores nothing; what it has scored stays. */
export function changeRuleset(ctx: Ctx, rulesetId: string, changes: Partial<RulesetInput>): Promise<Ruleset> {
  return untilCommitted(async () => {
    const stored = await requireRuleset(ctx, rulesetId);
    const ruleset = { ...stored, ...changes, updated_at: Math.max(ctx.now(), stored.updated_at + 1) };
    requirePeriod(ruleset);
    await ctx.db.batch([rulesetIsAsRead(ctx.db, stored), updateRuleset(ctx.db, ruleset)]);
    return ruleset;
  });
}

/** Deletes a ruleset with its rules; the scores that they gave stay. */
export async function deleteRuleset(ctx: Ctx, rulesetId: string): Promise<void> {
  const [deleted] = await ctx.db.batch(deleteRulesetStatements(ctx.db, rulesetId, ctx.now()));
  if (!deleted?.[0]) throw rulesetNotFound(rulesetId);
}

export function requirePeriod({ starts_at, ends_at }: { starts_at: number | null; ends_at: number | null }): void {
  if (starts_at !== null && ends_at !== null && ends_at <= starts_at) {
    throw new AppError("invalid_request", "ends_at must be later than starts_at", [
      { path: "ends_at", message: "must be later than starts_at" },
    ]);
  }
}

export const rulesetNotFound = (rulesetId: string): AppError => new AppError("not_found", `Ruleset not found: ${rulesetId.slice(0, 100)}`);
