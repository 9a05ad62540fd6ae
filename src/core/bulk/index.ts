export { type BulkPlan, commitBulkPlan, planBulk } from "./plan-bulk";
export { type BulkCount, type BulkJob, countBulk, listBulkJobs, requestBulk, requireBulkJob, undoBulk } from "./request-bulk";
export { runBulk } from "./run-bulk";
export { BULK_FIELDS, BulkTarget } from "./schemas";
export { findStuckBulkJobs } from "./sweep";
