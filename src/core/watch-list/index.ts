export { erasesOf } from "./erases";
export { moveAllWatches, returnWatches, selectWatchesOf, type WatchRow } from "./moves";
export { WatchInput } from "./schemas";
export type { Watch } from "./store";
export { listWatchedLeads, unwatchLead, type WatchedLead, watchLead } from "./watch";
