/** Rulesets on leads' profiles. All active ones score every lead, independently of each other; a change counts at once, for all leads. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { ProfileRuleset } from "./rule";
import { NewProfileRuleset, ProfileRulesetChange } from "./schemas";
import {
  deleteProfileRulesetStatements,
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

/** Changes the given fields. Throws forbidden, invalid_request, not_found. One D1 round trip. */
export async function changeProfileRuleset(
  ctx: Ctx,
  rulesetId: string,
  given: z.input<typeof ProfileRulesetChange>,
): Promise<ProfileRuleset> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(updateProfileRuleset(ctx.db, rulesetId, parseInput(ProfileRulesetChange, given), ctx.now()));
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
