export { erasesOf } from "./erases";
export { WatchInput } from "./schemas";
export type { Watch } from "./store";
export { listWatchedLeads, unwatchLead, type WatchedLead, watchLead } from "./watch";
