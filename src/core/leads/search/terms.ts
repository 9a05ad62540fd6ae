/** What a search looks for: words, each of which has to begin a word of the lead's name or emails. Pure. */

import { cutTo, WORD_CHARS_MAX } from "./limits";

/** Words of a search that count. */
const TERMS_MAX = 10;

export type SearchTerm = {
  /** for the start of an email */
  prefix: string;
  /** for the start of a word: SQLite lower-cases ASCII only, so `Émile` is looked for as `émile` and as `Émile` */
  spellings: string[];
};

/** Longest first: that one is looked up, the others narrow the result. */
export function searchTerms(search: string): SearchTerm[] {
  const words = search
    .normalize("NFC")
    .split(/\s+/)
    .filter((word) => word !== "");
  return [...new Set(words.map((word) => word.toLowerCase()))]
    .slice(0, TERMS_MAX)
    .sort((a, b) => b.length - a.length)
    .map((prefix) => ({ prefix, spellings: spellingsOf(prefix) }));
}

function spellingsOf(word: string): string[] {
  const [first = "", ...rest] = word;
  const spellings = [word, first.toUpperCase() + rest.join(""), word.toUpperCase()];
  return [...new Set(spellings.map((text) => cutTo(WORD_CHARS_MAX, asciiLower(text))))];
}

/** As SQLite's lower(). */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
