export { DEFAULT_PLACEHOLDERS } from "./cells";
export { CellEdits, editFile, listFailedRows, listProblemRows, mendFailedRows } from "./edit";
export { type ErrorsCsv, type ErrorsXlsx, openErrorsCsv, openErrorsXlsx } from "./errors-file/errors-files";
export { importEvents } from "./import-events";
export { rowErrorText } from "./import-row";
export {
  cancelEventImport,
  cancelImportJob,
  type EventImport,
  type ImportJob,
  type ImportJobDetail,
  listImportJobs,
  listImportWarnings,
  openFailures,
  requireEventImport,
  requireImportJob,
  showWarning,
} from "./jobs";
export { FILE_BYTES_MAX, RUN_BUDGET_SECONDS, UPLOAD_PART_BYTES, USD_PER_ROW_WRITTEN } from "./limits";
export { changeMapping, forgetMapping, listMappings, type RememberedMapping } from "./memory/mappings";
export { changePlaceholders, getPlaceholders, PlaceholdersChange, type UnitPlaceholders } from "./memory/placeholders";
export {
  failErasedPlan,
  findStuckPlans,
  listPlannedRows,
  type PlanDetail,
  planImport,
  planOfObject,
  removeExpiredPlans,
  requirePlan,
  runPlan,
  type ShownPlannedRow,
  startPlannedImport,
} from "./plan";
export { type Preview, previewImport } from "./preview-import";
export { followJob, type JobEvent } from "./progress/follow-job";
export { fileTooLarge } from "./receive-file";
export { runImport } from "./run-import";
export {
  COLUMN_MODES,
  EventImportOptions,
  IMPORT_MODES,
  ImportMapping,
  type ImportMappingInput,
  RememberedMappingChange,
} from "./schemas";
export {
  approveImportSource,
  changeImportSource,
  createImportSource,
  deleteImportSource,
  discardImportSource,
  findDueSources,
  type ImportSource,
  ImportSourceInput,
  listImportSources,
  pollImportSource,
  pollSource,
  requireImportSource,
  STOP_CODES,
} from "./sources";
export { type StartedImport, startImport } from "./start-import";
export { type NamedField, namedFields, namesSomebodyElse, targetOfName } from "./suggest";
export { findStuckJobs, removeExpiredFiles } from "./sweep";
export { domainOf } from "./targets/targets";
export { dryRunUndoImport, listKeptOfImport, undoImport } from "./undo-import";
export {
  abortUpload,
  completeUpload,
  createUpload,
  putPart,
  removeExpiredUploads,
  requireUpload,
  UploadInput,
  type UploadState,
} from "./uploads";
