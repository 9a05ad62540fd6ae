/** The bytes by which a person is found in rows and lines that have no key: their ids and addresses. Pure. */
import { dashed } from "../../ids";
import type { Person } from "./person";

/** Shorter texts also occur in other people's rows. */
const TERM_CHARS_MIN = 6;

/**
 * `match`: where a text counts as the person's. Lead ids count `anywhere`; addresses where they are not part of a longer word; the values of kinds
 * that may be any text ("gmail.com", "123456") only as a whole JSON string or a whole cell. `text` is in lower case.
 */
export type Term = { text: string; match: "anywhere" | "word" | "whole" };

export function termsOf({ ids, aliases, shown }: Person): Term[] {
  const terms: Term[] = [...ids, ...ids.map(dashed)].map((text) => ({ text, match: "anywhere" }));
  for (const { kind, value, raw } of aliases) {
    const match = kind === "external_id" || kind === "cookie" ? "whole" : "word";
    for (const text of [value, raw, ...(kind === "social" ? [`www.${value}`] : [])]) terms.push({ text, match });
  }
  for (const text of shown) terms.push({ text, match: "word" });
  const folded = terms.map(({ text, match }) => ({ text: text.trim().toLowerCase(), match }));
  const distinct = new Map(folded.map((term) => [`${term.match} ${term.text}`, term]));
  return [...distinct.values()].filter(({ text }) => text.length >= TERM_CHARS_MIN);
}

/** Those that `known` was not searched by. */
export function termsBeyond(known: Person | null, person: Person): Term[] {
  const searched = new Set((known ? termsOf(known) : []).map(({ text, match }) => `${match} ${text}`));
  return termsOf(person).filter(({ text, match }) => !searched.has(`${match} ${text}`));
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** What to look for in JSON, also in JSON within a JSON string, and whether it has to be a whole word. */
export function soughtInJson(terms: readonly Term[]): [text: string, isWord: boolean][] {
  return terms.flatMap(({ text, match }): [string, boolean][] => {
    const json = escaped(text);
    if (match === "whole") return [`"${json}"`, `\\"${escaped(json)}\\"`].map((quoted) => [quoted, false]);
    return [...new Set([text, json])].map((found) => [found, match === "word"]);
  });
}

const WORD_BEFORE = /[\p{L}\p{N}.@_+-]$/u;
/** The full stop of a sentence ends a word. */
const WORD_AFTER = /^(?:[\p{L}\p{N}@_+-]|\.[\p{L}\p{N}@_+-])/u;
const ESCAPED_SPACE = /\\[nrt]/g;
const NEIGHBOUR_CHARS = 4;

/** Whether a line of JSON names the person. */
export function jsonNames(line: string, terms: readonly Term[]): boolean {
  const folded = line.toLowerCase();
  const spaced = folded.replace(ESCAPED_SPACE, " ");
  return soughtInJson(terms).some(([text, isWord]) => (isWord ? hasWord(spaced, text) : folded.includes(text)));
}

function hasWord(line: string, text: string): boolean {
  for (let at = line.indexOf(text); at >= 0; at = line.indexOf(text, at + 1)) {
    const end = at + text.length;
    if (!WORD_BEFORE.test(line.slice(Math.max(0, at - NEIGHBOUR_CHARS), at)) && !WORD_AFTER.test(line.slice(end, end + NEIGHBOUR_CHARS)))
      return true;
  }
  return false;
}

/** What separates cells, and stays so that the file is read as before. */
const KEPT = new Set(Array.from(',;\t|"\r\n', (letter) => letter.charCodeAt(0)));
const [NEWLINE, SPACE] = [0x0a, 0x20];
const BYTE_ORDER_MARK_END = 0xbf;
const FILLER = "x".charCodeAt(0);
/** Longer than two characters of UTF-8. */
const NEIGHBOUR_BYTES = 8;

/** Overwrites every line that names the person, byte for byte, so that places in the file stay the same; returns how many. */
export function redactLines(bytes: Uint8Array, terms: readonly Term[]): number {
  const folded = bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
  let lines = 0;
  for (const { text, match } of terms) {
    const wanted = new TextEncoder().encode(text);
    for (let at = indexOf(folded, wanted, 0); at >= 0; at = indexOf(folded, wanted, at + 1)) {
      if (!COUNTS[match](folded, at, at + wanted.length)) continue;
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

/** Whether what is found from `at` to `end` counts. */
const COUNTS: Record<Term["match"], (bytes: Uint8Array, at: number, end: number) => boolean> = {
  anywhere: () => true,
  word: (bytes, at, end) =>
    !WORD_BEFORE.test(decode(bytes.subarray(Math.max(0, at - NEIGHBOUR_BYTES), at))) &&
    !WORD_AFTER.test(decode(bytes.subarray(end, end + NEIGHBOUR_BYTES))),
  whole: (bytes, at, end) => {
    let [before, after] = [at - 1, end];
    while (bytes[before] === SPACE) before -= 1;
    while (bytes[after] === SPACE) after += 1;
    const begins = before < 0 || KEPT.has(bytes[before] ?? 0) || (before === 2 && bytes[before] === BYTE_ORDER_MARK_END);
    return begins && (after >= bytes.length || KEPT.has(bytes[after] ?? 0));
  },
};

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched += 1;
    if (matched === wanted.length) return at;
  }
  return -1;
}
