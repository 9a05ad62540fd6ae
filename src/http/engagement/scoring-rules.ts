/** Rulesets and their rules (contract: rules-scoring), and the dry run of a rule. */

import { z } from "@hono/zod-openapi";
import {
  type Rule as CoreRule,
  type Ruleset as CoreRuleset,
  changeRule,
  changeRuleset,
  createRule,
  createRuleset,
  deleteRule,
  deleteRuleset,
  listRules,
  listRulesets,
  requireRuleset,
  TriedRule,
  testRule,
} from "../../core/scoring";
import { isoTime, isoTimeOrNull } from "../../time";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded } from "./adapter";
import {
  RULE_EXAMPLE,
  RULESET_EXAMPLE,
  Rule,
  RuleBody,
  RuleChanges,
  type RuleFields,
  Ruleset,
  RulesetBody,
  RulesetChanges,
} from "./scoring-schemas";

const tags = ["Scoring rules"];
const RulesetParams = z.object({ id: z.string().openapi({ example: RULESET_EXAMPLE.id }) });
const RuleParams = z.object({ id: z.string().openapi({ example: RULE_EXAMPLE.id }) });
const RULESET_NOT_FOUND = { 404: "Ruleset not found" };
const RULE_NOT_FOUND = { 404: "Rule not found" };

const listSets = unitRoute("/engagement-scoring/rulesets", {
  operationId: "listRulesets",
  method: "get",
  tags,
  summary: "List rulesets",
  role: "viewer",
  responses: { 200: jsonResponse("Rulesets", z.object({ rulesets: z.array(Ruleset) }), { rulesets: [RULESET_EXAMPLE] }) },
});

const createSet = unitRoute("/engagement-scoring/rulesets", {
  operationId: "createRuleset",
  method: "post",
  tags,
  summary: "Create a ruleset",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(RulesetBody, { name: "Engagement" }) },
  responses: { 201: jsonResponse("The ruleset", Ruleset, RULESET_EXAMPLE) },
  errors: { 409: "The org unit has 100 rulesets already" },
});

const getSet = unitRoute("/engagement-scoring/rulesets/{id}", {
  operationId: "getRuleset",
  method: "get",
  tags,
  summary: "Get a ruleset",
  role: "viewer",
  request: { params: RulesetParams },
  responses: { 200: jsonResponse("The ruleset", Ruleset, RULESET_EXAMPLE) },
  errors: RULESET_NOT_FOUND,
});

const changeSet = unitRoute("/engagement-scoring/rulesets/{id}", {
  operationId: "changeRuleset",
  method: "put",
  tags,
  summary: "Change a ruleset",
  description: "Fields left out keep their values. An inactive ruleset scores nothing; points already given stay.",
  role: "editor",
  request: { params: RulesetParams, body: jsonBody(RulesetChanges, { active: false }) },
  responses: { 200: jsonResponse("The ruleset", Ruleset, { ...RULESET_EXAMPLE, active: false }) },
  errors: RULESET_NOT_FOUND,
});

const deleteSet = unitRoute("/engagement-scoring/rulesets/{id}", {
  operationId: "deleteRuleset",
  method: "delete",
  tags,
  summary: "Delete a ruleset with its rules",
  description: "Points already given stay.",
  role: "editor",
  request: { params: RulesetParams },
  responses: { 204: { description: "Deleted" } },
  errors: RULESET_NOT_FOUND,
});

const list = unitRoute("/engagement-scoring/rulesets/{id}/rules", {
  operationId: "listRules",
  method: "get",
  tags,
  summary: "List the rules of a ruleset",
  role: "viewer",
  request: { params: RulesetParams },
  responses: { 200: jsonResponse("Rules", z.object({ rules: z.array(Rule) }), { rules: [RULE_EXAMPLE] }) },
  errors: RULESET_NOT_FOUND,
});

const create = unitRoute("/engagement-scoring/rulesets/{id}/rules", {
  operationId: "createRule",
  method: "post",
  tags,
  summary: "Create a rule",
  idempotent: true,
  description: "Every active rule that matches an event adds its weight.",
  role: "editor",
  request: {
    params: RulesetParams,
    body: jsonBody(RuleBody, {
      event_type: "Page View",
      weight: 10,
      half_life_days: 14,
      attribute_filters: [{ field: "path", operator: "contains", value: "/pricing" }],
    }),
  },
  responses: { 201: jsonResponse("The rule", Rule, RULE_EXAMPLE) },
  errors: { ...RULESET_NOT_FOUND, 409: "The org unit has 500 rules already" },
});

