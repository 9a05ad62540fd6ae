/** Cells that somebody has corrected: in a file before its import, or in the rows that failed. The result is a new file with its own preview. */
import { z } from "zod";
import type { Ctx } from "../../../context";
import { AppError, type FieldProblem } from "../../../errors";
import { invalidRequest, parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { csvLine, guardCell } from "../../csv";
import { openErrorsTable } from "../errors-file/errors-table";
import { type ImportFile, readFile, readRows } from "../file";
import { FILE_BYTES_MAX } from "../limits";
import { type Preview, previewImport } from "../preview-import";
import { FileId, JobId } from "../schemas";
import { type FileRow, selectFile } from "../store";

const EDITS_MAX = 10_000;
const CELL_CHARS_MAX = 10_000;
const ROWS_READ_MAX = 1_000;
/** Blank lines included: 10 MB of them would be millions of rows, all held at once. */
const ROWS_EDITED_MAX = 250_000;

export const CellEdits = z
  .array(z.object({ row: z.number().int().min(1), column: z.string(), value: z.string().max(CELL_CHARS_MAX) }))
  .max(EDITS_MAX, `must be at most ${EDITS_MAX}`);
export type CellEdits = z.output<typeof CellEdits>;

/**
 * A previewed file with some cells changed, previewed anew; without edits, a preview of the file as it is kept. Rows keep their numbers. One D1
 * round trip beside those of the preview. Throws forbidden, not_found (unknown or expired), too_large (over 10 MB or 250,000 rows),
 * invalid_request (a row or a column that the file does not have).
 */
export async function editFile(ctx: Ctx, fileId: string, given: CellEdits): Promise<Preview> {
  requireRole(ctx, "editor");
  const edits = parseInput(CellEdits, given);
  const { row, file } = await requireFile(ctx, fileId);
  const size = file.chunks.reduce((sum, { length }) => sum + length, 0);
  if (size > FILE_BYTES_MAX) throw new AppError("too_large", "A file over 10 MB is corrected in a spreadsheet and uploaded again");
  if ((file.chunks.at(-1)?.first_row ?? 0) > ROWS_EDITED_MAX)
    throw new AppError(
      "too_large",
      "The file has more than 250,000 rows, blank ones included: correct it in a spreadsheet and upload it again",
    );
  const pending = byRow(edits, file.headers);
  const [first] = file.chunks;
  const header_row = Math.max(0, (first?.first_row ?? 2) - 1);
  const lines: string[] = [];
  if (header_row > 0) lines[header_row - 1] = line(file, file.headers);
  for (const chunk of file.chunks) {
    for (const { row: number, cells } of await requireRows(ctx, file, chunk))
      lines[number - 1] = line(file, edited(pending, number, cells));
  }
  requireAllUsed(pending);
  // blank lines stay where they were, so that every row keeps its number
  const text = Array.from(lines, (found) => found ?? "\r\n").join("");
  return previewImport(ctx, {
    bytes: new TextEncoder().encode(text),
    file_name: row.file_name.replace(/\.\w+$/, "").concat(".csv"),
    delimiter: file.delimiter,
    encoding: "utf-8",
    header_row,
    ...(row.default_region ? { default_region: row.default_region } : {}),
  });
}

/**
 * The failed rows of an import whose cells are corrected, as a file that needs no mapping: it is that of the import, and the rows count as
 * mended there once they are imported. Throws forbidden, not_found (the job, or its rows are no longer kept), invalid_request.
 */
export async function mendFailedRows(ctx: Ctx, jobId: string, given: CellEdits): Promise<Preview> {
  requireRole(ctx, "editor");
  const edits = parseInput(CellEdits.min(1, "must have at least one"), given);
  const table = await openErrorsTable(ctx, parseInput(JobId, jobId), "leads");
  const pending = byRow(edits, table.original);
  const lines = [csvLine(table.headers.map(guardCell), table.delimiter)];
  for await (const rows of table.rows) {
    for (const { row, cells } of rows) {
      if (pending.has(row)) lines.push(csvLine(edited(pending, row, cells).map(guardCell), table.delimiter));
    }
    if (pending.size === 0) break;
  }
  requireAllUsed(pending);
  const file_name = `${table.job.file_name.replace(/\.\w+$/, "")}-corrected.csv`;
  const bytes = new TextEncoder().encode(lines.join(""));
  return previewImport(ctx, { bytes, file_name, delimiter: table.delimiter, encoding: "utf-8", header_row: 1 });
}

/** The cells of some rows of a previewed file, by row. At most 1,000. Throws not_found. */
export async function readCells(
  ctx: Ctx,
  fileId: string,
  wanted: readonly number[],
): Promise<{ headers: string[]; rows: Map<number, string[]> }> {
  const { file } = await requireFile(ctx, fileId);
  const numbers = new Set(wanted.slice(0, ROWS_READ_MAX));
  const rows = new Map<number, string[]>();
  for (const [at, chunk] of file.chunks.entries()) {
    const until = file.chunks[at + 1]?.first_row ?? Infinity;
    if (![...numbers].some((number) => number >= chunk.first_row && number < until)) continue;
    for (const { row, cells } of await requireRows(ctx, file, chunk)) if (numbers.has(row)) rows.set(row, cells);
  }
  return { headers: file.headers, rows };
}

async function requireFile(ctx: Ctx, fileId: string): Promise<{ row: FileRow; file: ImportFile }> {
  const [row] = await ctx.db.all(selectFile(ctx.db, parseInput(FileId, fileId)));
  if (!row || Math.max(row.expires_at, row.keep_until) <= ctx.now()) throw fileGone();
  return { row, file: readFile(row) };
}

async function requireRows(ctx: Ctx, file: ImportFile, chunk: ImportFile["chunks"][number]) {
  const rows = await readRows(ctx.files, file, chunk);
  if (!rows) throw fileGone();
  return rows;
}

const fileGone = (): AppError => new AppError("not_found", "File ID expired or not found (previews expire after 1 hour)");

const line = ({ guarded, delimiter }: ImportFile, cells: readonly string[]): string =>
  csvLine(guarded ? cells.map(guardCell) : cells, delimiter);

type Pending = Map<number, Map<number, string>>;

/** Edits by row and position of the column. Throws invalid_request for a column that is not in the file. */
function byRow(edits: CellEdits, headers: readonly string[]): Pending {
  const problems: FieldProblem[] = [];
  const rows: Pending = new Map();
  for (const [at, { row, column, value }] of edits.entries()) {
    const position = headers.indexOf(column);
    if (position < 0) problems.push({ path: `edits.${at}.column`, message: `is no column of the file (got ${JSON.stringify(column)})` });
    rows.set(row, (rows.get(row) ?? new Map()).set(position, value));
  }
  if (problems.length > 0) throw invalidRequest(problems);
  return rows;
}

/** A row with its edits, which are then used. */
function edited(pending: Pending, row: number, cells: readonly string[]): string[] {
  const changes = pending.get(row);
  if (!changes) return [...cells];
  pending.delete(row);
  const width = Math.max(cells.length, ...[...changes.keys()].map((column) => column + 1));
  return Array.from({ length: width }, (_, column) => changes.get(column) ?? cells[column] ?? "");
}

function requireAllUsed(pending: Pending): void {
  const [row] = pending.keys();
  if (row !== undefined) throw invalidRequest([{ path: "edits", message: `row ${row} is no row that can be corrected here` }]);
}
