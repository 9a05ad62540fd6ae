export { acceptCalls, type Call, type SentCall } from "./accept-calls";
export { acceptEvent, acceptEvents, acceptReadEvents, type Verdict } from "./accept-events";
export { eventStats, eventsAnalytics, listEventTypes } from "./analytics";
export { erasesOf, erasesOfFirst } from "./erases";
export { type EventInput, type EventProblem, type IdentifiedEvent, METADATA_BYTES_MAX, type QueuedEvent, readEvent } from "./event";
export { changeEventType, type EventType, listAllEventTypes, listEventProperties } from "./event-types";
export {
  type EventPlace,
  insertOwnEvent,
  moveEvents,
  removeOwnEvent,
  selectEventsOfLeads,
  selectNewestEvents,
  selectTimelineStretch,
} from "./moves";
export { Pace } from "./pace";
export { processEvents, processOnce } from "./process-events";
export { type DayRange, dayRange, RANGES } from "./range";
export { listRejectedEvents, type Receipt, type RejectedEvent, requireReceipt } from "./receipts";
export { type Replay, replayRejectedEvent, replayRejectedEvents } from "./replay-rejected";
export { type Replayed, replaySpilled } from "./replay-spill";
export type { Rejection } from "./room";
export { EventTypeChange, RejectedSelection, SentEvent, SentEvents } from "./schemas";
export { sendEvents } from "./send-events";
export { settleEvents } from "./settle-events";
export { listSpilledUnits, removeSpilled, spillEvents } from "./spill";
export { removeUnusedTypes } from "./sweep";
export { listEvents, listEventsOfLead, type TimelineEvent } from "./timeline";
export { selectCountsByDay, selectCountsByType } from "./timeline-store";
export {
  changeVelocityFilter,
  createVelocityFilter,
  deleteVelocityFilter,
  listVelocityFilters,
  NewVelocityFilter,
  VELOCITY_FILTER_FIELDS,
  type VelocityFilter,
} from "./velocity";
