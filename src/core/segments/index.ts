export { type LeadFacts, matches } from "./match";
export { type CheckedLead, checkLeads, type Member, matchLeads } from "./match-leads";
export { type Comparison, compareSegments, type Preview, previewRules, previewSegment } from "./preview";
export { Condition, NewSegment, type Rule, Rules, SegmentChange } from "./schemas";
export { changeSegment, copySegment, createSegment, deleteSegment, listSegments, requireSegment, type Segment } from "./segments";
export { selectIsWatched, silenceQueue, syncWatch } from "./watch-store";
