export type { Firing, Moment } from "./evaluate";
export { type PlannedFirings, planFirings } from "./plan-firings";
export { type FiringRow, firingWrites, readTrigger, selectActiveTriggers, selectFirings, type TriggerRow } from "./store";
export { lookBackMs, type Trigger, type TriggerKind } from "./trigger";
