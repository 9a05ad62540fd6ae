export { boundAt, type Contribution, comparePositions, type Position } from "./curve";
export { type Explanation, explainScore } from "./explain";
export { type AttributeFilter, FILTER_OPERATORS } from "./filters";
export { HISTORY_DAYS_MAX, type Snapshot, scoreHistory } from "./history";
export { changeLevel, createLevel, deleteLevel, type Level, listLevels } from "./levels";
export { NO_POSITION, replay, type Step, stepsOf, withoutSteps } from "./replay";
export { type ActiveRule, contributionsOf, countsFrom, DAY_MS, type Rule, type Ruleset, rulesByType, typeKey } from "./rule";
export { changeRule, createRule, deleteRule, listRules } from "./rules";
export { changeRuleset, createRuleset, deleteRuleset, listRulesets, requireRuleset } from "./rulesets";
export { requireScore, type Score } from "./scores";
export {
  type LeadScore,
  type LeadScoreRow,
  type RuleRow,
  readActiveRule,
  readLeadScore,
  scoreWrites,
  selectActiveRules,
  selectContributions,
  selectScores,
  type WrittenScore,
} from "./store";
export { testRule } from "./test-rule";
export { type RankedLead, topLeads } from "./top-leads";
