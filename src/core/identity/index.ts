export { allowValue, type BlockedValue, type BlockReport, blockValue, listBlockedValues } from "./blocked-values";
export type { Conflict } from "./conflict";
export { type ConflictPage, countConflicts, listConflicts, type Resolution, reopenConflict, resolveConflict } from "./conflicts";
export { type Duplicate, duplicatesOfLead, listDuplicates } from "./duplicates";
export { CONFLICT_ACTIONS, PAGE_ROWS_MAX } from "./schemas";
export { DUPLICATE_REASONS } from "./score-pair";
