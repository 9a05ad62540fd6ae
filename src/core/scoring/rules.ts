/** Rules: how many points an event of a type is worth. A change applies to later events; points already given stay. */

import type { Ctx } from "../../context";
import { untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import type { Rule } from "./rule";
import {
  deleteRuleStatement,
  insertRule,
  type RuleRow,
  readRule,
  ruleIsAsRead,
  selectRule,
  selectRuleset,
  selectRulesOf,
  updateRule,
} from "./rule-store";
import { noSuchRuleset, requirePeriod, requireRuleset } from "./rulesets";

export type RuleInput = Omit<Rule, "rule_id" | "ruleset_id" | "created_at" | "updated_at">;

/** Oldest first. Throws not_found for an unknown ruleset. */
export async function listRules(ctx: Ctx, rulesetId: string): Promise<Rule[]> {
  const [rulesets, rules] = await ctx.db.batch([selectRuleset(ctx.db, rulesetId), selectRulesOf(ctx.db, rulesetId)]);
  if (!rulesets?.[0]) await requireRuleset(ctx, rulesetId);
  return ((rules ?? []) as RuleRow[]).map(readRule);
}

export async function createRule(ctx: Ctx, rulesetId: string, input: RuleInput): Promise<Rule> {
  requirePeriod(input);
  const now = ctx.now();
  const rule: Rule = { rule_id: newId("rule", now), ruleset_id: rulesetId, ...input, created_at: now, updated_at: now };
  const [inserted] = await insertIfRoom(ctx.db, "rules", [insertRule(ctx.db, rule)]);
  if (!inserted?.[0]) throw noSuchRuleset(rulesetId);
  return rule;
}

/** Changes the given fields; concurrent changes of other fields are kept. Throws not_found. */
export function changeRule(ctx: Ctx, ruleId: string, changes: Partial<RuleInput>): Promise<Rule> {
  return untilCommitted(async () => {
    const [row] = await ctx.db.all<RuleRow>(selectRule(ctx.db, ruleId));
    if (!row) throw noSuchRule(ruleId);
    const stored = readRule(row);
    const rule = { ...stored, ...changes, updated_at: Math.max(ctx.now(), stored.updated_at + 1) };
    requirePeriod(rule);
    await ctx.db.batch([ruleIsAsRead(ctx.db, stored), updateRule(ctx.db, rule)]);
    return rule;
  });
}

export async function deleteRule(ctx: Ctx, ruleId: string): Promise<void> {
  const [deleted] = await ctx.db.batch([deleteRuleStatement(ctx.db, ruleId, ctx.now())]);
  if (!deleted?.[0]) throw noSuchRule(ruleId);
}

const noSuchRule = (ruleId: string): AppError => new AppError("not_found", `Rule not found: ${ruleId.slice(0, 100)}`);
