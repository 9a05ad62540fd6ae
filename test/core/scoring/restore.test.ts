/** A deletion that is taken back: rules apply to events from then on, and only what was deleted together comes back together. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  changeRule,
  changeRuleset,
  createRule,
  createRuleset,
  deleteRule,
  deleteRuleset,
  listScoringBook,
  restoreRule,
  restoreRuleset,
} from "../../../src/core/scoring";
import { mintCtx } from "../../support/context";

const RULE = { event_type: "Page View", weight: 10 };

async function mintBook() {
  const ctx = await mintCtx();
  const { ruleset_id } = await createRuleset(ctx, { name: "Engagement" });
  const first = await createRule(ctx, ruleset_id, RULE);
  const second = await createRule(ctx, ruleset_id, { ...RULE, weight: 20 });
  return { ctx, ruleset_id, first: first.rule_id, second: second.rule_id };
}

const book = async (ctx: Ctx) =>
  (await listScoringBook(ctx)).map(({ ruleset_id, rules }) => [ruleset_id, rules.map(({ rule_id }) => rule_id)]);

it("the book lists every ruleset with its rules, and empty ones", async () => {
  const { ctx, ruleset_id, first, second } = await mintBook();
  const { ruleset_id: empty } = await createRuleset(ctx, { name: "Empty" });
  expect(await book(ctx)).toEqual([
    [ruleset_id, [first, second]],
    [empty, []],
  ]);
});

it("a ruleset comes back with the rules that were deleted with it, not with one that was deleted before", async () => {
  const { ctx, ruleset_id, first, second } = await mintBook();
  await deleteRule({ ...ctx, now: () => ctx.now() - 5 }, first);
  await deleteRuleset(ctx, ruleset_id);
  expect(await book(ctx)).toEqual([]);
  expect(await restoreRuleset(ctx, ruleset_id)).toMatchObject({ ruleset_id, name: "Engagement" });
  expect(await book(ctx)).toEqual([[ruleset_id, [second]]]);
  await expect(restoreRuleset(ctx, ruleset_id)).rejects.toMatchObject({ code: "not_found" });
});

it("a rule comes back unless its ruleset is deleted", async () => {
  const { ctx, ruleset_id, first, second } = await mintBook();
  await deleteRule(ctx, first);
  expect(await restoreRule(ctx, first)).toMatchObject({ rule_id: first, ...RULE });
  expect(await book(ctx)).toEqual([[ruleset_id, [first, second]]]);
  await expect(restoreRule(ctx, first)).rejects.toMatchObject({ code: "not_found" });
  await deleteRuleset(ctx, ruleset_id);
  await expect(restoreRule(ctx, first)).rejects.toMatchObject({ code: "not_found" });
});

it("nothing comes back beyond what the org unit has room for", async () => {
  const { ctx, ruleset_id, first } = await mintBook();
  const limited = (limits: object) => ({ ...ctx, unit: { ...ctx.unit, limits: { ...ctx.unit.limits, ...limits } } });
  await deleteRule(ctx, first);
  await expect(restoreRule(limited({ rules: 1 }), first)).rejects.toMatchObject({ code: "conflict" });
  await restoreRule(limited({ rules: 2 }), first);
  await deleteRuleset(ctx, ruleset_id);
  for (const limits of [{ rules: 1 }, { rulesets: 0 }])
    await expect(restoreRuleset(limited(limits), ruleset_id)).rejects.toMatchObject({ code: "conflict" });
  expect(await book(ctx)).toEqual([]);
});

it("a change by somebody who looked at an older state is precondition_failed, and nothing changes", async () => {
  const { ctx, ruleset_id, first } = await mintBook();
  const { updated_at } = await changeRule(ctx, first, { weight: 11 });
  await expect(changeRule(ctx, first, { weight: 12 }, updated_at - 1)).rejects.toMatchObject({ code: "precondition_failed" });
  await expect(changeRuleset(ctx, ruleset_id, { name: "Other" }, 1)).rejects.toMatchObject({ code: "precondition_failed" });
  expect(await changeRule(ctx, first, { weight: 13 }, updated_at)).toMatchObject({ weight: 13 });
});
