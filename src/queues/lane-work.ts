/** What a unit's lane does, for the lane to load with its first work: an isolate that serves requests needs none of it. */
export { followChanges } from "./follow-changes";
export { processUnit } from "./process-unit";
export { openReplay } from "./replay-unit";
export { settleUnit } from "./settle-unit";
