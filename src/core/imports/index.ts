export { type ErrorsCsv, openErrorsCsv } from "./errors-csv";
export { importEvents } from "./import-events";
export {
  cancelEventImport,
  cancelImportJob,
  type EventImport,
  type ImportJob,
  type ImportJobDetail,
  listImportJobs,
  listImportWarnings,
  requireEventImport,
  requireImportJob,
} from "./jobs";
export { FILE_BYTES_MAX, RUN_BUDGET_SECONDS } from "./limits";
export { previewImport } from "./preview-import";
export { followJob, type JobEvent } from "./progress/follow-job";
export { fileTooLarge } from "./receive-file";
export { runImport } from "./run-import";
export { COLUMN_MODES, EventImportOptions, IMPORT_MODES, ImportMapping, TextMap } from "./schemas";
export { startImport } from "./start-import";
export { findStuckJobs, removeExpiredFiles } from "./sweep";
export { dryRunUndoImport, listKeptOfImport, undoImport } from "./undo-import";
