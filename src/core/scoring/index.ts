export { arrangeLevels, levelsVersion } from "./arrange-levels";
export { type ChangedLedger, changeLedger } from "./change-ledger";
export { nextCrossing } from "./crossing-time";
export { type Block, boundAt, type Contribution, compareCursors, type DecayState, type EventCursor, scoreAt } from "./decay";
export {
  binsOf,
  type ScoreBin,
  type ScoreCounts,
  type ScoreDistribution,
  scoreCounts,
  scoreCountsOf,
  scoreDistribution,
} from "./distribution";
export { erasesOf } from "./erases";
export { type Explanation, explainScore } from "./explain";
export { type AttributeFilter, FILTER_OPERATORS } from "./filters";
export { type Snapshot, scoreHistory } from "./history";
export { openedRanges, replayLedger, type Segment, segmentsOf } from "./ledger";
export {
  type BlockRow,
  dropBlocks,
  ledgerWrites,
  moveContributions,
  readBlock,
  selectBlocksOfLate,
  selectContributionsOf,
  selectRanges,
} from "./ledger-store";
export { changeLevel, createLevel, deleteLevel, type Level, levelOf, listLevels, selectLevels } from "./levels";
export { type PeriodCount, parsePeriods, periodCounter } from "./periods";
export { contributionPages, foldUntil, loadRangesUpTo } from "./read-ledger";
export { BEFORE_ALL_EVENTS, EMPTY_FOLD, type Fold, type Replay, replay, type Step, stepsOf, stepsWithoutContributions } from "./replay";
export { type ActiveRule, contributionsOf, countsFrom, type Rule, type Ruleset, rulesByType, typeKey } from "./rule";
export { selectRulesetNames } from "./rule-store";
export { changeRule, createRule, deleteRule, listRules, listScoringBook, restoreRule } from "./rules";
export { changeRuleset, createRuleset, deleteRuleset, listRulesets, requireRuleset, restoreRuleset } from "./rulesets";
export {
  EXPLAINED_HOURS_MAX,
  ExplanationInput,
  HISTORY_DAYS_MAX,
  HistoryInput,
  LEVEL_FIELDS,
  LevelArrangement,
  NewLevel,
  NewRule,
  NewRuleset,
  RULE_FIELDS,
  RULESET_FIELDS,
  TOP_LEADS_MAX,
  TrialPeriods,
  TriedRule,
} from "./schemas";
export { currentScore, requireScore, type Score, type ScoreView, viewScore } from "./scores";
export {
  type ActiveRuleRow,
  dropFolds,
  type LeadScore,
  type LeadScoreRow,
  putScores,
  readActiveRule,
  readLeadScore,
  scoresAreAsLoaded,
  scoreWrites,
  selectActiveRules,
  selectScores,
  selectWholeScores,
  type WrittenScore,
} from "./store";
export { testRule } from "./test-rule";
export { type HistoryTrial, type LevelMove, levelMoves, testRuleOnHistory } from "./test-rule-on-history";
export { type RankedLead, topLeads } from "./top-leads";
