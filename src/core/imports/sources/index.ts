export { type PollOutcome, pollSource } from "./poll-source";
export { type ImportSource, ImportSourceInput, SourceStops, STOP_CODES } from "./source";
export {
  approveImportSource,
  changeImportSource,
  createImportSource,
  deleteImportSource,
  discardImportSource,
  listImportSources,
  pollImportSource,
  requireImportSource,
} from "./sources";
export { findDueSources } from "./sweep";
