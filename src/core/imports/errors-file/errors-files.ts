/** The failed rows of a job as a file to download. */
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import type { JobKind } from "../../../vocabulary";
import { csvLine, guardCell } from "../../csv";
import { writeXlsx, XLSX_ROWS_MAX } from "../../spreadsheets";
import { type ErrorsRow, type ErrorsTable, openErrorsTable } from "./errors-table";

/** Without it Excel does not read a CSV file as UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";

export type ErrorsCsv = { file_name: string; lines: AsyncGenerator<string> };
export type ErrorsXlsx = { file_name: string; bytes: ReadableStream<Uint8Array> };

/** With the original's delimiter and the spreadsheet guard. Throws not_found as `openErrorsTable` does. */
export async function openErrorsCsv(ctx: Ctx, jobId: string, kind: JobKind): Promise<ErrorsCsv> {
  const table = await openErrorsTable(ctx, jobId, kind);
  return { file_name: fileName(table, "csv"), lines: csvLines(table) };
}

/** As a workbook, with the cells to mend in colour. Throws not_found as `openErrorsTable` does, and too_large for more rows than a sheet has. */
export async function openErrorsXlsx(ctx: Ctx, jobId: string, kind: JobKind): Promise<ErrorsXlsx> {
  const table = await openErrorsTable(ctx, jobId, kind);
  if (table.job.failed >= XLSX_ROWS_MAX) throw new AppError("too_large", "More rows failed than a sheet can hold: use errors.csv");
  return { file_name: fileName(table, "xlsx"), bytes: writeXlsx(table.headers, sheetRows(table.rows), { sheet: "Errors" }) };
}

const fileName = ({ job }: ErrorsTable, extension: string): string => `${job.file_name.replace(/\.\w+$/, "")}-errors.${extension}`;

async function* csvLines({ headers, rows, delimiter }: ErrorsTable): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(headers.map(guardCell), delimiter);
  for await (const some of rows) yield some.map(({ cells }) => csvLine(cells.map(guardCell), delimiter)).join("");
}

/** A sheet's cells are text, which no spreadsheet runs; only what looks guarded is, as the guard is taken off when the file comes back. */
async function* sheetRows(rows: AsyncGenerator<ErrorsRow[]>): AsyncGenerator<Pick<ErrorsRow, "cells" | "problems">> {
  for await (const some of rows) {
    for (const { cells, problems } of some) yield { cells: cells.map((cell) => (cell.startsWith("'") ? guardCell(cell) : cell)), problems };
  }
}
