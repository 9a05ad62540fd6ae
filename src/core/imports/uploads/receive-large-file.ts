/** Takes in a file that is too large to be read at once: its beginning says how it is to be read, then it is copied piece by piece. */
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { type CsvTable, TableScan } from "../../csv";
import { detectFormat } from "../../spreadsheets";
import { UPLOAD_ROWS_MAX } from "../limits";
import { type ReadTable, readTable } from "../read-table";
import { type FilePlace, keepTable, type ReceivedFile } from "../receive-file";
import type { Upload } from "../schemas";
import { openPartWriter } from "./part-writer";
import type { UploadRow } from "./store";

const PIECE_BYTES = 4 * 1024 * 1024;
/** The beginning is cut at a line end, which may lie within a quoted cell: then a shorter one is tried. */
const HEAD_BYTES = [2_000_000, 1_500_000, 1_000_000, 300_000];

type RawFile = Pick<UploadRow, "raw_key" | "object_key" | "size" | "file_name">;

export async function receiveLargeFile(ctx: Ctx, raw: RawFile, options: Upload, place: FilePlace): Promise<ReceivedFile> {
  const { table: head, format } = await readHead(await readPiece(ctx, raw, 0), options);
  const [first] = head.chunks;
  if (!first) throw new AppError("invalid_request", "Invalid CSV: its first 300 KB hold no row of data");
  const { encoding, delimiter, headers } = head;
  const scan = new TableScan({ encoding, delimiter, offset: first.offset, first_row: first.first_row, columns: headers.length });
  const copied_bytes = await copy(ctx, raw, scan);
  const { row_count, chunks } = scan.survey;
  const table: CsvTable = { ...head, row_count, chunks };
  return keepTable(ctx, options, { table, format, sheets: [] }, { ...place, copied_bytes });
}

async function readHead(piece: Uint8Array, options: Upload): Promise<ReadTable> {
  const { kind } = detectFormat(piece, options.file_name);
  if (kind !== "csv") throw new AppError("unsupported_media_type", "File must be CSV: other formats are read up to 10 MB");
  let failure: unknown;
  for (const bytes of HEAD_BYTES) {
    try {
      return await readTable({ ...options, bytes: wholeLines(piece.subarray(0, bytes)) });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** An even number of bytes, so that UTF-16 is not cut within a character. */
function wholeLines(bytes: Uint8Array): Uint8Array {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  return bytes.subarray(0, end === 0 ? bytes.length : end + (bytes[end] === 0 ? 1 : 0));
}

const NEWLINE = 10;

/** Writes the normalised copy; returns its size. */
async function copy(ctx: Ctx, raw: RawFile, scan: TableScan): Promise<number> {
  const writer = await openPartWriter(ctx.files, raw.object_key);
  try {
    for (let at = 0; at < raw.size; at += PIECE_BYTES) {
      await writer.write(scan.add(await readPiece(ctx, raw, at)));
      if (scan.fault !== null) throw new AppError("invalid_request", `Invalid CSV: ${scan.fault}`);
      if (scan.survey.row_count > UPLOAD_ROWS_MAX) throw new AppError("too_large", `The file has more than ${UPLOAD_ROWS_MAX} rows`);
    }
    await writer.write(scan.end());
    if (scan.fault !== null) throw new AppError("invalid_request", `Invalid CSV: ${scan.fault}`);
    return await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function readPiece({ files }: Ctx, { raw_key, size }: RawFile, offset: number): Promise<Uint8Array> {
  const object = await files.get(raw_key, { range: { offset, length: Math.min(PIECE_BYTES, size - offset) } });
  if (!object) throw new Error(`the object of an upload is gone: ${raw_key}`);
  return new Uint8Array(await object.arrayBuffer());
}
