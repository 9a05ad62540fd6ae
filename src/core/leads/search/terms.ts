/** What a search looks for: words, each of which has to begin a word of the lead's name or emails. Pure. */

import { cutTo, lowerAscii, WORD_CHARS_MAX } from "./limits";

/** Words of a search that count. */
const TERMS_MAX = 10;

export type SearchTerm = {
  /** for the start of an email */
  prefix: string;
  /** for the start of a word: what SQLite, which lower-cases ASCII only and composes nothing, may have kept of it */
  spellings: string[];
};

/** Longest first: that one is looked up, the others narrow the result. */
export function searchTerms(search: string): SearchTerm[] {
  const byPrefix = new Map<string, SearchTerm>();
  for (const word of search.split(/\s+/)) {
    const prefix = word.normalize("NFC").toLowerCase();
    if (word !== "" && !byPrefix.has(prefix)) byPrefix.set(prefix, { prefix, spellings: spellingsOf(word) });
  }
  return [...byPrefix.values()].slice(0, TERMS_MAX).sort((a, b) => b.prefix.length - a.prefix.length);
}

/** As it was typed, in either case and capitalised, each composed and decomposed. One spelling for a word of ASCII. */
function spellingsOf(word: string): string[] {
  const lower = word.normalize("NFC").toLowerCase();
  const [first = "", ...rest] = lower;
  const cases = [lower, word, first.toUpperCase() + rest.join(""), lower.toUpperCase()];
  const spellings = cases.flatMap((text) => [text.normalize("NFC"), text.normalize("NFD")]);
  return [...new Set(spellings.map((text) => cutTo(WORD_CHARS_MAX, lowerAscii(text))))];
}
