export {
  changeProfileMapping,
  createProfileMapping,
  deleteProfileMapping,
  listProfileMappings,
} from "./mappings";
export { type ProfileBookRows, type ProfileScore, profileBookStatements, profileScore, requireProfileScore } from "./profile-score";
export type { ProfileMapping, ProfileRule, ProfileRuleset } from "./rule";
export { changeProfileRule, createProfileRule, deleteProfileRule, listProfileRules } from "./rules";
export {
  changeProfileRuleset,
  createProfileRuleset,
  deleteProfileRuleset,
  listProfileRulesets,
  requireProfileRuleset,
} from "./rulesets";
export {
  NewProfileMapping,
  NewProfileRule,
  NewProfileRuleset,
  PROFILE_MAPPING_FIELDS,
  PROFILE_RULE_FIELDS,
  PROFILE_RULESET_FIELDS,
  TriedProfileRule,
} from "./schemas";
export { testProfileRule } from "./test-rule";
