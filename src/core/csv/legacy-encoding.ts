/** Finds the encoding of bytes that are neither UTF-8 nor UTF-16, by reading them in every other one and judging the readings. */

import { NEWLINE, RETURN } from "./bytes";
import type { Encoding } from "./encodings";
import { MULTI_BYTE, SINGLE_BYTE } from "./letters";
import { plausibility } from "./plausibility";

export type Guess = { encoding: Encoding; confidence: number };

/** `lines` are those of the file that are not ASCII, the beginning of them. `guesses` are sorted, and no two read alike. */
type Judged = { encoding: Encoding; prior: number; likelihood: number };

export type LegacyReading = { guesses: Guess[]; lines: Uint8Array };

const SAMPLE_BYTES = 8192;
/** What is kept of a line before its first character that is not ASCII. */
const LEAD_BYTES = 200;
const CANDIDATES = [...Object.keys(SINGLE_BYTE), ...Object.keys(MULTI_BYTE)] as Encoding[];

/** The prior probability of another encoding than these, and how fast further non-ASCII bytes raise the confidence in the best reading. */
const UNKNOWN_LIKELIHOOD = 3;
const SHARPNESS = 4;
const SHARPNESS_PER_BYTE = 0.8;
const EVIDENCE_BYTES_MAX = 60;
/** Readings less likely than this are not worth showing. */
const CONFIDENCE_SHOWN_MIN = 0.01;

export function readLegacy(text: Uint8Array): LegacyReading {
  const lines = linesBeyondAscii(text);
  const evidence = lines.reduce((count, byte) => (byte < 0x80 ? count : count + 1), 0);
  const sharpness = SHARPNESS + SHARPNESS_PER_BYTE * Math.min(evidence, EVIDENCE_BYTES_MAX);
  const readings = new Map<string, Judged>();
  for (const encoding of CANDIDATES) {
    const reading = new TextDecoder(encoding).decode(lines);
    const prior = SINGLE_BYTE[encoding]?.prior ?? 0;
    const judged = { encoding, prior, likelihood: Math.exp(prior + plausibility(reading, encoding) * sharpness) };
    const known = readings.get(reading);
    readings.set(reading, known ? eitherOf(known, judged) : judged);
  }
  return { guesses: asGuesses([...readings.values()]), lines };
}

/** Where two encodings say the same, it goes by the name of the usual one. */
function eitherOf(a: Judged, b: Judged): Judged {
  return { ...(b.prior > a.prior ? b : a), likelihood: Math.max(a.likelihood, b.likelihood) };
}

function asGuesses(readings: readonly Judged[]): Guess[] {
  const sorted = readings.toSorted((a, b) => b.likelihood - a.likelihood);
  const total = sorted.reduce((sum, { likelihood }) => sum + likelihood, UNKNOWN_LIKELIHOOD);
  const guesses = sorted.map(({ encoding, likelihood }) => ({ encoding, confidence: Math.round((likelihood / total) * 100) / 100 }));
  return guesses.filter(({ confidence }, index) => index === 0 || confidence >= CONFIDENCE_SHOWN_MIN);
}

/** No byte of a character of any of the encodings is a line end, so lines can be told apart before their encoding is known. */
function linesBeyondAscii(text: Uint8Array): Uint8Array {
  const sample = new Uint8Array(Math.min(text.length, SAMPLE_BYTES));
  let size = 0;
  for (let at = 0; at < text.length && size < sample.length; at++) {
    if ((text[at] as number) < 0x80) continue;
    let start = at;
    while (start > 0 && at - start < LEAD_BYTES && !isLineEnd(text[start - 1])) start--;
    let end = at;
    while (end < text.length && !isLineEnd(text[end])) end++;
    const line = text.subarray(start, Math.min(end + 1, start + sample.length - size));
    sample.set(line, size);
    size += line.length;
    at = end;
  }
  return sample.subarray(0, size);
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === NEWLINE || byte === RETURN;
}
