/**
 * Makes the copy that is kept: UTF-8, lines end in "\n", no NUL. It runs over the text twice, first to measure and then to write,
 * so that beside the upload only this one copy is ever in memory.
 */

import { NEWLINE, NUL, RETURN } from "./bytes";
import { decodePieces, type Reading } from "./encoding";

export type Normalised = { utf8: Uint8Array; nuls: number };

export function normalise(reading: Reading): Normalised {
  const { size, nuls } = run(reading, null);
  const utf8 = new Uint8Array(size);
  run(reading, utf8);
  return { utf8, nuls };
}

/**
 * "\r\n" and "\r" become "\n" inside quoted cells too: there a line end is content, but no reader of leads tells them apart, and
 * one kind of line end is what lets records be found by bytes. The last line gets its end, if only because PapaParse takes spaces
 * after a closing quote at the end of a line but not at the end of the text.
 */
function run(reading: Reading, out: Uint8Array | null): { size: number; nuls: number } {
  let size = 0;
  let nuls = 0;
  let last = NEWLINE;
  let after_return = false;
  for (const piece of utf8Pieces(reading)) {
    const length = piece.length;
    for (let at = 0; at < length; at++) {
      let byte = piece[at] as number;
      if (byte === NUL) {
        nuls++;
        continue;
      }
      if (byte === NEWLINE && after_return) {
        after_return = false;
        continue;
      }
      after_return = byte === RETURN;
      if (after_return) byte = NEWLINE;
      if (out) out[size] = byte;
      last = byte;
      size++;
    }
  }
  if (last !== NEWLINE) {
    if (out) out[size] = NEWLINE;
    size++;
  }
  return { size, nuls };
}

function* utf8Pieces({ encoding, text, clean }: Reading): Generator<Uint8Array> {
  if (encoding === "utf-8" && clean) {
    yield text;
    return;
  }
  const encoder = new TextEncoder();
  for (const piece of decodePieces(text, encoding, { fatal: false })) yield encoder.encode(piece);
}
