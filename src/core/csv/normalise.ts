/**
 * Makes the copy that is kept: UTF-8, lines end in "\n", no NUL. It runs over the text twice, first to measure and then to write,
 * so that beside the upload only this one copy is ever in memory.
 */

import { NEWLINE, NUL, RETURN } from "./bytes";
import { decodePieces, type Reading } from "./encoding";

/** `nuls` is how many there were; `unreadable`: some bytes are no character of the encoding, and U+FFFD stands for them. */
export type Normalised = { utf8: Uint8Array; nuls: number; unreadable: boolean };

export function normalise(reading: Reading): Normalised {
  const { size, nuls, unreadable } = run(reading, null);
  const utf8 = new Uint8Array(size);
  run(reading, utf8);
  return { utf8, nuls, unreadable };
}

/**
 * "\r\n" and "\r" become "\n" inside quoted cells too: there a line end is content, but no reader of leads tells them apart, and
 * one kind of line end is what lets records be found by bytes. The last line gets its end, if only because PapaParse takes spaces
 * after a closing quote at the end of a line but not at the end of the text.
 */
function run(reading: Reading, out: Uint8Array | null): { size: number; nuls: number; unreadable: boolean } {
  const seen = { unreadable: false };
  let size = 0;
  let nuls = 0;
  let last = NEWLINE;
  let after_return = false;
  for (const piece of utf8Pieces(reading, seen)) {
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
  return { size, nuls, unreadable: seen.unreadable };
}

function* utf8Pieces({ encoding, text, is_utf8 }: Reading, seen: { unreadable: boolean }): Generator<Uint8Array> {
  if (encoding === "utf-8" && is_utf8) {
    yield text;
    return;
  }
  const encoder = new TextEncoder();
  for (const piece of decodePieces(text, encoding, { fatal: false })) {
    seen.unreadable ||= piece.includes("\uFFFD");
    yield encoder.encode(piece);
  }
}
