export { erasesOf } from "./erases";
export type { Firing, Moment } from "./evaluate";
export { countDeliveries, deliveriesOf } from "./firings";
export { type FiringsOfLead, firingsOfLead } from "./firings-of-lead";
export { listFirings, type ShownFiring } from "./list-firings";
export { type LookBack, lookBackOf } from "./look-back";
export { moveAllFirings, moveFiringsOf } from "./moves";
export { type PlannedFirings, planFirings } from "./plan-firings";
export {
  CONDITION_FIELDS,
  DESTINATION_FIELDS,
  NEW_CONDITION_FIELDS,
  NEW_DESTINATION_FIELDS,
  NEW_TRIGGER_FIELDS,
  NewCondition,
  NewTrigger,
  SimulationDays,
  TRIGGER_FIELDS,
} from "./schemas";
export { type Simulation, simulateCondition, simulateOnHistory, simulateOnLead } from "./simulate";
export {
  type FiringRow,
  firingWrites,
  readTrigger,
  selectActiveSegmentTriggers,
  selectActiveTriggers,
  selectFirings,
  type TriggerRow,
} from "./store";
export type { Condition, Destination, Trigger } from "./trigger";
export {
  changeTrigger,
  createTrigger,
  deleteTrigger,
  listTriggers,
  requireTrigger,
  restoreTrigger,
  type SavedTrigger,
  type TriggerChanges,
  type TriggerInput,
} from "./triggers";
