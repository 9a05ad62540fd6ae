export { type CheckBudget, NO_BUDGET, requestBudget } from "./check-budget";
export { loadFacts } from "./load-facts";
export { type LeadFacts, matches } from "./match";
export { matchAccounts } from "./match-accounts";
export { type CheckedLead, checkLeads, type MatchedIds, type Member, matchIds } from "./match-leads";
export { CheckCursor, type Comparison, compareSegments, type Preview, previewRules, previewSegment } from "./preview";
export { Condition, NewSegment, type Rule, Rules, SegmentChange, sumsAccounts, TriggerFilter } from "./schemas";
export { changeSegment, copySegment, createSegment, deleteSegment, listSegments, requireSegment, type Segment } from "./segments";
export { NOT_WATCHED, silenceQueue, syncWatch } from "./watch-store";
