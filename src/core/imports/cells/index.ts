/** Cells of uploaded files: what identifiers and times they hold. Pure. */
export { type CleanCell, type CleanOptions, type CleanValue, cleanAliasCell, isTestLead } from "./clean-cell";
export { compilePlaceholders, DEFAULT_PLACEHOLDERS, type Placeholders } from "./placeholders";
export { CELL_WARNINGS, type CellWarning, type CellWarningCode, renderCellWarning } from "./warnings";
