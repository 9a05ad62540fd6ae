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
export type { ImportMapping } from "./mapping";
export { fileTooLarge, type Preview, previewImport, type Upload } from "./preview-import";
export { type RunOutcome, runImport } from "./run-import";
export { type StartedImport, startImport } from "./start-import";
export { findStuckJobs, removeExpiredFiles } from "./sweep";
