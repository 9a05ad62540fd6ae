/** The rules of a profile ruleset: how many points a field of the profile is worth. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict, requireAsSeen } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { ProfileRule } from "./rule";
import { noSuchProfileRuleset } from "./rulesets";
import { NewProfileRule, ProfileRuleChange } from "./schemas";
import {
  deleteProfileRuleStatement,
  insertProfileRule,
  readActive,
  selectProfileRules,
  selectProfileRuleset,
  updateProfileRule,
} from "./store";

/** Oldest first. Throws not_found. One D1 round trip. */
export async function listProfileRules(ctx: Ctx, rulesetId: string): Promise<ProfileRule[]> {
  const [rulesets, rules] = await ctx.db.batch([selectProfileRuleset(ctx.db, rulesetId), selectProfileRules(ctx.db, rulesetId)]);
  if (rulesets.length === 0) throw noSuchProfileRuleset(rulesetId);
  return rules.map((row) => readActive<ProfileRule>(row));
}

/** Throws forbidden, invalid_request, not_found, and conflict when the org unit has no room for another. One D1 round trip. */
export async function createProfileRule(
  ctx: Ctx,
  rulesetId: string,
  given: z.input<typeof NewProfileRule>,
  remember: Remember<ProfileRule> = () => [],
): Promise<ProfileRule> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const input = parseInput(NewProfileRule, given);
  const rule = { rule_id: newId("prule", now), ruleset_id: rulesetId, ...input, created_at: now, updated_at: now };
  try {
    await insertIfRoom(ctx, "profile_rules", [insertProfileRule(ctx.db, rule), ...remember(rule)]);
  } catch (error) {
    throw error instanceof CommitConflict ? noSuchProfileRuleset(rulesetId) : error;
  }
  return rule;
}

/**
 * Changes the given fields. With `seen`, the `updated_at` of what the caller looked at, throws precondition_failed when it has changed since.
 * Throws forbidden, invalid_request, not_found. One D1 round trip, two when it throws.
 */
export async function changeProfileRule(
  ctx: Ctx,
  rulesetId: string,
  ruleId: string,
  given: z.input<typeof ProfileRuleChange>,
  seen?: number,
): Promise<ProfileRule> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(updateProfileRule(ctx.db, rulesetId, ruleId, parseInput(ProfileRuleChange, given), ctx.now(), seen));
  if (row) return readActive<ProfileRule>(row);
  const stored = (await ctx.db.all(selectProfileRules(ctx.db, rulesetId))).find(({ rule_id }) => rule_id === ruleId);
  if (stored) requireAsSeen(stored, seen);
  throw noSuchProfileRule(ruleId);
}

/** Throws forbidden, not_found. One D1 round trip. */
export async function deleteProfileRule(ctx: Ctx, rulesetId: string, ruleId: string): Promise<void> {
  requireRole(ctx, "editor");
  const deleted = await ctx.db.all(deleteProfileRuleStatement(ctx.db, rulesetId, ruleId));
  if (deleted.length === 0) throw noSuchProfileRule(ruleId);
}

const noSuchProfileRule = (ruleId: string): AppError => new AppError("not_found", `Profile rule not found: ${ruleId.slice(0, 100)}`);
