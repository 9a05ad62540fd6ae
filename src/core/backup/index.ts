export { downloadTable } from "./download";
export { keepExports, requireExport, startExport } from "./export-organization";
export type { ExportState } from "./export-state";
export { restoreTable } from "./restore";
export { RESTORED_TABLES } from "./tables";
