/** An upload of any format as a table of CSV. */
import { AppError } from "../../errors";
import type { UploadFormat } from "../../vocabulary";
import { type CsvTable, type ReadOptions, readCsv } from "../csv";
import { bytesSource, csvOf, detectFormat } from "../spreadsheets";
import { notReadable, openSource, refused } from "./open-source";
import type { Upload } from "./schemas";

export type ReadTable = { table: CsvTable; format: UploadFormat; sheets: string[] };

/** What a converted file may weigh: as much as a CSV file may. */
const CONVERTED_BYTES_MAX = 32 * 1024 * 1024;
/** Names of formats that this content is not. */
const OTHER_FORMATS = /\.(xlsx|xlsm|xlsb|ods|numbers|pdf|png|jpe?g|gif|webp|zip|gz|json|xml|html?|docx?|pptx?|exe|mp[34])$/i;

/** Throws unsupported_media_type with advice, too_large, invalid_request. */
export async function readTable(upload: Upload): Promise<ReadTable> {
  const format = formatOf(upload.bytes, upload.file_name);
  if (format === "csv") return { table: readCsvBytes(upload.bytes, csvOptions(upload)), format, sheets: [] };
  const { rows, sheets, warnings, header_row } = await openSource(format, bytesSource(upload.bytes), upload);
  const converted = await csvOf(rows(), CONVERTED_BYTES_MAX);
  if (!converted.ok) throw refused(converted.problem);
  const table = readCsvBytes(converted.utf8, convertedOptions(upload, header_row));
  return { table: { ...table, warnings: [...warnings(), ...table.warnings] }, format, sheets };
}

/** `bytes`: the file, or its first 64 KB at least. Throws unsupported_media_type. */
export function formatOf(bytes: Uint8Array, file_name: string): UploadFormat {
  const format = detectFormat(bytes, file_name);
  if (format.kind === "unsupported") throw notReadable(`${format.what}${format.advice ? `: ${format.advice}` : ""}`);
  const named = format.kind === "csv" ? OTHER_FORMATS.exec(file_name)?.[1] : undefined;
  if (named) throw notReadable(`${file_name} is named as ${named.toUpperCase()} but is another format: if it is CSV, name it .csv`);
  return format.kind;
}

export const csvOptions = ({ delimiter, encoding, header_row }: Upload): ReadOptions => ({
  ...(delimiter ? { delimiter } : {}),
  ...(encoding ? { encoding } : {}),
  ...headerOf(header_row),
});

/** Of what `csvOf` and `writeCsv` write; `header_row`: where the format says where its header is. */
export const convertedOptions = (upload: Upload, header_row: number | undefined): ReadOptions => ({
  delimiter: ",",
  encoding: "utf-8",
  ...headerOf(upload.header_row ?? header_row),
});

const headerOf = (header_row: number | undefined) => (header_row === undefined ? {} : { header_row });

/** Throws unsupported_media_type, invalid_request. */
export function readCsvBytes(bytes: Uint8Array, options: ReadOptions): CsvTable {
  const read = readCsv(bytes, options);
  if (read.ok) return read.table;
  throw read.problem.kind === "binary"
    ? notReadable(read.problem.detail)
    : new AppError("invalid_request", `Invalid CSV: ${read.problem.detail}`);
}
