export { type BulkCount, type BulkJob, countBulk, requestBulk, requireBulkJob, undoBulk } from "./request-bulk";
export { runBulk } from "./run-bulk";
export { BULK_FIELDS, BulkTarget } from "./schemas";
export { findStuckBulkJobs } from "./sweep";
