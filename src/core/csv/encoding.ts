/** Finds out how the bytes of a file are written. */

import { NEWLINE, NUL } from "./bytes";
import type { Encoding } from "./encodings";
import { type Guess, readLegacy } from "./legacy-encoding";
import { mostlyUtf8 } from "./mostly-utf8";

const SAMPLE_BYTES = 65_536;

const BYTE_ORDER_MARKS: readonly { encoding: Encoding; mark: readonly number[] }[] = [
  { encoding: "utf-8", mark: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", mark: [0xff, 0xfe] },
  { encoding: "utf-16be", mark: [0xfe, 0xff] },
];

const SURE = 1;
const UTF16_CONFIDENCE = 0.95;

/**
 * `text` is `bytes` without byte order mark. `confidence` is from 0 to 1; `runners_up` are the other readings of a guess, likeliest
 * first, and `lines` those lines of the text in which they differ. `is_utf8` says that `text` can be taken over byte by byte.
 * In this order: what the caller names; the byte order mark; UTF-16 by its NULs; UTF-8 if every byte fits, or all but a few; the likeliest of the older encodings.
 */
export type Reading = {
  encoding: Encoding;
  text: Uint8Array;
  is_utf8: boolean;
  confidence: number;
  runners_up: Guess[];
  lines: Uint8Array;
};

export function readingOf(bytes: Uint8Array, override?: Encoding): Reading {
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  const text = marked ? bytes.subarray(marked.mark.length) : bytes;
  const known = ofMarkedOrder(override, marked?.encoding) ?? marked?.encoding;
  if (known) return certain(text, known, SURE, known === "utf-8" && isUtf8(text));
  const is_utf8 = isUtf8(text);
  const utf16 = findUtf16(text, is_utf8);
  if (utf16) return certain(text, utf16, UTF16_CONFIDENCE, false);
  if (is_utf8) return certain(text, "utf-8", SURE, true);
  const share = mostlyUtf8(text);
  if (share !== null) return certain(text, "utf-8", share, false);
  const { guesses, lines } = readLegacy(text);
  const [best = { encoding: "windows-1252", confidence: 0 }, ...runners_up] = guesses;
  return { ...best, text, is_utf8, runners_up, lines };
}

/** Decodes piece by piece, to keep nothing: a string of the whole file would be twice its size. */
export function* decodePieces(text: Uint8Array, encoding: Encoding, options: { fatal: boolean }): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: options.fatal, ignoreBOM: true });
  for (let at = 0; at < text.length; at += SAMPLE_BYTES) yield decoder.decode(text.subarray(at, at + SAMPLE_BYTES), { stream: true });
  yield decoder.decode();
}

function certain(text: Uint8Array, encoding: Encoding, confidence: number, is_utf8: boolean): Reading {
  return { encoding, text, is_utf8, confidence, runners_up: [], lines: new Uint8Array(0) };
}

/** Who says UTF-16 seldom knows in which order; the mark does. */
function ofMarkedOrder(override: Encoding | undefined, marked: Encoding | undefined): Encoding | undefined {
  return override?.startsWith("utf-16") && marked?.startsWith("utf-16") ? marked : override;
}

function isUtf8(text: Uint8Array): boolean {
  try {
    for (const _ of decodePieces(text, "utf-8", { fatal: true }));
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
