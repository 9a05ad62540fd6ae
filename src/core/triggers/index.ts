export { erasesOf } from "./erases";
export type { Firing, Moment } from "./evaluate";
export { deliveriesOf, listFirings, type ShownFiring } from "./firings";
export { type LookBack, lookBackOf } from "./look-back";
export { type PlannedFirings, planFirings } from "./plan-firings";
export { type Simulation, simulateOnHistory, simulateOnLead } from "./simulate";
export { type FiringRow, firingWrites, readTrigger, selectActiveTriggers, selectFirings, type TriggerRow } from "./store";
export { type Condition, type Destination, type Trigger, WINDOW_SECONDS_MAX } from "./trigger";
export { changeTrigger, createTrigger, deleteTrigger, listTriggers, requireTrigger } from "./triggers";
