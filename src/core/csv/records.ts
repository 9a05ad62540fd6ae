/**
 * Finds where records end, byte by byte, without making strings. It must agree with PapaParse on every input, malformed quotes
 * included: a chunk cut here is parsed there, and a row that moved would be written into the wrong lead.
 */

import { NEWLINE, QUOTE, skipSpace, spaceLength } from "./bytes";

/** One record: its bytes [start, end) with the line end, and its shape. */
export type RecordMark = {
  start: number;
  end: number;
  cells: number;
  /** One cell, with nothing but whitespace in it. */
  blank: boolean;
  /** False when a quote was opened and the bytes ended before it was closed. */
  closed: boolean;
};

export function markAtStart(): RecordMark {
  return { start: 0, end: 0, cells: 0, blank: false, closed: true };
}

/** Moves `mark` on to the record that begins at its end; false when there is none. Reuses the object: there can be millions. */
export function nextRecord(utf8: Uint8Array, delimiter: number, mark: RecordMark): boolean {
  const length = utf8.length;
  const start = mark.end;
  if (start >= length) return false;
  let at = start;
  let cells = 1;
  let closed = true;
  for (;;) {
    if (utf8[at] === QUOTE) {
      const end = quotedCellEnd(utf8, delimiter, at);
      closed = end !== -1;
      at = closed ? end : length;
    } else {
      while (at < length && utf8[at] !== delimiter && utf8[at] !== NEWLINE) at++;
    }
    if (at >= length || utf8[at] === NEWLINE) break;
    cells++;
    at++;
  }
  mark.start = start;
  mark.end = Math.min(at + 1, length);
  mark.cells = cells;
  mark.blank = cells === 1 && closed && isBlank(utf8, start, at);
  mark.closed = closed;
  return true;
}

/** The position of the delimiter or newline that ends the cell whose quote opens at `open`; the length at the end; -1 if never. */
function quotedCellEnd(utf8: Uint8Array, delimiter: number, open: number): number {
  const length = utf8.length;
  let quote = utf8.indexOf(QUOTE, open + 1);
  while (quote !== -1) {
    if (quote === length - 1) return length;
    if (utf8[quote + 1] === QUOTE) {
      quote = utf8.indexOf(QUOTE, quote + 2);
      continue;
    }
    // A closing quote may be followed by spaces, but at the very end of the bytes PapaParse does not accept them.
    let after = quote + 1;
    while (after < length) {
      if (utf8[after] === delimiter || utf8[after] === NEWLINE) return after;
      const space = spaceLength(utf8, after);
      if (space === 0) break;
      after += space;
    }
    quote = utf8.indexOf(QUOTE, quote + 1);
  }
  return -1;
}

function isBlank(utf8: Uint8Array, start: number, end: number): boolean {
  const inside = utf8[start] === QUOTE ? start + 1 : start;
  const ink = skipSpace(utf8, inside, end);
  if (inside === start) return ink === end;
  return utf8[ink] === QUOTE && skipSpace(utf8, ink + 1, end) === end;
}
