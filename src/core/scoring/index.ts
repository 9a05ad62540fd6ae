export { boundAt, type Contribution, compareCursors, type EventCursor } from "./decay";
export { type Explanation, explainScore } from "./explain";
export { type AttributeFilter, FILTER_OPERATORS } from "./filters";
export { HISTORY_DAYS_MAX, type Snapshot, scoreHistory } from "./history";
export { changeLevel, createLevel, deleteLevel, type Level, listLevels } from "./levels";
export { BEFORE_ALL_EVENTS, replay, type Step, stepsOf, stepsWithoutContributions } from "./replay";
export { type ActiveRule, contributionsOf, countsFrom, type Rule, type Ruleset, rulesByType, typeKey } from "./rule";
export { changeRule, createRule, deleteRule, listRules } from "./rules";
export { changeRuleset, createRuleset, deleteRuleset, listRulesets, requireRuleset } from "./rulesets";
export { requireScore, type Score } from "./scores";
export {
  type ActiveRuleRow,
  type LeadScore,
  type LeadScoreRow,
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
