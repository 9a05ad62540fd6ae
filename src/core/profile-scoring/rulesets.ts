/** Rulesets on leads' profiles. All active ones score every lead, independently of each other; a change counts at once, for all leads. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { requireAsSeen } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { ProfileRule, ProfileRuleset } from "./rule";
import { NewProfileRuleset, ProfileRulesetChange, ProfileRulesetCopy } from "./schemas";
import {
  deleteProfileRulesetStatements,
  insertProfileRules,
  insertProfileRuleset,
  readActive,
  selectProfileRuleset,
  selectProfileRulesets,
  updateProfileRuleset,
} from "./store";

/** Oldest first. One D1 round trip. */
export async function listProfileRulesets(ctx: Ctx): Promise<ProfileRuleset[]> {
  return (await ctx.db.all(selectProfileRulesets(ctx.db))).map((row) => readActive<ProfileRuleset>(row));
}

/** Throws not_found. One D1 round trip. */
export async function requireProfileRuleset(ctx: Ctx, rulesetId: string): Promise<ProfileRuleset> {
  const [row] = await ctx.db.all(selectProfileRuleset(ctx.db, rulesetId));
  if (!row) throw noSuchProfileRuleset(rulesetId);
  return readActive<ProfileRuleset>(row);
}

/** Throws forbidden, invalid_request, and conflict when the org unit has no room for another. One D1 round trip. */
export async function createProfileRuleset(
  ctx: Ctx,
  given: z.input<typeof NewProfileRuleset>,
  remember: Remember<ProfileRuleset> = () => [],
): Promise<ProfileRuleset> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const ruleset = { ruleset_id: newId("prs", now), ...parseInput(NewProfileRuleset, given), created_at: now, updated_at: now };
  await insertIfRoom(ctx, "profile_rulesets", [insertProfileRuleset(ctx.db, ruleset), ...remember(ruleset)]);
  return ruleset;
}

/**
 * Creates a ruleset together with its rules, as after a deletion that is taken back: all get new ids. Throws forbidden, invalid_request, and
 * conflict when the org unit has no room for them. One D1 round trip.
 */
export async function createProfileRulesetWithRules(
  ctx: Ctx,
  given: z.input<typeof ProfileRulesetCopy>,
  remember: Remember<ProfileRuleset> = () => [],
): Promise<ProfileRuleset> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const times = { created_at: now, updated_at: now };
  const { rules: wanted, ...fields } = parseInput(ProfileRulesetCopy, given);
  const ruleset = { ruleset_id: newId("prs", now), ...fields, ...times };
  const rules = wanted.map((rule): ProfileRule => ({ rule_id: newId("prule", now), ruleset_id: ruleset.ruleset_id, ...rule, ...times }));
  await insertIfRoom(
    ctx,
    ["profile_rulesets", "profile_rules"],
    [insertProfileRuleset(ctx.db, ruleset), insertProfileRules(ctx.db, rules), ...remember(ruleset)],
  );
  return ruleset;
}

/**
 * Changes the given fields. With `seen`, the `updated_at` of what the caller looked at, throws precondition_failed when it has changed since.
 * Throws forbidden, invalid_request, not_found. One D1 round trip, two when it throws.
 */
export async function changeProfileRuleset(
  ctx: Ctx,
  rulesetId: string,
  given: z.input<typeof ProfileRulesetChange>,
  seen?: number,
): Promise<ProfileRuleset> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(updateProfileRuleset(ctx.db, rulesetId, parseInput(ProfileRulesetChange, given), ctx.now(), seen));
  if (!row) requireAsSeen(await requireProfileRuleset(ctx, rulesetId), seen);
  if (!row) throw noSuchProfileRuleset(rulesetId);
  return readActive<ProfileRuleset>(row);
}

/** Deletes a ruleset and its rules. Throws forbidden, not_found. One D1 round trip. */
export async function deleteProfileRuleset(ctx: Ctx, rulesetId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [deleted] = await ctx.db.batch(deleteProfileRulesetStatements(ctx.db, rulesetId));
  if (deleted.length === 0) throw noSuchProfileRuleset(rulesetId);
}

export const noSuchProfileRuleset = (rulesetId: string): AppError =>
  new AppError("not_found", `Profile ruleset not found: ${rulesetId.slice(0, 100)}`);
