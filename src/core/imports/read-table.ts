/** An upload of any format as a table of CSV. */
import { AppError } from "../../errors";
import type { UploadFormat } from "../../vocabulary";
import { type CsvTable, readCsv } from "../csv";
import {
  bytesSource,
  csvOf,
  detectFormat,
  type RowBatches,
  readJsonRows,
  readOds,
  readVcards,
  readXlsx,
  type SpreadsheetProblem,
  type XlsxWorkbook,
} from "../spreadsheets";
import type { Upload } from "./schemas";

export type ReadTable = { table: CsvTable; format: UploadFormat; sheets: string[] };

/** The rows of a workbook or of another structured file. */
type Source = { rows: () => RowBatches; sheets: string[]; warnings: () => string[]; header_row?: number };

/** What a converted file may weigh: as much as a CSV file may. */
const CONVERTED_BYTES_MAX = 32 * 1024 * 1024;
/** Names of formats that this content is not. */
const OTHER_FORMATS = /\.(xlsx|xlsm|xlsb|ods|numbers|pdf|png|jpe?g|gif|webp|zip|gz|json|xml|html?|docx?|pptx?|exe|mp[34])$/i;

/** Throws unsupported_media_type with advice, too_large, invalid_request. */
export async function readTable(upload: Upload): Promise<ReadTable> {
  const format = detectFormat(upload.bytes, upload.file_name);
  if (format.kind === "unsupported") throw notReadable(`${format.what}${format.advice ? `: ${format.advice}` : ""}`);
  if (format.kind === "csv") return { table: readCsvUpload(upload), format: "csv", sheets: [] };
  const { rows, sheets, warnings, header_row } = await openSource(format.kind, upload);
  const converted = await csvOf(rows(), CONVERTED_BYTES_MAX);
  if (!converted.ok) throw refused(converted.problem);
  const table = readCsvBytes(converted.utf8, {
    delimiter: ",",
    encoding: "utf-8",
    ...headerOf(upload.header_row ?? header_row),
  });
  return { table: { ...table, warnings: [...warnings(), ...table.warnings] }, format: format.kind, sheets };
}

function readCsvUpload(upload: Upload): CsvTable {
  const named = OTHER_FORMATS.exec(upload.file_name)?.[1];
  if (named) throw notReadable(`${upload.file_name} is named as ${named.toUpperCase()} but is another format: if it is CSV, name it .csv`);
  return readCsvBytes(upload.bytes, {
    ...(upload.delimiter ? { delimiter: upload.delimiter } : {}),
    ...(upload.encoding ? { encoding: upload.encoding } : {}),
    ...headerOf(upload.header_row),
  });
}

const headerOf = (header_row: number | undefined) => (header_row === undefined ? {} : { header_row });

function readCsvBytes(bytes: Uint8Array, options: Parameters<typeof readCsv>[1]): CsvTable {
  const read = readCsv(bytes, options);
  if (read.ok) return read.table;
  throw read.problem.kind === "binary"
    ? notReadable(read.problem.detail)
    : new AppError("invalid_request", `Invalid CSV: ${read.problem.detail}`);
}

async function openSource(kind: Exclude<UploadFormat, "csv">, { bytes, sheet }: Upload): Promise<Source> {
  if (kind === "xlsx" || kind === "ods") {
    const workbook = await openWorkbook(kind, bytes, sheet);
    const others = workbook.sheets.map(({ name }) => name).filter((name) => name !== workbook.sheet);
    return { rows: workbook.rows, sheets: [workbook.sheet, ...others], warnings: workbook.warnings };
  }
  const read = kind === "vcard" ? readVcards(bytes) : await readJsonRows(bytes);
  if (!read.ok) throw refused(read.problem);
  return { rows: read.table.rows, sheets: [], warnings: () => [], header_row: 1 };
}

/** `sheet` is a name, or where no sheet is called so, a position from 1. */
async function openWorkbook(kind: "xlsx" | "ods", bytes: Uint8Array, sheet: string | undefined): Promise<XlsxWorkbook> {
  const open = (chosen: { sheet?: string | number }) => (kind === "xlsx" ? readXlsx(bytesSource(bytes), chosen) : readOds(bytes, chosen));
  const read = await open(sheet === undefined ? {} : { sheet });
  if (read.ok) return read.workbook;
  const byPosition = sheet !== undefined && /^\d{1,4}$/.test(sheet) && read.problem.kind === "no_such_sheet";
  const second = byPosition ? await open({ sheet: Number(sheet) }) : read;
  if (!second.ok) throw refused(read.problem);
  return second.workbook;
}

function refused({ kind, detail }: SpreadsheetProblem): AppError {
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

const notReadable = (why: string): AppError => new AppError("unsupported_media_type", `File must be CSV or a format such as .xlsx: ${why}`);
