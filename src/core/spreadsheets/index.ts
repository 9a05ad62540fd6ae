/** Reads tables that are no CSV and writes .xlsx: pure functions over bytes. This file is the folder's only door. */

export { type ByteSource, bytesSource } from "./byte-source";
export { detectFormat, type FileFormat } from "./detect-format";
export { READ_LIMITS, type ReadLimits } from "./limits";
export type { SpreadsheetProblem } from "./problem";
export { readJsonRows } from "./read-json";
export { ODS_BYTES_MAX, readOds } from "./read-ods";
export { readVcards } from "./read-vcards";
export { type ReadXlsxOptions, readXlsx, type SheetInfo, type XlsxResult, type XlsxWorkbook } from "./read-xlsx";
export type { RowBatch, RowBatches, RowTable, RowTableResult, SheetRow } from "./rows";
export { type CsvWritten, csvOf, writeCsv } from "./write-csv";
export { writeXlsx, XLSX_ROWS_MAX, type XlsxRow } from "./write-xlsx";
