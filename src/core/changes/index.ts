export type { FeedChange, LeadChangeEntry } from "./change";
export { type FollowedChange, followChanges } from "./follow-changes";
export { historyOf, type LeadHistory, readHistory } from "./history";
export { type ChangesPage, listChanges } from "./list-changes";
export { LAST_CHANGE_SQL, type LogCtx, type LoggedChange, logChanges, logMatching, silently, writerOf } from "./log-changes";
export { CHANGES_LIMIT_MAX, ChangesInput, HISTORY_LIMIT_MAX, HistoryInput } from "./schemas";
export type { FeedPosition } from "./store";
export { removeOldChanges } from "./sweep";
