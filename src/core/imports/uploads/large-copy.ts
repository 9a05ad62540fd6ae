/** Copies a large table piece by piece, and surveys it on the way. */
import { AppError } from "../../../errors";
import { type CsvTable, type EncodingGuess, guessEncoding, type ReadOptions, TableScan } from "../../csv";
import { UPLOAD_ROWS_MAX } from "../limits";
import { readCsvBytes } from "../read-table";
import type { PartWriter } from "./part-writer";

/** The beginning is cut at a line end, which may lie within a quoted cell: then a shorter one is tried. */
const HEAD_BYTES = [2_000_000, 1_500_000, 1_000_000, 300_000] as const;
const NEWLINE = 10;
const NOT_COUNTED =
  "The columns of this large file were judged by its first 500 rows. All rows are counted, but not yet which of their cells are invalid or repeated: a plan shows that";

/** The file has to be copied again: its encoding is this one. */
export class OtherEncoding extends Error {
  readonly guess: EncodingGuess;

  constructor(guess: EncodingGuess) {
    super(`the file is in ${guess.encoding}`);
    this.name = "OtherEncoding";
    this.guess = guess;
  }
}

/** `end` returns the table, whose `utf8` is its beginning only. Throws invalid_request, unsupported_media_type, too_large, OtherEncoding (unless `guess` or the options name one). */
export class LargeCopy {
  readonly #writer: PartWriter;
  readonly #options: ReadOptions;
  readonly #guess: EncodingGuess | null;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #begun: { head: CsvTable; scan: TableScan } | null = null;

  constructor(writer: PartWriter, options: ReadOptions, guess: EncodingGuess | null = null) {
    this.#writer = writer;
    this.#options = guess ? { ...options, encoding: guess.encoding } : options;
    this.#guess = guess;
  }

  async add(piece: Uint8Array): Promise<void> {
    if (this.#begun) return this.#pass(piece, this.#begun);
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes >= HEAD_BYTES[0]) await this.#begin();
  }

  async end(): Promise<CsvTable> {
    const { head, scan } = this.#begun ?? (await this.#begin());
    await this.#writer.write(scan.end());
    refuseFault(scan);
    const { row_count, chunks } = scan.survey;
    const warnings = [...(this.#guess?.warnings ?? []), ...head.warnings, ...scan.warnings, NOT_COUNTED];
    return { ...head, ...this.#guess, row_count, chunks, warnings };
  }

  async #begin(): Promise<{ head: CsvTable; scan: TableScan }> {
    const pieces = this.#pending;
    const head = readHead(joined(pieces, this.#pendingBytes), this.#options);
    this.#pending = [];
    const [first] = head.chunks;
    if (!first) throw new AppError("invalid_request", "Invalid CSV: its first 300 KB hold no row of data");
    const scan = new TableScan({ ...head, offset: first.offset, first_row: first.first_row });
    this.#begun = { head, scan };
    for (const piece of pieces) await this.#pass(piece, this.#begun);
    return this.#begun;
  }

  async #pass(piece: Uint8Array, { head, scan }: { head: CsvTable; scan: TableScan }): Promise<void> {
    const copied = scan.add(piece);
    if (scan.misread && this.#options.encoding === undefined) {
      const guess = guessEncoding(scan.misread, head.delimiter);
      scan.misread = null;
      if (guess.encoding !== "utf-8") throw new OtherEncoding(guess);
    }
    refuseFault(scan);
    if (scan.survey.row_count > UPLOAD_ROWS_MAX) throw new AppError("too_large", `The file has more than ${UPLOAD_ROWS_MAX} rows`);
    await this.#writer.write(copied);
  }
}

function refuseFault({ fault }: TableScan): void {
  if (fault !== null) throw new AppError("invalid_request", `Invalid CSV: ${fault}`);
}

function readHead(bytes: Uint8Array, options: ReadOptions): CsvTable {
  let failure: unknown;
  for (const most of HEAD_BYTES) {
    try {
      const head = most >= bytes.length ? bytes : wholeLines(bytes.subarray(0, most));
      return readCsvBytes(head, { ...options, is_head: true });
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

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
