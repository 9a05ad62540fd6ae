/** The rows of an upload that is no CSV. */
import { AppError } from "../../errors";
import type { UploadFormat } from "../../vocabulary";
import {
  type ByteSource,
  type RowBatches,
  readJsonRows,
  readOds,
  readVcards,
  readXlsx,
  type SpreadsheetProblem,
  type XlsxWorkbook,
} from "../spreadsheets";

/** `sheets`: names of a workbook's sheets, the one that is read first; `warnings`: complete once the rows have been read. */
export type RowSource = { rows: () => RowBatches; sheets: string[]; warnings: () => string[]; header_row?: number };

/** Reads ranges of the file only. Throws unsupported_media_type, too_large, invalid_request. */
export async function openSource(
  kind: Exclude<UploadFormat, "csv">,
  file: ByteSource,
  { sheet }: { sheet?: string | undefined },
): Promise<RowSource> {
  if (kind === "xlsx" || kind === "ods") {
    const workbook = await openWorkbook(kind, file, sheet);
    const others = workbook.sheets.map(({ name }) => name).filter((name) => name !== workbook.sheet);
    return { rows: workbook.rows, sheets: [workbook.sheet, ...others], warnings: workbook.warnings };
  }
  const read = await (kind === "vcard" ? readVcards(file) : readJsonRows(file));
  if (!read.ok) throw refused(read.problem);
  return { rows: read.table.rows, sheets: [], warnings: () => [], header_row: 1 };
}

/** `sheet` is a name, or where no sheet is called so, a position from 1. */
async function openWorkbook(kind: "xlsx" | "ods", file: ByteSource, sheet: string | undefined): Promise<XlsxWorkbook> {
  const open = (chosen: { sheet?: string | number }) => (kind === "xlsx" ? readXlsx(file, chosen) : readOds(file, chosen));
  const read = await open(sheet === undefined ? {} : { sheet });
  if (read.ok) return read.workbook;
  const byPosition = sheet !== undefined && /^\d{1,4}$/.test(sheet) && read.problem.kind === "no_such_sheet";
  const second = byPosition ? await open({ sheet: Number(sheet) }) : read;
  if (!second.ok) throw refused(read.problem);
  return second.workbook;
}

export function refused({ kind, detail }: SpreadsheetProblem): AppError {
  switch (kind) {
    case "unsupported":
      return notReadable(detail);
    case "too_large":
      return new AppError("too_large", `The file is too large: ${detail}`);
    case "no_such_sheet":
      return new AppError("invalid_request", detail, [{ path: "sheet", message: detail }]);
    case "invalid":
      return new AppError("invalid_request", `Invalid file: ${detail}`);
  }
}

export const notReadable = (why: string): AppError =>
  new AppError("unsupported_media_type", `File must be CSV or a format such as .xlsx: ${why}`);
