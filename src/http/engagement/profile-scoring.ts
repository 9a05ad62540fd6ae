/** Profile scoring: rulesets and their rules, and the dry run of a rule (contract: profile-scoring). */
import { z } from "@hono/zod-openapi";
import {
  changeProfileRule,
  changeProfileRuleset,
  createProfileRule,
  createProfileRuleset,
  deleteProfileRule,
  deleteProfileRuleset,
  listProfileRules,
  listProfileRulesets,
  NewProfileRule,
  NewProfileRuleset,
  PROFILE_RULE_FIELDS,
  PROFILE_RULESET_FIELDS,
  requireProfileRuleset,
  TriedProfileRule,
  testProfileRule,
} from "../../core/profile-scoring";
import { changesOf } from "../../schemas";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import {
  PROFILE_RULE_BODY,
  PROFILE_RULE_EXAMPLE,
  PROFILE_RULESET_EXAMPLE,
  ProfileRule,
  ProfileRuleset,
  profileRulesetView,
  profileRuleView,
} from "./profile-scoring-schemas";

const tags = ["Profile scoring"];
const RulesetParams = z.object({ id: z.string().openapi({ example: PROFILE_RULESET_EXAMPLE.id }) });
const RuleParams = RulesetParams.extend({ ruleId: z.string().openapi({ example: PROFILE_RULE_EXAMPLE.id }) });
const NO_RULESET = { 404: "Profile ruleset not found" };
const NO_RULE = { 404: "Profile rule not found" };
const NO_LEAD = { 404: "Lead not found" };

const listSets = unitRoute("/profile-scoring/rulesets", {
  operationId: "listProfileRulesets",
  method: "get",
  tags,
  summary: "List profile rulesets",
  role: "viewer",
  responses: { 200: jsonResponse("Rulesets", z.object({ rulesets: z.array(ProfileRuleset) }), { rulesets: [PROFILE_RULESET_EXAMPLE] }) },
});

const createSet = unitRoute("/profile-scoring/rulesets", {
  operationId: "createProfileRuleset",
  method: "post",
  tags,
  summary: "Create a profile ruleset",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(NewProfileRuleset, { name: "Fit" }) },
  responses: { 201: jsonResponse("The ruleset", ProfileRuleset, PROFILE_RULESET_EXAMPLE) },
  errors: { 409: "The org unit has 100 profile rulesets already" },
});

const getSet = unitRoute("/profile-scoring/rulesets/{id}", {
  operationId: "getProfileRuleset",
  method: "get",
  tags,
  summary: "Get a profile ruleset",
  role: "viewer",
  request: { params: RulesetParams },
  responses: { 200: jsonResponse("The ruleset", ProfileRuleset, PROFILE_RULESET_EXAMPLE) },
  errors: NO_RULESET,
});

const changeSet = unitRoute("/profile-scoring/rulesets/{id}", {
  operationId: "changeProfileRuleset",
  method: "put",
  tags,
  summary: "Change a profile ruleset",
  description: "Fields left out keep their values. Every lead is scored by the change at once.",
  role: "editor",
  request: { params: RulesetParams, body: jsonBody(changesOf(PROFILE_RULESET_FIELDS), { active: false }) },
  responses: { 200: jsonResponse("The ruleset", ProfileRuleset, { ...PROFILE_RULESET_EXAMPLE, active: false }) },
  errors: NO_RULESET,
});

const deleteSet = unitRoute("/profile-scoring/rulesets/{id}", {
  operationId: "deleteProfileRuleset",
  method: "delete",
  tags,
  summary: "Delete a profile ruleset with its rules",
  role: "editor",
  request: { params: RulesetParams },
  responses: { 204: { description: "Deleted" } },
  errors: NO_RULESET,
});

const list = unitRoute("/profile-scoring/rulesets/{id}/rules", {
  operationId: "listProfileRules",
  method: "get",
  tags,
  summary: "List the rules of a profile ruleset",
  role: "viewer",
  request: { params: RulesetParams },
  responses: { 200: jsonResponse("Rules", z.object({ rules: z.array(ProfileRule) }), { rules: [PROFILE_RULE_EXAMPLE] }) },
  errors: NO_RULESET,
});

