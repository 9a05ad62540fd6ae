export { planImport } from "./create-plan";
export { failErasedPlan } from "./fail-erased-plan";
export { planOfObject } from "./plan-objects";
export { runPlan } from "./run-plan";
export { listPlannedRows, type PlanDetail, requirePlan, type ShownPlannedRow } from "./show-plan";
export { startPlannedImport } from "./start-planned-import";
export { findStuckPlans, removeExpiredPlans } from "./sweep";
