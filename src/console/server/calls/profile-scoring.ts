/** Rules on the fields of leads, the mappings that fill those fields, and a rule tried on leads. */
import { z } from "zod";
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
  listProfileBook,
  NewProfileMapping,
  NewProfileRule,
  NewProfileRuleset,
  PROFILE_MAPPING_FIELDS,
  PROFILE_RULE_FIELDS,
  PROFILE_RULESET_FIELDS,
  ProfileRulesetCopy,
  TriedProfileRule,
  testProfileRule,
  testProfileRuleOnLeads,
} from "../../../core/profile-scoring";
import { read, write, writeOnce } from "../call";
import { withNames } from "../with-names";

const OneRuleset = z.strictObject({ ruleset_id: z.string() });
const OneRule = z.strictObject({ ruleset_id: z.string(), rule_id: z.string() });
const OneMapping = z.strictObject({ mapping_id: z.string() });
/** `updated_at` as the page has it: the change is refused when it differs by then. */
const seen = z.number();

export const profileScoringCalls = {
  "profileScoring.book": read(z.strictObject({}), (ctx) => listProfileBook(ctx)),
  "profileScoring.createRuleset": write(z.strictObject(NewProfileRuleset.shape), (ctx, given, { remembering }) =>
    createProfileRuleset(ctx, given, remembering(itself)),
  ),
  /** Takes a deletion back: what was deleted is created again. */
  "profileScoring.recreateRuleset": write(z.strictObject(ProfileRulesetCopy.shape), (ctx, given, { remembering }) =>
    createProfileRulesetWithRules(ctx, given, remembering(itself)),
  ),
  "profileScoring.changeRuleset": writeOnce(
    OneRuleset.extend({ seen, ...z.object(PROFILE_RULESET_FIELDS).partial().shape }),
    (ctx, { ruleset_id, seen, ...changes }) => changeProfileRuleset(ctx, ruleset_id, changes, seen),
  ),
  "profileScoring.deleteRuleset": writeOnce(OneRuleset, async (ctx, { ruleset_id }) => {
    await deleteProfileRuleset(ctx, ruleset_id);
    return {};
  }),
  "profileScoring.createRule": write(OneRuleset.extend(NewProfileRule.shape), (ctx, { ruleset_id, ...rule }, { remembering }) =>
    createProfileRule(ctx, ruleset_id, rule, remembering(itself)),
  ),
  "profileScoring.changeRule": writeOnce(
    OneRule.extend({ seen, ...z.object(PROFILE_RULE_FIELDS).partial().shape }),
    (ctx, { ruleset_id, rule_id, seen, ...changes }) => changeProfileRule(ctx, ruleset_id, rule_id, changes, seen),
  ),
  "profileScoring.deleteRule": writeOnce(OneRule, async (ctx, { ruleset_id, rule_id }) => {
    await deleteProfileRule(ctx, ruleset_id, rule_id);
    return {};
  }),
  "profileScoring.createMapping": write(z.strictObject(NewProfileMapping.shape), (ctx, given, { remembering }) =>
    createProfileMapping(ctx, given, remembering(itself)),
  ),
  "profileScoring.changeMapping": write(
    OneMapping.extend(z.object(PROFILE_MAPPING_FIELDS).partial().shape),
    (ctx, { mapping_id, ...changes }) => changeProfileMapping(ctx, mapping_id, changes),
  ),
  "profileScoring.deleteMapping": write(OneMapping, async (ctx, { mapping_id }) => {
    await deleteProfileMapping(ctx, mapping_id);
    return {};
  }),
  "profileScoring.tryRule": read(
    z.strictObject({ ...TriedProfileRule.shape, rule_id: z.string().optional() }),
    async (ctx, { rule_id, ...rule }) => {
      const { samples, ...trial } = await testProfileRuleOnLeads(ctx, rule, rule_id);
      return { ...trial, samples: await withNames(ctx, samples) };
    },
  ),
  "profileScoring.tryOnLead": read(z.strictObject({ ...TriedProfileRule.shape, lead_id: z.string() }), (ctx, { lead_id, ...rule }) =>
    testProfileRule(ctx, lead_id, rule),
  ),
};

const itself = <Result extends object>(result: Result): Result => result;