const create = unitRoute("/profile-scoring/rulesets/{id}/rules", {
  operationId: "createProfileRule",
  method: "post",
  tags,
  summary: "Create a profile rule",
  description:
    "Every active rule that matches adds its weight. A rule names a profile field; a mapping says which metadata key fills it. Texts compare without regard to case.",
  role: "editor",
  idempotent: true,
  request: { params: RulesetParams, body: jsonBody(NewProfileRule, PROFILE_RULE_BODY) },
  responses: { 201: jsonResponse("The rule", ProfileRule, PROFILE_RULE_EXAMPLE) },
  errors: { ...NO_RULESET, 409: "The org unit has 500 profile rules already" },
});

const change = unitRoute("/profile-scoring/rulesets/{id}/rules/{ruleId}", {
  operationId: "changeProfileRule",
  method: "put",
  tags,
  summary: "Change a profile rule",
  role: "editor",
  request: { params: RuleParams, body: jsonBody(changesOf(PROFILE_RULE_FIELDS), { weight: 30 }) },
  responses: { 200: jsonResponse("The rule", ProfileRule, { ...PROFILE_RULE_EXAMPLE, weight: 30 }) },
  errors: NO_RULE,
});

const remove = unitRoute("/profile-scoring/rulesets/{id}/rules/{ruleId}", {
  operationId: "deleteProfileRule",
  method: "delete",
  tags,
  summary: "Delete a profile rule",
  role: "editor",
  request: { params: RuleParams },
  responses: { 204: { description: "Deleted" } },
  errors: NO_RULE,
});

const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";

const test = unitRoute("/profile-scoring/test", {
  operationId: "testProfileRule",
  method: "post",
  tags,
  summary: "Try a profile rule on a lead",
  description: "Nothing is written.",
  role: "viewer",
  request: {
    body: jsonBody(z.object({ lead_id: z.string(), rule: TriedProfileRule }), { lead_id: LEAD, rule: PROFILE_RULE_BODY }),
  },
  responses: {
    200: jsonResponse(
      "What the rule would add",
      z.object({ matches: z.boolean(), reason: z.string(), current_score: z.number(), projected_score: z.number() }),
      { matches: true, reason: 'job_title is "Head of Sales"', current_score: 10, projected_score: 30 },
    ),
  },
  errors: NO_LEAD,
});

export const profileScoring = createRouter()
  .openapi(listSets, async (c) => c.json({ rulesets: (await listProfileRulesets(c.get("ctx"))).map(profileRulesetView) }, 200))
  .openapi(createSet, async (c) => {
    const ruleset = await createProfileRuleset(c.get("ctx"), c.req.valid("json"), remembering(c, 201, profileRulesetView));
    return c.json(profileRulesetView(ruleset), 201);
  })
  .openapi(getSet, async (c) => c.json(profileRulesetView(await requireProfileRuleset(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(changeSet, async (c) => {
    const ruleset = await changeProfileRuleset(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"));
    return c.json(profileRulesetView(ruleset), 200);
  })
  .openapi(deleteSet, async (c) => {
    await deleteProfileRuleset(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(list, async (c) => {
    const rules = await listProfileRules(c.get("ctx"), c.req.valid("param").id);
    return c.json({ rules: rules.map(profileRuleView) }, 200);
  })
  .openapi(create, async (c) => {
    const remember = remembering(c, 201, profileRuleView);
    const rule = await createProfileRule(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"), remember);
    return c.json(profileRuleView(rule), 201);
  })
  .openapi(change, async (c) => {
    const { id, ruleId } = c.req.valid("param");
    return c.json(profileRuleView(await changeProfileRule(c.get("ctx"), id, ruleId, c.req.valid("json"))), 200);
  })
  .openapi(remove, async (c) => {
    const { id, ruleId } = c.req.valid("param");
    await deleteProfileRule(c.get("ctx"), id, ruleId);
    return c.body(null, 204);
  })
  .openapi(test, async (c) => {
    const { lead_id, rule } = c.req.valid("json");
    return c.json(await testProfileRule(c.get("ctx"), lead_id, rule), 200);
  });
