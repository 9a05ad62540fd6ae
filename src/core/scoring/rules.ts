/** Rules: how many points an event of a type is worth. A change applies to later events; points already given stay. */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict, requireAsSeen, untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { Rule, Ruleset } from "./rule";
import {
  deleteRuleStatement,
  insertRule,
  readRule,
  readRuleset,
  restoreRuleStatement,
  ruleIsAsRead,
  selectRule,
  selectRules,
  selectRuleset,
  selectRulesets,
  selectRulesOf,
  updateRule,
} from "./rule-store";
import { noSuchRuleset, requirePeriod } from "./rulesets";
import { NewRule, RuleChange } from "./schemas";

/** Oldest first. Throws not_found for an unknown ruleset. One D1 round trip. */
export async function listRules(ctx: Ctx, rulesetId: string): Promise<Rule[]> {
  const [rulesets, rules] = await ctx.db.batch([selectRuleset(ctx.db, rulesetId), selectRulesOf(ctx.db, rulesetId)]);
  if (rulesets.length === 0) throw noSuchRuleset(rulesetId);
  return rules.map(readRule);
}

/** All rulesets, each with its rules, oldest first. One D1 round trip. */
export async function listScoringBook(ctx: Ctx): Promise<(Ruleset & { rules: Rule[] })[]> {
  const [rulesets, rows] = await ctx.db.batch([selectRulesets(ctx.db), selectRules(ctx.db)]);
  const rules = Map.groupBy(rows.map(readRule), ({ ruleset_id }) => ruleset_id);
  return rulesets.map((row) => ({ ...readRuleset(row), rules: rules.get(row.ruleset_id) ?? [] }));
}

/** Throws forbidden, invalid_request, not_found, and conflict when the org unit has no room for another. One D1 round trip. */
export async function createRule(
  ctx: Ctx,
  rulesetId: string,
  given: z.input<typeof NewRule>,
  remember: Remember<Rule> = () => [],
): Promise<Rule> {
  requireRole(ctx, "editor");
  const input = parseInput(NewRule, given);
  requirePeriod(input);
  const now = ctx.now();
  const rule: Rule = { rule_id: newId("rule", now), ruleset_id: rulesetId, ...input, created_at: now, updated_at: now };
  try {
    await insertIfRoom(ctx, "rules", [insertRule(ctx.db, rule), ...remember(rule)]);
  } catch (error) {
    throw error instanceof CommitConflict ? noSuchRuleset(rulesetId) : error;
  }
  return rule;
}

/**
 * Changes the given fields; concurrent changes of other fields are kept. With `seen`, the `updated_at` of what the caller looked at, throws
 * precondition_failed when the rule has changed since. Throws forbidden, invalid_request, not_found. Two D1 round trips.
 */
export async function changeRule(ctx: Ctx, ruleId: string, given: z.input<typeof RuleChange>, seen?: number): Promise<Rule> {
  requireRole(ctx, "editor");
  const changes = parseInput(RuleChange, given);
  return untilCommitted(async () => {
    const [row] = await ctx.db.all(selectRule(ctx.db, ruleId));
    if (!row) throw noSuchRule(ruleId);
    const stored = readRule(row);
    requireAsSeen(stored, seen);
    const rule = { ...stored, ...changes, updated_at: Math.max(ctx.now(), stored.updated_at + 1) };
    requirePeriod(rule);
    await ctx.db.batch([ruleIsAsRead(ctx.db, stored), updateRule(ctx.db, rule)]);
    return rule;
  });
}

/** Throws forbidden, not_found. One D1 round trip. */
export async function deleteRule(ctx: Ctx, ruleId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [deleted] = await ctx.db.batch([deleteRuleStatement(ctx.db, ruleId, ctx.now())]);
  if (deleted.length === 0) throw noSuchRule(ruleId);
}

/**
 * Takes the deletion of a rule back: it applies to events from then on. Throws forbidden, not_found for a rule that is not deleted or whose
 * ruleset is, and conflict when the org unit has no room for it. One D1 round trip.
 */
export async function restoreRule(ctx: Ctx, ruleId: string): Promise<Rule> {
  requireRole(ctx, "editor");
  const [[row]] = await insertIfRoom(ctx, "rules", [restoreRuleStatement(ctx.db, ruleId, ctx.now())]);
  if (!row) throw noSuchRule(ruleId);
  return readRule(row);
}

const noSuchRule = (ruleId: string): AppError => new AppError("not_found", `Rule not found: ${ruleId.slice(0, 100)}`);
