/** The bytes by which a person is found in rows and lines that have no key: their ids and addresses. Pure. */
import { dashed } from "../../ids";
import type { Lead } from "../leads";

/** Shorter texts also occur in other people's rows. */
const TERM_CHARS_MIN = 6;

/** In lower case, each also as JSON writes it. `ids`: the lead's own and those of the leads that were merged into it. */
export function termsOf(lead: Lead, ids: readonly string[]): string[] {
  const values = [...lead.aliases.flatMap(({ value, raw }) => [value, raw]), lead.shown_email ?? "", lead.shown_phone ?? ""];
  const texts = [...ids, ...ids.map(dashed), ...values].map((text) => text.trim().toLowerCase());
  const written = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [...new Set(written)].filter((text) => text.length >= TERM_CHARS_MIN);
}

/** What separates cells, and stays so that the file is read as before. */
const KEPT = new Set(Array.from(',;\t|"\r\n', (letter) => letter.charCodeAt(0)));
const NEWLINE = 0x0a;
const FILLER = "x".charCodeAt(0);

/** Overwrites every line that names the person, byte for byte, so that places in the file stay the same; returns how many. */
export function redactLines(bytes: Uint8Array, terms: readonly string[]): number {
  const folded = bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
  let lines = 0;
  for (const term of terms) {
    const wanted = new TextEncoder().encode(term);
    for (let at = indexOf(folded, wanted, 0); at >= 0; at = indexOf(folded, wanted, at + 1)) {
      const from = folded.lastIndexOf(NEWLINE, at) + 1;
      const end = folded.indexOf(NEWLINE, at);
      const until = end < 0 ? bytes.length : end;
      for (let place = from; place < until; place++) {
        if (KEPT.has(bytes[place] ?? 0)) continue;
        bytes[place] = FILLER;
        folded[place] = FILLER;
      }
      lines += 1;
    }
  }
  return lines;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched += 1;
    if (matched === wanted.length) return at;
  }
  return -1;
}
