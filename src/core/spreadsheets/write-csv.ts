/** Rows as the normalised CSV that core/csv keeps: UTF-8 without BOM, `,`, lines end in "\n", no NUL. */

import type { Refused } from "./problem";
import type { RowBatches, SheetRow } from "./rows";

const PIECE_CHARS = 65_536;
const SPECIAL = /[",\n]/;
/** What a cell cannot have as it is. */
const ODD = /[",\n\r\0]/;

export type CsvWritten = { ok: true; bytes: number; rows: number } | Refused;

/**
 * Writes the rows piece by piece, awaiting `sink` for each; refused beyond `bytes_max`, with the pieces before already written. Blank
 * lines stand for the rows that the spreadsheet leaves empty, so that counting records gives the row number which the spreadsheet
 * shows. Needs the memory of one batch.
 */
export async function writeCsv(
  batches: RowBatches,
  bytes_max: number,
  sink: (piece: Uint8Array) => void | Promise<void>,
): Promise<CsvWritten> {
  const out = new CsvPieces(bytes_max, sink);
  let next_row = 1;
  let rows = 0;
  for await (const batch of batches) {
    if (!batch.ok) return batch;
    for (const row of batch.rows) {
      const blank = "\n".repeat(row.row - next_row);
      out.pending += blank + csvRecord(row, rows === 0);
      next_row = row.row + 1;
      rows++;
      if (out.pending.length >= PIECE_CHARS && !(await out.flush())) return tooLarge(bytes_max);
    }
  }
  return (await out.flush()) ? { ok: true, bytes: out.bytes, rows } : tooLarge(bytes_max);
}

class CsvPieces {
  pending = "";
  bytes = 0;
  readonly #bytes_max: number;
  readonly #sink: (piece: Uint8Array) => void | Promise<void>;
  readonly #encoder = new TextEncoder();

  constructor(bytes_max: number, sink: (piece: Uint8Array) => void | Promise<void>) {
    this.#bytes_max = bytes_max;
    this.#sink = sink;
  }

  /** False when there is more than may be written. */
  async flush(): Promise<boolean> {
    if (this.pending === "") return true;
    const piece = this.#encoder.encode(this.pending);
    this.pending = "";
    this.bytes += piece.length;
    if (this.bytes > this.#bytes_max) return false;
    await this.#sink(piece);
    return true;
  }
}

function tooLarge(bytes_max: number): Refused {
  return { ok: false, problem: { kind: "too_large", detail: `as CSV the file is larger than ${bytes_max.toLocaleString("en-US")} bytes` } };
}

/** The whole CSV in memory. */
export async function csvOf(batches: RowBatches, bytes_max: number): Promise<{ ok: true; utf8: Uint8Array; rows: number } | Refused> {
  const pieces: Uint8Array[] = [];
  const written = await writeCsv(batches, bytes_max, (piece) => {
    pieces.push(piece);
  });
  return written.ok ? { ok: true, utf8: joined(pieces, written.bytes), rows: written.rows } : written;
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function csvRecord({ cells }: SheetRow, first: boolean): string {
  let line = "";
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index] as string;
    line += index === 0 ? quoted(first ? withoutMark(cell) : cell) : `,${quoted(cell)}`;
  }
  return `${line}\n`;
}

function quoted(cell: string): string {
  if (!ODD.test(cell)) return cell;
  const text = cell.includes("\r") || cell.includes("\0") ? cell.replace(/\r\n?/g, "\n").replaceAll("\0", "") : cell;
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The copy begins with no byte order mark. */
function withoutMark(cell: string): string {
  return cell.startsWith("\uFEFF") ? cell.slice(1) : cell;
}
