/** Reads a file piece by piece, however large: what `readCsv` finds out of its beginning is given. Its memory is one piece and one record. */

import { NEWLINE, NUL, RETURN } from "./bytes";
import type { Encoding } from "./encodings";
import { RECORD_BYTES_MAX } from "./limits";
import { markAtStart, nextRecord } from "./records";
import { findFault, newSurvey, type Survey, takeRecord } from "./survey";
import type { Delimiter } from "./table";

/** `offset`: of the first record of data in the normalised copy, which is spreadsheet row `first_row`. */
export type ScanStart = { encoding: Encoding; delimiter: Delimiter; offset: number; first_row: number; columns: number };

const NOTHING = new Uint8Array(0);
const UTF8_MARK = [0xef, 0xbb, 0xbf];

export class TableScan {
  readonly survey: Survey = newSurvey();
  /** why the file cannot be read; what follows is not looked at */
  fault: string | null = null;
  readonly #start: ScanStart;
  readonly #decoder: TextDecoder | null;
  readonly #encoder = new TextEncoder();
  #isFirst = true;
  #afterReturn = false;
  #last = NEWLINE;
  /** normalised bytes that are not surveyed yet, and their place in the copy */
  #rest: Uint8Array = NOTHING;
  #restAt = 0;
  #row: number;

  constructor(start: ScanStart) {
    this.#start = start;
    this.#row = start.first_row;
    this.#decoder = start.encoding === "utf-8" ? null : new TextDecoder(start.encoding);
  }

  /** The next bytes of the file, as they are in the normalised copy. */
  add(bytes: Uint8Array): Uint8Array {
    const piece = this.#normalise(this.#decode(bytes));
    this.#survey(piece, false);
    return piece;
  }

  /** What the copy ends with. */
  end(): Uint8Array {
    const piece = this.#normalise(this.#decoder ? this.#encoder.encode(this.#decoder.decode()) : NOTHING);
    const last = this.#last === NEWLINE ? piece : joined(piece, Uint8Array.of(NEWLINE));
    this.#survey(last, true);
    return last;
  }

  #decode(bytes: Uint8Array): Uint8Array {
    const isMarked = this.#isFirst && UTF8_MARK.every((byte, at) => bytes[at] === byte);
    this.#isFirst = false;
    if (this.#decoder) return this.#encoder.encode(this.#decoder.decode(bytes, { stream: true }));
    return isMarked ? bytes.subarray(UTF8_MARK.length) : bytes;
  }

  /** Every line end becomes "\n", and NULs are left out. */
  #normalise(bytes: Uint8Array): Uint8Array {
    const out = new Uint8Array(bytes.length);
    let size = 0;
    for (let at = 0; at < bytes.length; at++) {
      let byte = bytes[at] as number;
      if (byte === NUL) continue;
      const isSecond = byte === NEWLINE && this.#afterReturn;
      this.#afterReturn = byte === RETURN;
      if (isSecond) continue;
      if (byte === RETURN) byte = NEWLINE;
      out[size++] = byte;
      this.#last = byte;
    }
    return out.subarray(0, size);
  }

  #survey(piece: Uint8Array, isLast: boolean): void {
    const window = joined(this.#rest, piece);
    const from = Math.min(Math.max(0, this.#start.offset - this.#restAt), window.length);
    const mark = { ...markAtStart(), end: from };
    let done = from;
    while (this.fault === null && nextRecord(window, this.#start.delimiter.charCodeAt(0), mark)) {
      // a record that reaches the end of the window may go on in the next piece
      if (mark.end === window.length && !isLast) break;
      if (!mark.blank) this.#take(mark);
      done = mark.end;
      this.#row += 1;
    }
    this.#rest = window.slice(done);
    this.#restAt += done;
    if (this.#rest.length > RECORD_BYTES_MAX) this.fault ??= `row ${this.#row} is more than a megabyte long: is a quote missing?`;
  }

  #take(mark: ReturnType<typeof markAtStart>): void {
    this.fault = findFault(mark, this.#row);
    const { start, end, cells } = mark;
    takeRecord(this.survey, { start: start + this.#restAt, end: end + this.#restAt, cells, row: this.#row }, this.#start.columns);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
