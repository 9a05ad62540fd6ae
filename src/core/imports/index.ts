export { type ErrorsCsv, openErrorsCsv } from "./errors-csv";
export { importEvents } from "./import-events";
export {
  cancelImportJob,
  type EventImport,
  type ImportJob,
  type ImportJobDetail,
  listImportJobs,
  requireEventImport,
  requireImportJob,
} from "./jobs";
export { FILE_BYTES_MAX, RUN_BUDGET_SECONDS } from "./limits";
export { fileTooLarge, previewImport } from "./preview-import";
export { runImport } from "./run-import";
export { ImportMapping, TextMap } from "./schemas";
export { startImport } from "./start-import";
export { findStuckJobs, removeExpiredFiles } from "./sweep";