const change = unitRoute("/rules/{id}", {
  operationId: "changeRule",
  method: "put",
  tags,
  summary: "Change a rule",
  description: "Fields left out keep their values. A change applies to later events; points already given stay.",
  role: "editor",
  request: { params: RuleParams, body: jsonBody(RuleChanges, { weight: 15 }) },
  responses: { 200: jsonResponse("The rule", Rule, { ...RULE_EXAMPLE, weight: 15 }) },
  errors: RULE_NOT_FOUND,
});

const remove = unitRoute("/rules/{id}", {
  operationId: "deleteRule",
  method: "delete",
  tags,
  summary: "Delete a rule",
  description: "Points already given stay.",
  role: "editor",
  request: { params: RuleParams },
  responses: { 204: { description: "Deleted" } },
  errors: RULE_NOT_FOUND,
});

const test = unitRoute("/engagement-scoring/test", {
  operationId: "testRule",
  method: "post",
  tags,
  summary: "Try a rule on a lead's past events",
  description: "A dry run: nothing is stored.",
  role: "viewer",
  request: {
    body: jsonBody(z.object({ lead_id: z.string(), rule: TriedRule }), {
      lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
      rule: { event_type: "Page View", weight: 10, attribute_filters: [{ field: "path", operator: "contains", value: "/pricing" }] },
    }),
  },
  responses: {
    200: jsonResponse(
      "What the rule would add",
      z.object({
        matches: z.boolean(),
        reason: z.string(),
        current_score: z.number(),
        projected_score: z.number(),
        matching_events: z.number().int(),
        truncated: z.boolean().openapi({ description: "Only the newest events were tried: at most 5,000, with 10 MB of metadata" }),
      }),
      {
        matches: true,
        reason: "3 of 5 events of type Page View match",
        current_score: 50,
        projected_score: 80,
        matching_events: 3,
        truncated: false,
      },
    ),
  },
  errors: { 404: "Lead not found" },
});

export const scoringRules = createRouter()
  .openapi(listSets, async (c) => c.json({ rulesets: (await listRulesets(c.get("ctx"))).map(rulesetView) }, 200))
  .openapi(createSet, async (c) =>
    c.json(rulesetView(await createRuleset(c.get("ctx"), c.req.valid("json"), remembering(c, 201, rulesetView))), 201),
  )
  .openapi(getSet, async (c) => c.json(rulesetView(await requireRuleset(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(changeSet, async (c) =>
    c.json(rulesetView(await changeRuleset(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200),
  )
  .openapi(deleteSet, async (c) => {
    await deleteRuleset(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(list, async (c) => c.json({ rules: (await listRules(c.get("ctx"), c.req.valid("param").id)).map(ruleView) }, 200))
  .openapi(create, async (c) => {
    const remember = remembering(c, 201, ruleView);
    return c.json(ruleView(await createRule(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"), remember)), 201);
  })
  .openapi(change, async (c) => c.json(ruleView(await changeRule(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200))
  .openapi(remove, async (c) => {
    await deleteRule(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(test, async (c) => {
    const { lead_id, rule } = c.req.valid("json");
    const { current_score, projected_score, ...result } = await testRule(c.get("ctx"), lead_id, rule);
    return c.json({ ...result, current_score: rounded(current_score), projected_score: rounded(projected_score) }, 200);
  });

const rulesetView = ({ ruleset_id, starts_at, ends_at, created_at, updated_at, ...ruleset }: CoreRuleset) => ({
  id: ruleset_id,
  ...ruleset,
  ...times({ starts_at, ends_at, created_at, updated_at }),
});

const ruleView = ({ rule_id, starts_at, ends_at, created_at, updated_at, ...rule }: CoreRule): RuleFields => ({
  id: rule_id,
  ...rule,
  ...times({ starts_at, ends_at, created_at, updated_at }),
});

const times = (row: { starts_at: number | null; ends_at: number | null; created_at: number; updated_at: number }) => ({
  starts_at: isoTimeOrNull(row.starts_at),
  ends_at: isoTimeOrNull(row.ends_at),
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});
