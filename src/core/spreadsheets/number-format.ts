/** From the number format of a cell to the function that shows its number. */

import { dateText, isoText } from "./date-text";
import { type FormatToken, formatSections, formatTokens } from "./format-tokens";
import { numberText, parseNumber, valueText, withoutNoise } from "./number-text";

/** Takes the stored text of a number. */
export type ShowNumber = (raw: string) => string;

/** What the workbook and the caller know: `short_date` is the format code that stands for the viewer's own short date. */
export type FormatSettings = { date1904: boolean; short_date: string };

const DATE_KINDS = new Set<FormatToken["kind"]>(["year", "month", "day", "hour", "minute", "second", "elapsed", "meridiem"]);
/** Of numbers in digit masks only these literals are shown: "+49" is part of a phone number, " kg" is not part of a number. */
const MASK_LITERALS = /^[-+() ./]*$/;

export function showNumberBy(code: string, settings: FormatSettings): ShowNumber {
  const tokens = formatTokens(formatSections(code)[0] ?? "");
  if (tokens.some(({ kind }) => kind === "general")) return numberText;
  if (tokens.some(({ kind }) => DATE_KINDS.has(kind)) || systemCode(tokens, settings) !== null) return showDate(tokens, settings);
  const digits = tokens.filter((token) => token.kind === "digit").map(({ text }) => text);
  if (digits.includes("%")) return showPercent(digits);
  return isMask(tokens) ? showMasked(tokens) : numberText;
}

function showDate(given: readonly FormatToken[], settings: FormatSettings): ShowNumber {
  const system = systemCode(given, settings);
  const tokens = system === null ? given : formatTokens(system);
  const show = isRenderable(tokens) ? dateText : isoText;
  return (raw) => {
    const serial = parseNumber(raw);
    if (serial === null) return raw;
    return show(serial, tokens, settings.date1904) ?? valueText(serial);
  };
}

/** Dates that follow the viewer's own settings are stored without them: the code that stands in. */
function systemCode(tokens: readonly FormatToken[], settings: FormatSettings): string | null {
  for (const token of tokens) {
    if (token.kind !== "locale") continue;
    const name = token.name.toLowerCase();
    if (name === "f800" || name === "x-sysdate") return settings.short_date;
    if (name === "f400" || name === "x-systime") return "hh:mm:ss";
  }
  return null;
}

/** Names of months and weekdays are known in English only; without a language they follow the viewer's, and English is understood. */
function isRenderable(tokens: readonly FormatToken[]): boolean {
  if (tokens.some(({ kind }) => kind === "unknown")) return false;
  const names = tokens.some((token) => (token.kind === "month" || token.kind === "day") && token.length > 2);
  return !names || tokens.every((token) => token.kind !== "locale" || isEnglish(token.name));
}

/** "409", "0809" or "en-US". The lower ten bits of a language id are the primary language; 9 is English. */
function isEnglish(name: string): boolean {
  if (/^en\b/i.test(name)) return true;
  return /^[0-9a-f]+$/i.test(name) && (Number.parseInt(name.slice(-4), 16) & 0x3ff) === 9;
}

function showPercent(digits: readonly string[]): ShowNumber {
  const code = digits.join("");
  const decimals = /\.([0#?]*)/.exec(code)?.[1] ?? "";
  const optional = /[#?]*$/.exec(decimals)?.[0].length ?? 0;
  return (raw) => {
    const value = parseNumber(raw);
    if (value === null) return raw;
    const fixed = roundedText(withoutNoise(value * 100), decimals.length);
    return `${dropZeros(fixed, optional)}%`;
  };
}

/** Half away from zero as decimals, as Excel rounds; `toFixed` rounds the binary value. */
function roundedText(value: number, decimals: number): string {
  const text = Math.abs(value).toString();
  if (Math.abs(value) >= 1e21 || text.includes("e")) return value.toFixed(decimals);
  const rounded = Number(`${Math.round(Number(`${text}e${decimals}`))}e-${decimals}`).toFixed(decimals);
  return value < 0 && Number(rounded) !== 0 ? `-${rounded}` : rounded;
}

function dropZeros(fixed: string, at_most: number): string {
  let text = fixed;
  for (let dropped = 0; dropped < at_most && text.endsWith("0"); dropped++) text = text.slice(0, -1);
  return text.endsWith(".") ? text.slice(0, -1) : text;
}

/** "00000", "000-00-0000", "+0": digits and what phone and postal numbers are written with. */
function isMask(tokens: readonly FormatToken[]): boolean {
  if (tokens.some(({ kind }) => kind === "unknown")) return false;
  const digits = tokens.map((token) => (token.kind === "digit" ? token.text : "")).join("");
  const literals = tokens.map((token) => (token.kind === "literal" ? token.text : "")).join("");
  if (!/^[0#?]+$/.test(digits) || !MASK_LITERALS.test(literals)) return false;
  return digits.includes("00") || literals.includes("+");
}

/** Fills the placeholders from the right; digits left over go before the first. Anything but a whole number keeps all its digits. */
function showMasked(tokens: readonly FormatToken[]): ShowNumber {
  return (raw) => {
    const plain = numberText(raw);
    if (!/^\d+$/.test(plain)) return plain;
    let left = plain;
    let text = "";
    const first = tokens.findIndex(({ kind }) => kind === "digit");
    for (let index = tokens.length - 1; index >= 0; index--) {
      const token = tokens[index] as FormatToken;
      if (token.kind === "literal") text = token.text + text;
      if (token.kind !== "digit") continue;
      const digit = left === "" && token.text === "0" ? "0" : left.slice(-1);
      text = (index === first ? left.slice(0, -1) + digit : digit) + text;
      left = index === first ? "" : left.slice(0, -1);
    }
    return text.trim();
  };
}
