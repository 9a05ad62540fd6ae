export { acceptEvent, acceptEvents, type Verdict } from "./accept-events";
export { eventStats, eventsAnalytics, listEventTypes } from "./analytics";
export { erasesOf } from "./erases";
export { type EventInput, type EventProblem, METADATA_BYTES_MAX, type QueuedEvent, readEvent } from "./event";
export { processEvents, processOnce } from "./process-events";
export { RANGES } from "./range";
export { listRejectedEvents, type Receipt, type RejectedEvent, rejectEvents, requireReceipt } from "./receipts";
export { SentEvent, SentEvents } from "./schemas";
export { listEvents, listEventsOfLead, type TimelineEvent } from "./timeline";
