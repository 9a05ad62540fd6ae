/** How much a text looks like what people write, for every encoding that it may have been read in. */

import type { Encoding } from "./encodings";
import { type Letters, MULTI_BYTE, type MultiByte, type Script, SINGLE_BYTE, type SingleByte } from "./letters";

/** Runs that a wrong reading keeps together: ASCII letters and digits, and everything that is not ASCII. */
const TOKEN = /[A-Za-z0-9\u0080-\u{10ffff}]+/gu;
const BEYOND_ASCII = /[\u0080-\u{10ffff}]/u;
const LETTER = /\p{L}/u;
const UPPER = /\p{Lu}/u;
const LOWER = /\p{Ll}/u;
const UNREADABLE = /[\u0080-\u009f\ufffd\ue000-\uf8ff]/u;
/** Typographic characters that office programs put around words. */
const AROUND_WORDS = /[–—‘’“”„…•«»‹›€£¥§©®™°·¿¡ªº№\u00a0、。・「」（）：，【】～〒ー　]/u;
/** Elision and possession: l’eau, O’Neill, Ann’s. */
const APOSTROPHE_BEFORE = /^(l|d|j|n|s|c|qu|m|t|o|all|dell|nell|sull)$/i;
const APOSTROPHE_AFTER = /^(s|t|ll|re|ve|d|m)$/i;

const NASAL_ENDING = /^(o|e|s?$)/i;

/** A word in which almost all letters are accented is not Latin text. */
const LATIN_DENSITY_MAX = 0.75;
const UNLIKELY_WORD_WEIGHT = 0.4;
const UNREADABLE_SCORE = -1;

/** What stands in a word that no word contains. */
const MISPLACED_SCORE = -0.3;
/** How much of a score is for the whole text being in one language; the rest is for each word being in some. */
const COHERENCE = 0.4;
const VOWELS_MIN = 0.25;
const LONG_WORD_LETTERS = 4;

/** 1 for a text in which all that is not ASCII is usual, 0 or less for one in which nothing is. */
export function plausibility(text: string, encoding: Encoding): number {
  const single = SINGLE_BYTE[encoding];
  const multi = MULTI_BYTE[encoding];
  const sums = { words: 0, languages: single?.languages.map(() => 0) ?? [0], characters: 0 };
  for (const [token] of text.matchAll(TOKEN)) {
    if (!BEYOND_ASCII.test(token)) continue;
    const characters = Array.from(token);
    const by_language = multi ? [ideographScore(characters, multi)] : single ? wordScores(characters, single) : [];
    by_language.forEach((score, language) => {
      sums.languages[language] = (sums.languages[language] ?? 0) + score;
    });
    sums.words += Math.max(...by_language);
    sums.characters += characters.filter((character) => character >= "\u0080").length;
  }
  return ((1 - COHERENCE) * sums.words + COHERENCE * Math.max(...sums.languages)) / Math.max(sums.characters, 1);
}

/** For each language the sum of what its characters beyond ASCII are worth. */
function wordScores(characters: readonly string[], { script, languages }: SingleByte): number[] {
  const dense = script === "latin" && isDense(characters);
  return languages.map((letters) => {
    const sum = characters.reduce(
      (total, character, at) => total + (character < "\u0080" ? 0 : characterScore(character, at, characters, script, letters)),
      0,
    );
    return sum > 0 && (dense || !isPronounceable(characters, letters)) ? sum * UNLIKELY_WORD_WEIGHT : sum;
  });
}

function isDense(characters: readonly string[]): boolean {
  const letters = characters.filter((character) => LETTER.test(character));
  const accented = letters.filter((character) => character >= "\u0080");
  return letters.length >= 3 && accented.length > LATIN_DENSITY_MAX * letters.length;
}

function isPronounceable(characters: readonly string[], { vowels, stressed }: Letters): boolean {
  if (vowels === undefined || characters.length < LONG_WORD_LETTERS) return true;
  const lower = characters.map((character) => character.toLowerCase());
  const count = (set: string) => lower.filter((character) => set.includes(character)).length;
  if (count(vowels) < VOWELS_MIN * lower.length) return false;
  const capitals = characters.every((character) => !LOWER.test(character));
  return stressed === undefined || capitals || count(stressed) === 1;
}

function characterScore(character: string, at: number, characters: readonly string[], script: Script, letters: Letters): number {
  if (UNREADABLE.test(character)) return UNREADABLE_SCORE;
  const before = characters[at - 1] ?? "";
  const after = characters[at + 1] ?? "";
  if (character === "’") return apostropheScore(characters.slice(0, at).join(""), characters.slice(at + 1).join(""));
  if (AROUND_WORDS.test(character)) return LETTER.test(before) && LETTER.test(after) ? MISPLACED_SCORE : 0.8;
  if (!LETTER.test(character)) return LETTER.test(before) || LETTER.test(after) ? MISPLACED_SCORE : 0;
  if (breaksCase(characters, at)) return MISPLACED_SCORE;
  if (character === "ς" && LETTER.test(after)) return MISPLACED_SCORE;
  if (script === "other" && (isAsciiWord(before) || isAsciiWord(after))) return 0.1;
  const lower = character.toLowerCase();
  if (isNasal(lower) && !NASAL_ENDING.test(characters.slice(at + 1).join(""))) return 0;
  return letters.usual.includes(lower) ? 1 : letters.rare.includes(lower) ? 0.7 : 0.1;
}

/** Portuguese has ã and õ in few places (São, irmãs, mãe, ações), where Hungarian ő and Romanian ă seldom are. */
function isNasal(lower: string): boolean {
  return lower === "ã" || lower === "õ";
}

/** A capital after a small letter, or a small letter among capitals. */
function breaksCase(characters: readonly string[], at: number): boolean {
  const is = (distance: number, kind: RegExp) => kind.test(characters[at + distance] ?? "");
  if (is(0, UPPER)) return is(-1, LOWER);
  return is(-1, UPPER) && (is(1, UPPER) || is(-2, UPPER));
}

function apostropheScore(before: string, after: string): number {
  if (before === "" || after === "") return 0.8;
  return APOSTROPHE_BEFORE.test(before) || APOSTROPHE_AFTER.test(after) ? 1 : 0.3;
}

function isAsciiWord(character: string): boolean {
  return /^[A-Za-z0-9]$/.test(character);
}

function ideographScore(characters: readonly string[], script: MultiByte): number {
  return characters.reduce((sum, character) => sum + (character < "\u0080" ? 0 : ideographWeight(character, characters, script)), 0);
}

function ideographWeight(character: string, characters: readonly string[], { common, kana, hangul }: MultiByte): number {
  if (UNREADABLE.test(character)) return UNREADABLE_SCORE;
  if (common.has(character)) return 1;
  const code = character.codePointAt(0) ?? 0;
  if (AROUND_WORDS.test(character) || (code >= 0xff01 && code <= 0xff5e)) return 0.8;
  if (code >= 0x3041 && code <= 0x30fe) return kana ? 1 : 0.1;
  if (code >= 0xff61 && code <= 0xff9f) return kana ? halfWidthWeight(characters) : 0;
  if (code >= 0xac00 && code <= 0xd7a3) return hangul ? 0.7 : 0;
  return hangul || code < 0x4e00 || code > 0x9fff ? 0.1 : 0.35;
}

/** Half-width kana are written in whole words; among other characters they are single bytes of something else. */
function halfWidthWeight(characters: readonly string[]): number {
  return characters.length >= 3 && characters.every((character) => character >= "\uff61" && character <= "\uff9f") ? 0.9 : 0;
}
