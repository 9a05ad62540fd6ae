/** Finds out how the bytes of a file are written. */

import { NEWLINE, NUL } from "./bytes";
import type { Encoding } from "./table";

const SAMPLE_BYTES = 65_536;

const BYTE_ORDER_MARKS: readonly { encoding: Encoding; mark: readonly number[] }[] = [
  { encoding: "utf-8", mark: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", mark: [0xff, 0xfe] },
  { encoding: "utf-16be", mark: [0xfe, 0xff] },
];

/**
 * `text` is `bytes` without byte order mark; `clean` says that all of it can be read in `encoding`.
 * Order: what the caller says; the mark; UTF-16 by its NULs; UTF-8 if every byte fits; Windows-1252, which takes anything.
 */
export type Reading = { encoding: Encoding; text: Uint8Array; clean: boolean };

export function readingOf(bytes: Uint8Array, override?: Encoding): Reading {
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  const text = marked ? bytes.subarray(marked.mark.length) : bytes;
  const known = override ?? marked?.encoding;
  if (known) return { encoding: known, text, clean: decodes(text, known) };
  const utf8 = decodes(text, "utf-8");
  const utf16 = findUtf16(text, utf8);
  if (utf16) return { encoding: utf16, text, clean: decodes(text, utf16) };
  return { encoding: utf8 ? "utf-8" : "windows-1252", text, clean: true };
}

/** Decodes piece by piece, to keep nothing: a string of the whole file would be twice its size. */
export function* decodePieces(text: Uint8Array, encoding: Encoding, options: { fatal: boolean }): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: options.fatal, ignoreBOM: true });
  for (let at = 0; at < text.length; at += SAMPLE_BYTES) yield decoder.decode(text.subarray(at, at + SAMPLE_BYTES), { stream: true });
  yield decoder.decode();
}

function decodes(text: Uint8Array, encoding: Encoding): boolean {
  if (encoding === "windows-1252") return true;
  try {
    for (const _ of decodePieces(text, encoding, { fatal: true }));
    return true;
  } catch {
    return false;
  }
}

/**
 * UTF-16 has a NUL beside every ASCII character, always on the same side. Mostly ASCII text shows it in most pairs and hardly ever
 * the other way round. Chinese text has few, and characters such as U+4E00 show it the other way round: there the newlines decide,
 * since U+0A00 is no character, provided that the bytes are no UTF-8.
 */
function findUtf16(text: Uint8Array, isUtf8: boolean): Encoding | null {
  if (text.length % 2 === 1) return null;
  const end = Math.min(text.length, SAMPLE_BYTES);
  const little = { nuls: 0, newlines: 0 };
  const big = { nuls: 0, newlines: 0 };
  for (let at = 0; at < end; at += 2) {
    if (text[at + 1] === NUL) {
      little.nuls++;
      if (text[at] === NEWLINE) little.newlines++;
    }
    if (text[at] === NUL) {
      big.nuls++;
      if (text[at + 1] === NEWLINE) big.newlines++;
    }
  }
  const convincing = (own: typeof little, other: typeof little) =>
    (own.nuls > 0.3 * (end / 2) && other.nuls <= 0.05 * own.nuls) ||
    (!isUtf8 && own.newlines > 0 && other.newlines === 0 && own.nuls > other.nuls);
  if (convincing(little, big)) return "utf-16le";
  if (convincing(big, little)) return "utf-16be";
  return null;
}
