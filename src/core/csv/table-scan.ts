/** Reads a file piece by piece, however large: what `readCsv` finds out of its beginning is given. Its memory is one piece and the records that a footer may have. */

import { NEWLINE, NUL, RETURN } from "./bytes";
import { FOOTER_RECORDS_MAX } from "./footer";
import { footerRule, parseRecords } from "./footer-rule";
import { RECORD_BYTES_MAX } from "./limits";
import { markAtStart, nextRecord, type RecordMark } from "./records";
import { findFault, newSurvey, type Survey, SurveyTail } from "./survey";
import type { CsvTable } from "./table";
import { footerWarnings, readingWarnings, surveyWarnings } from "./warnings";

/** What the beginning of the file says. `offset`: of the first record of data in the normalised copy, which is spreadsheet row `first_row`. */
export type ScanStart = Pick<CsvTable, "encoding" | "delimiter" | "headers" | "header_row" | "guarded"> & {
  offset: number;
  first_row: number;
};

const NOTHING = new Uint8Array(0);
const UTF8_MARK = [0xef, 0xbb, 0xbf];

export class TableScan {
  readonly survey: Survey = newSurvey();
  /** why the file cannot be read; what follows is not looked at */
  fault: string | null = null;
  /** ASCII until these bytes, which are not UTF-8: the file's beginning did not tell its encoding */
  misread: Uint8Array | null = null;
  warnings: string[] = [];
  readonly #start: ScanStart;
  /** null: the bytes are UTF-8, and only checked */
  readonly #decoder: TextDecoder | null;
  readonly #checker = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #tail: SurveyTail;
  #nuls = 0;
  #unreadable = false;
  #isAscii = true;
  readonly #encoder = new TextEncoder();
  #isFirst = true;
  #afterReturn = false;
  #last = NEWLINE;
  /** normalised bytes that are not surveyed yet or may be a footer, and their place in the copy */
  #rest: Uint8Array = NOTHING;
  #restAt = 0;
  /** of the next record in the copy, and its spreadsheet row */
  #next: number;
  #row: number;

  constructor(start: ScanStart) {
    this.#start = start;
    this.#row = start.first_row;
    this.#next = start.offset;
    this.#decoder = start.encoding === "utf-8" ? null : new TextDecoder(start.encoding);
    const { headers, first_row } = start;
    this.#tail = new SurveyTail(this.survey, { columns: headers.length, first_row, records_max: FOOTER_RECORDS_MAX });
  }

  /** The next bytes of the file, as they are in the normalised copy. */
  add(bytes: Uint8Array): Uint8Array {
    const piece = this.#normalise(this.#decode(bytes));
    this.#survey(piece, false);
    return piece;
  }

  /** What the copy ends with. */
  end(): Uint8Array {
    const piece = this.#normalise(this.#decode(null));
    const last = this.#last === NEWLINE ? piece : joined(piece, Uint8Array.of(NEWLINE));
    this.#survey(last, true);
    return last;
  }

  /** `bytes`: null after the last of them. */
  #decode(bytes: Uint8Array | null): Uint8Array {
    const given = bytes ?? NOTHING;
    const isMarked = this.#isFirst && UTF8_MARK.every((byte, at) => given[at] === byte);
    this.#isFirst = false;
    if (this.#decoder) {
      const text = bytes ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode();
      this.#unreadable ||= text.includes("\uFFFD");
      return this.#encoder.encode(text);
    }
    this.#check(bytes);
    return isMarked ? given.subarray(UTF8_MARK.length) : given;
  }

  #check(bytes: Uint8Array | null): void {
    if (this.#unreadable) return;
    try {
      const text = bytes ? this.#checker.decode(bytes, { stream: true }) : this.#checker.decode();
      this.#isAscii &&= text.length === (bytes?.length ?? 0);
    } catch {
      this.#unreadable = true;
      if (this.#isAscii) this.misread = bytes;
    }
  }

  /** Every line end becomes "\n", and NULs are left out. */
  #normalise(bytes: Uint8Array): Uint8Array {
    const out = new Uint8Array(bytes.length);
    let size = 0;
    for (let at = 0; at < bytes.length; at++) {
      let byte = bytes[at] as number;
      if (byte === NUL) {
        this.#nuls++;
        continue;
      }
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
    const from = Math.min(Math.max(0, this.#next - this.#restAt), window.length);
    const mark = { ...markAtStart(), end: from };
    let done = from;
    while (this.fault === null && nextRecord(window, this.#start.delimiter.charCodeAt(0), mark)) {
      // a record that reaches the end of the window may go on in the next piece
      if (mark.end === window.length && !isLast) break;
      if (!mark.blank) this.#take(mark);
      done = mark.end;
      this.#row += 1;
    }
    if (isLast && this.fault === null) this.#end(window);
    if (window.length - done > RECORD_BYTES_MAX) this.fault ??= `row ${this.#row} is more than a megabyte long: is a quote missing?`;
    this.#next = Math.max(this.#next, done + this.#restAt);
    const kept = Math.min(done, (this.#tail.start ?? Number.POSITIVE_INFINITY) - this.#restAt);
    this.#rest = window.slice(kept);
    this.#restAt += kept;
  }

  #take(mark: RecordMark): void {
    this.fault = findFault(mark, this.#row);
    this.#tail.add(mark.start + this.#restAt, mark.end + this.#restAt, mark.cells, this.#row);
  }

  #end(window: Uint8Array): void {
    const { headers, header_row, encoding, delimiter, guarded } = this.#start;
    const place = { headers, guarded, delimiter, offset: this.#restAt };
    this.#tail.end(footerRule(window, place).count);
    this.warnings = [
      ...readingWarnings(encoding, { nuls: this.#nuls, unreadable: this.#unreadable }),
      ...surveyWarnings(this.survey, headers.length, header_row > 0),
      ...footerWarnings(parseRecords(window, this.survey.footer, place)),
    ];
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
