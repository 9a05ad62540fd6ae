/** Cells of uploaded files: what identifiers and times they hold. Pure. */
export { type CleanCell, type CleanOptions, type CleanValue, cleanAliasCell, isTestLead } from "./clean-cell";
export { type ColumnOrder, inferDateOrder } from "./date-order";
export { type DateOptions, type DateOrder, type ParsedDate, parseDate } from "./parse-date";
export { compilePlaceholders, DEFAULT_PLACEHOLDERS, defaultPlaceholders, isPlaceholderNumber, type Placeholders } from "./placeholders";
export { CELL_WARNINGS, type CellWarning, type CellWarningCode, renderCellWarning } from "./warnings";
export { isTimeZone } from "./zoned-time";
