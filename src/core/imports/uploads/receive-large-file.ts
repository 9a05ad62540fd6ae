/** Takes in a file that is too large to be read at once: its beginning says how it is to be read, then it is copied piece by piece. */
import type { Ctx } from "../../../context";
import type { UploadFormat } from "../../../vocabulary";
import type { EncodingGuess } from "../../csv";
import { type ByteSource, writeCsv } from "../../spreadsheets";
import { openSource, refused } from "../open-source";
import { convertedOptions, csvOptions, formatOf, type ReadTable } from "../read-table";
import { type FilePlace, keepTable, type ReceivedFile } from "../receive-file";
import type { Upload } from "../schemas";
import { LargeCopy, OtherEncoding } from "./large-copy";
import { objectSource } from "./object-source";
import { openPartWriter, type PartWriter } from "./part-writer";
import type { UploadRow } from "./store";

const PIECE_BYTES = 4 * 1024 * 1024;
/** Enough to recognise a format by. */
const START_BYTES = 512 * 1024;
/** A workbook of 60 MB unpacks to several times its size; as CSV it is a third of that. */
const CONVERTED_BYTES_MAX = 512 * 1024 * 1024;

type RawFile = Pick<UploadRow, "raw_key" | "object_key" | "size" | "file_name">;

/** Reads a CSV file once, JSON and vCards twice more for their columns. Throws as `readTable`, and too_large (over 2,000,000 rows). */
export async function receiveLargeFile(ctx: Ctx, raw: RawFile, options: Upload, place: FilePlace): Promise<ReceivedFile> {
  const source = objectSource(ctx.files, raw.raw_key, raw.size);
  const format = formatOf(await source.read(0, START_BYTES), options.file_name);
  const { copied_bytes, ...read } = await copyTable(ctx, raw, { source, format, options });
  return keepTable(ctx, options, read, { ...place, copied_bytes });
}

type Large = { source: ByteSource; format: UploadFormat; options: Upload };
type Copied = Pick<ReadTable, "table" | "sheets">;

async function copyTable(
  ctx: Ctx,
  raw: RawFile,
  large: Large,
  guess: EncodingGuess | null = null,
): Promise<ReadTable & { copied_bytes: number }> {
  const writer = await openPartWriter(ctx.files, raw.object_key);
  try {
    const copied = large.format === "csv" ? await copyCsv(writer, large, guess) : await copyRows(writer, large.format, large);
    return { ...copied, format: large.format, copied_bytes: await writer.close() };
  } catch (error) {
    await writer.abort();
    if (error instanceof OtherEncoding) return copyTable(ctx, raw, large, error.guess);
    throw error;
  }
}

async function copyCsv(writer: PartWriter, { source, options }: Large, guess: EncodingGuess | null): Promise<Copied> {
  const copy = new LargeCopy(writer, csvOptions(options), guess);
  for (let at = 0; at < source.size; at += PIECE_BYTES) await copy.add(await source.read(at, PIECE_BYTES));
  return { table: await copy.end(), sheets: [] };
}

async function copyRows(writer: PartWriter, format: Exclude<UploadFormat, "csv">, { source, options }: Large): Promise<Copied> {
  const { rows, sheets, warnings, header_row } = await openSource(format, source, options);
  const copy = new LargeCopy(writer, convertedOptions(options, header_row));
  const written = await writeCsv(rows(), CONVERTED_BYTES_MAX, (piece) => copy.add(piece));
  if (!written.ok) throw refused(written.problem);
  const table = await copy.end();
  return { table: { ...table, warnings: [...warnings(), ...table.warnings] }, sheets };
}
