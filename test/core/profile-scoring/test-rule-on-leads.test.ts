/** A profile rule tried on the newest leads, and how many of them have which profile score. */
import { expect, it } from "vitest";
import {
  createProfileMapping,
  createProfileRule,
  createProfileRuleset,
  createProfileRulesetWithRules,
  listProfileBook,
  profileScoreCounts,
  testProfileRuleOnLeads,
} from "../../../src/core/profile-scoring";
import { MAPPED_PROFILES_SQL } from "../../../src/core/profile-scoring/store";
import { createLevel } from "../../../src/core/scoring";
import { mintCtx } from "../../support/context";
import { planOf } from "../../support/query-plans";
import { mintLead } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

const HEADS = { profile_field: "job_title", operator: "contains", value: "head", weight: 20 } as const;
const BIG = { profile_field: "staff", operator: "greater_than", value: "100", weight: 5 } as const;

async function mintFit() {
  const { DB, count } = countingD1();
  const ctx = await mintCtx({ DB });
  const { client } = ctx.tenant;
  await createProfileMapping(ctx, { metadata_key: "title", profile_field: "job_title" });
  await createProfileMapping(ctx, { metadata_key: "no. of staff", profile_field: "staff" });
  await createLevel(ctx, { name: "Good fit", min_score: 20 }, undefined, "profile");
  const { ruleset_id } = await createProfileRuleset(ctx, { name: "Fit" });
  const rule = await createProfileRule(ctx, ruleset_id, HEADS);
  await mintLead(client, { email: "ann@example.com" }, { title: "Head of Sales", "no. of staff": 250, notes: "kept out" });
  await mintLead(client, { email: "bob@example.com" }, { title: "Intern", "no. of staff": 12 });
  await mintLead(client, { email: "eve@example.com" });
  count.trips = 0;
  return { ctx, ruleset_id, rule, count };
}

it("says which of the newest leads match, with their value, and their scores and levels as they are and as they would be", async () => {
  const { ctx, rule, count } = await mintFit();
  expect(await testProfileRuleOnLeads(ctx, { ...BIG, weight: -5 })).toMatchObject({
    checked: 3,
    truncated: false,
    matching: 1,
    is_mapped: true,
    levels: [
      { level: { name: "Good fit" }, before: 1, after: 0 },
      { level: null, before: 0, after: 1 },
    ],
    samples: [{ value: 250, current_score: 20, projected_score: 15 }],
  });
  expect(count).toMatchObject({ trips: 3 });
  // a rule that is stored already is replaced, not counted twice
  const replaced = await testProfileRuleOnLeads(ctx, { ...HEADS, weight: 30 }, rule.rule_id);
  expect(replaced.samples).toMatchObject([{ value: "Head of Sales", current_score: 20, projected_score: 30 }]);
  const unmapped = await testProfileRuleOnLeads(ctx, { ...HEADS, profile_field: "country" });
  expect(unmapped).toMatchObject({ is_mapped: false, matching: 0, checked: 3 });
});

it("counts the leads of each profile score in two round trips, and writes nothing", async () => {
  const { ctx, count } = await mintFit();
  const written = count.rowsWritten;
  expect(await profileScoreCounts(ctx)).toEqual({
    scores: [
      [0, 2],
      [20, 1],
    ],
    leads: 3,
    truncated: false,
  });
  expect([count.trips, count.rowsWritten - written]).toEqual([2, 0]);
});

it("a lead whose profile is very long is left out, and the result is marked as truncated", async () => {
  const { ctx } = await mintFit();
  await mintLead(
    ctx.tenant.client,
    { email: "long@example.com" },
    { title: "Head", notes: "x".repeat(9_000), more: "x".repeat(9_000), last: "x".repeat(9_000) },
  );
  expect(await testProfileRuleOnLeads(ctx, HEADS)).toMatchObject({ checked: 3, truncated: true, matching: 1 });
});

it("a ruleset that is created with its rules scores like one whose rules came one by one", async () => {
  const { ctx } = await mintFit();
  const rules = [HEADS, { ...BIG, active: false }];
  await createProfileRulesetWithRules(ctx, { name: "Copy", active: true, rules });
  const { rulesets } = await listProfileBook(ctx);
  expect(rulesets[1]).toMatchObject({
    name: "Copy",
    active: true,
    rules: [
      { ...HEADS, active: true },
      { ...BIG, active: false },
    ],
  });
  expect((await profileScoreCounts(ctx)).scores).toEqual([
    [0, 2],
    [40, 1],
  ]);
});

it("reads the newest leads by their key, and no table from end to end", async () => {
  const scans = (await planOf(MAPPED_PROFILES_SQL)).filter((step) => /^SCAN (?!k\b)|TEMP B-TREE/.test(step));
  expect(scans).toEqual([]);
});
