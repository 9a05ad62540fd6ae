export { listProfileBook, type ProfileBookList } from "./book";
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
  createProfileRulesetWithRules,
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
  ProfileRulesetCopy,
  TriedProfileRule,
} from "./schemas";
export { testProfileRule } from "./test-rule";
export { type ProfileLeadsTrial, profileScoreCounts, testProfileRuleOnLeads } from "./test-rule-on-leads";
