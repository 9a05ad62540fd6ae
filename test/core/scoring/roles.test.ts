/** Every verb of scoring that writes refuses a viewer and input outside its limits, whichever dialect calls it. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  arrangeLevels,
  changeLevel,
  changeRule,
  changeRuleset,
  createLevel,
  createRule,
  createRuleset,
  deleteLevel,
  deleteRule,
  deleteRuleset,
  explainScore,
  levelsVersion,
  listLevels,
  restoreRule,
  restoreRuleset,
  scoreHistory,
  testRule,
  testRuleOnHistory,
  topLeads,
} from "../../../src/core/scoring";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";
import { editorsOnly } from "../../support/roles";

const RULE = { event_type: "Page View", weight: 10 };
const LEVEL = { name: "Hot", min_score: 50 };

type Given = { ctx: Ctx; ruleset: string; rule: string; level: string; deletedRuleset: string; deletedRule: string };

async function mintGiven(): Promise<Given> {
  const ctx = withRole(await mintCtx(), "editor");
  const { ruleset_id } = await createRuleset(ctx, { name: "Engagement" });
  const { rule_id } = await createRule(ctx, ruleset_id, RULE);
  const { level_id } = await createLevel(ctx, LEVEL);
  const { ruleset_id: deletedRuleset } = await createRuleset(ctx, { name: "Former" });
  await deleteRuleset(ctx, deletedRuleset);
  const { rule_id: deletedRule } = await createRule(ctx, ruleset_id, RULE);
  await deleteRule(ctx, deletedRule);
  return { ctx, ruleset: ruleset_id, rule: rule_id, level: level_id, deletedRuleset, deletedRule };
}

const stored = ({ ctx: { unit } }: Given) =>
  Promise.all(["rulesets", "rules", "engagement_levels"].map((table) => rowsOf(unit.unit, table)));

const VERBS: [string, (given: Given) => Promise<unknown>][] = [
  ["createRuleset", ({ ctx }) => createRuleset(ctx, { name: "More" })],
  ["changeRuleset", ({ ctx, ruleset }) => changeRuleset(ctx, ruleset, { active: false })],
  ["createRule", ({ ctx, ruleset }) => createRule(ctx, ruleset, RULE)],
  ["changeRule", ({ ctx, rule }) => changeRule(ctx, rule, { weight: 5 })],
  ["createLevel", ({ ctx }) => createLevel(ctx, { name: "Cold", min_score: 0, max_score: 9 })],
  ["changeLevel", ({ ctx, level }) => changeLevel(ctx, level, { name: "Hotter" })],
  ["deleteLevel", ({ ctx, level }) => deleteLevel(ctx, level)],
  ["deleteRule", ({ ctx, rule }) => deleteRule(ctx, rule)],
  ["deleteRuleset", ({ ctx, ruleset }) => deleteRuleset(ctx, ruleset)],
  ["restoreRule", ({ ctx, deletedRule }) => restoreRule(ctx, deletedRule)],
  ["restoreRuleset", ({ ctx, deletedRuleset }) => restoreRuleset(ctx, deletedRuleset)],
  ["arrangeLevels", async ({ ctx }) => arrangeLevels(ctx, { version: levelsVersion(await listLevels(ctx)), levels: [] })],
];

editorsOnly(VERBS, mintGiven, stored);

const NAMES = ["", " ", "x".repeat(5000), "a\0b", "\ud800", 5, null];
const TIMES = [1.5, Number.NaN, Number.POSITIVE_INFINITY, 9e15, "2026-01-15T10:00:00Z"];
const HOSTILE: Record<string, unknown[]> = {
  ruleset: [
    undefined,
    null,
    [],
    "name",
    {},
    ...NAMES.map((name) => ({ name })),
    ...TIMES.map((starts_at) => ({ name: "x", starts_at })),
    { name: "x", active: 1 },
    { name: "x", starts_at: 2, ends_at: 1 },
  ],
  rule: [
    {},
    { weight: 1 },
    ...NAMES.map((event_type) => ({ ...RULE, event_type })),
    ...[1.5e308, 1.5, -1_000_001, "10", Number.NaN, null].map((weight) => ({ ...RULE, weight })),
    ...[-1, 0, 1e-9, 36_501, Number.POSITIVE_INFINITY, "1"].map((half_life_days) => ({ ...RULE, half_life_days })),
    ...TIMES.map((ends_at) => ({ ...RULE, ends_at })),
    { ...RULE, attribute_filters: [{ field: "path", operator: "resembles", value: "x" }] },
    { ...RULE, attribute_filters: [{ field: "path", operator: "equals" }] },
    { ...RULE, attribute_filters: new Array(21).fill({ field: "path", operator: "exists" }) },
  ],
  level: [
    {},
    ...NAMES.map((name) => ({ ...LEVEL, name })),
    ...[0.5, Number.NaN, "1", null].map((min_score) => ({ ...LEVEL, min_score })),
    { ...LEVEL, max_score: 49 },
    { ...LEVEL, color: "red" },
    { ...LEVEL, position: 1e300 },
  ],
};

it("input outside the limits is invalid_request when a definition is created and when it is changed, and nothing is stored", async () => {
  const given = await mintGiven();
  const { ctx, ruleset, rule, level } = given;
  const before = await stored(given);
  const verbs: [verb: string, input: unknown[], call: (input: never) => Promise<unknown>][] = [
    ["createRuleset", HOSTILE.ruleset ?? [], (input) => createRuleset(ctx, input)],
    ["changeRuleset", HOSTILE.ruleset ?? [], (input) => changeRuleset(ctx, ruleset, input)],
    ["createRule", HOSTILE.rule ?? [], (input) => createRule(ctx, ruleset, input)],
    ["changeRule", (HOSTILE.rule ?? []).slice(2), (input) => changeRule(ctx, rule, input)],
    ["createLevel", HOSTILE.level ?? [], (input) => createLevel(ctx, input)],
    ["changeLevel", HOSTILE.level ?? [], (input) => changeLevel(ctx, level, input)],
  ];
  for (const [verb, inputs, call] of verbs) {
    for (const input of inputs) {
      const refusal = await call(input as never).catch((error: unknown) => error);
      expect(refusal, `${verb} ${JSON.stringify(input)}`).toMatchObject({ code: "invalid_request" });
    }
  }
  expect(await stored(given)).toEqual(before);
});

it("fields left out take their defaults, and those that are undefined stay as they are in a change", async () => {
  const { ctx, ruleset, rule } = await mintGiven();
  expect(await changeRuleset(ctx, ruleset, { name: undefined, active: false })).toMatchObject({ name: "Engagement", active: false });
  expect(await changeRule(ctx, rule, { weight: 3, event_type: undefined })).toMatchObject({
    ...RULE,
    weight: 3,
    active: true,
    starts_at: null,
    half_life_days: null,
    attribute_filters: [],
  });
});

it("a read outside its limits is invalid_request", async () => {
  const { ctx } = await mintGiven();
  const viewer = withRole(ctx, "viewer");
  const lead = "0193f3a2c7b07aa18000c0ffee123456";
  const calls: (() => Promise<unknown>)[] = [
    ...[0, -1, 101, 1e9, 1.5, Number.NaN].map((limit) => () => topLeads(viewer, { limit })),
    ...[0, -1, 1e9, 1.5, Number.NaN].map((hours) => () => explainScore(viewer, lead, { hours })),
    ...[0, 91, 1.5, Number.NaN].map((days) => () => scoreHistory(viewer, lead, { days })),
    () => explainScore(viewer, lead, { at: Number.NaN }),
    () => scoreHistory(viewer, lead, { start_date: 0 }),
    () => scoreHistory(viewer, lead, { start_date: 0, end_date: ctx.now() }),
    () => scoreHistory(viewer, lead, { start_date: ctx.now(), end_date: 0 }),
    () => testRule(viewer, lead, { ...RULE, weight: 1.5e308 }),
    () => testRule(viewer, lead, { ...RULE, half_life_days: -1 }),
    () => testRuleOnHistory(viewer, { ...RULE, weight: 1.5e308 }, [ctx.now()]),
    ...[[], [Number.NaN], [ctx.now(), ctx.now()], [0], new Array(101).fill(0).map((_, at) => ctx.now() + at)].map(
      (starts) => () => testRuleOnHistory(viewer, RULE, starts),
    ),
  ];
  for (const call of calls) await expect(call(), call.toString()).rejects.toMatchObject({ code: "invalid_request" });
  await expect(testRule(viewer, lead, RULE)).rejects.toMatchObject({ code: "not_found" });
});
