/** Every verb of profile scoring and of velocity filters that writes refuses a viewer and input outside its limits. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { changeEventType, changeVelocityFilter, createVelocityFilter, deleteVelocityFilter } from "../../../src/core/events";
import {
  changeProfileMapping,
  changeProfileRule,
  changeProfileRuleset,
  createProfileMapping,
  createProfileRule,
  createProfileRuleset,
  createProfileRulesetWithRules,
  deleteProfileMapping,
  deleteProfileRule,
  deleteProfileRuleset,
} from "../../../src/core/profile-scoring";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";
import { editorsOnly } from "../../support/roles";

const RULE = { profile_field: "job_title", operator: "contains", value: "head", weight: 20 } as const;
const MAPPING = { metadata_key: "title", profile_field: "job_title" };
const FILTER = { event_type: "Click", threshold: 2, window_ms: 60_000 };

type Given = { ctx: Ctx; ruleset: string; rule: string; mapping: string; filter: string };

async function mintGiven(): Promise<Given> {
  const ctx = withRole(await mintCtx(), "editor");
  const { ruleset_id } = await createProfileRuleset(ctx, { name: "Fit" });
  const { rule_id } = await createProfileRule(ctx, ruleset_id, RULE);
  const { mapping_id } = await createProfileMapping(ctx, MAPPING);
  const { filter_id } = await createVelocityFilter(ctx, FILTER);
  return { ctx, ruleset: ruleset_id, rule: rule_id, mapping: mapping_id, filter: filter_id };
}

const stored = ({ ctx: { unit } }: Given) =>
  Promise.all(["profile_rulesets", "profile_rules", "profile_mappings", "velocity_filters"].map((table) => rowsOf(unit.unit, table)));

const VERBS: [string, (given: Given) => Promise<unknown>][] = [
  ["createProfileRuleset", ({ ctx }) => createProfileRuleset(ctx, { name: "More" })],
  ["createProfileRulesetWithRules", ({ ctx }) => createProfileRulesetWithRules(ctx, { name: "More", rules: [RULE] })],
  ["changeProfileRuleset", ({ ctx, ruleset }) => changeProfileRuleset(ctx, ruleset, { active: false })],
  ["deleteProfileRuleset", ({ ctx, ruleset }) => deleteProfileRuleset(ctx, ruleset)],
  ["createProfileRule", ({ ctx, ruleset }) => createProfileRule(ctx, ruleset, RULE)],
  ["changeProfileRule", ({ ctx, ruleset, rule }) => changeProfileRule(ctx, ruleset, rule, { weight: 5 })],
  ["deleteProfileRule", ({ ctx, ruleset, rule }) => deleteProfileRule(ctx, ruleset, rule)],
  ["createProfileMapping", ({ ctx }) => createProfileMapping(ctx, { ...MAPPING, metadata_key: "position" })],
  ["changeProfileMapping", ({ ctx, mapping }) => changeProfileMapping(ctx, mapping, { profile_field: "role" })],
  ["deleteProfileMapping", ({ ctx, mapping }) => deleteProfileMapping(ctx, mapping)],
  ["createVelocityFilter", ({ ctx }) => createVelocityFilter(ctx, FILTER)],
  ["changeVelocityFilter", ({ ctx, filter }) => changeVelocityFilter(ctx, filter, { threshold: 9 })],
  ["deleteVelocityFilter", ({ ctx, filter }) => deleteVelocityFilter(ctx, filter)],
];

editorsOnly(VERBS, mintGiven, stored);

it("a viewer hides no event type", async () => {
  const { ctx } = await mintGiven();
  await expect(changeEventType(withRole(ctx, "viewer"), "Click", { hidden: true })).rejects.toMatchObject({ code: "forbidden" });
});

it("input outside the limits is invalid_request, and nothing is stored", async () => {
  const given = await mintGiven();
  const { ctx, ruleset, rule, mapping, filter } = given;
  const before = await stored(given);
  const calls: [input: unknown[], call: (input: never) => Promise<unknown>][] = [
    [[{}, { name: "" }, { name: 5 }, { name: "a\0" }, { name: "x", active: 1 }], (input) => createProfileRuleset(ctx, input)],
    [[{}, { name: "x" }, { name: "x", rules: [{ ...RULE, value: "" }] }], (input) => createProfileRulesetWithRules(ctx, input)],
    [[{}, { name: "" }, { active: "yes" }], (input) => changeProfileRuleset(ctx, ruleset, input)],
    [
      [
        {},
        { ...RULE, weight: 1.5 },
        { ...RULE, weight: 1e9 },
        { ...RULE, operator: "like" },
        { ...RULE, value: "" },
        { ...RULE, value: 5 },
      ],
      (input) => createProfileRule(ctx, ruleset, input),
    ],
    [[{}, { weight: Number.NaN }, { operator: "like" }], (input) => changeProfileRule(ctx, ruleset, rule, input)],
    [[{}, { ...MAPPING, metadata_key: "a/b" }, { ...MAPPING, profile_field: " " }], (input) => createProfileMapping(ctx, input)],
    [[{}, { metadata_key: "" }], (input) => changeProfileMapping(ctx, mapping, input)],
    [
      [{}, { ...FILTER, threshold: 0 }, { ...FILTER, threshold: 1e9 }, { ...FILTER, window_ms: 1 }, { ...FILTER, event_type: "" }],
      (input) => createVelocityFilter(ctx, input),
    ],
    [[{}, { threshold: 1.5 }, { window_ms: Number.POSITIVE_INFINITY }], (input) => changeVelocityFilter(ctx, filter, input)],
    [[{}, { hidden: "yes" }], (input) => changeEventType(ctx, "Click", input)],
  ];
  for (const [inputs, call] of calls) {
    for (const input of inputs) {
      const refusal = await call(input as never).catch((error: unknown) => error);
      expect(refusal, JSON.stringify(input)).toMatchObject({ code: "invalid_request" });
    }
  }
  expect(await stored(given)).toEqual(before);
});
