/**
 * What the triggers of migration 0003 index of a lead: a test compares these numbers with their SQL. A new number needs a migration that
 * replaces the triggers and rebuilds lead_terms.
 */

/** Distinct words of a lead's name and email. */
export const WORDS_PER_LEAD_MAX = 12;
/** Characters of a word; the rest is cut off. */
export const WORD_CHARS_MAX = 64;
/** Characters of a source; the rest is cut off. */
export const SOURCE_CHARS_MAX = 512;

/** A text as SQLite's substr cuts it: by characters, not by UTF-16 units. */
export const cutTo = (chars: number, text: string): string => (text.length <= chars ? text : Array.from(text).slice(0, chars).join(""));

/** As SQLite's lower(): ASCII only. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
