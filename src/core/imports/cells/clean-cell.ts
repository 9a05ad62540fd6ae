/** From a cell as people export it to the aliases it holds. Pure. */
import type { AliasKind } from "../../../vocabulary";
import { ALIAS_CHARS_MAX, normaliseAlias, profileUrl } from "../../leads";
import { emailParts } from "./email-cell";
import { digitsOf, PHONE_DIGITS_MIN, phoneParts } from "./phone-cell";
import { defaultPlaceholders, isPlaceholderNumber, type Placeholders } from "./placeholders";
import { plainText, unquote } from "./plain-text";
import { splitCell, VALUES_MAX } from "./split-cell";
import type { CellWarning, CellWarningCode } from "./warnings";

export type CleanOptions = {
  /** ISO 3166 code; reads phone numbers without + */
  region: string | null;
  placeholders?: Placeholders;
  /** The cell's text stands in other rows of its column too. Then a placeholder is no external_id or cookie either. */
  repeats_in_file?: boolean;
};

/** `value` is the normal form; `raw` the same value as people write it, without what the export put around it. */
export type CleanValue = { value: string; raw: string };

export type CleanCell = { values: CleanValue[]; warnings: CellWarning[] };

type Judged = CleanValue | { code: CellWarningCode };

const EXCEL_ROUNDED = /^[+-]?\d(?:[.,]\d+)?E\+?\d{1,2}$/i;
const DATE = /^(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?:[T ,]+\d{1,2}:\d{2}.*)?$/;
const YEARS = /^(?:19|20)\d{2}\s*[-/–]\s*(?:19|20)\d{2}$/;
/** Room for some fifty addresses; beyond it the search for what stands around a value would be slow. */
const CELL_CHARS_MAX = 2_000;
/** +1 000 000 0000, +49 111111: a country code and one digit repeated. */
const SAME_DIGITS = /^\+?\d{0,3}?(\d)\1{5,}$/;
const WORD = /[\p{L}\p{N}]/u;
/** Facebook's ids of leads, ads, ad groups, campaigns and forms wear the name of their table. */
const FACEBOOK_ID = /^(?:l|ag|as|c|f|a):(?=\d+$)/;

/** The aliases of a cell, distinct and in its order. An empty cell has none and warns of nothing. */
export function cleanAliasCell(kind: AliasKind, raw: string, options: CleanOptions): CleanCell {
  const placeholders = options.placeholders ?? defaultPlaceholders;
  const text = kind === "cookie" ? raw.trim() : plainText(raw);
  const cell: CleanCell = { values: [], warnings: [] };
  if (text === "") return cell;
  if (raw.length > CELL_CHARS_MAX) return { values: [], warnings: [{ code: "too_long", value: text }] };
  const harmless = (kind === "external_id" || kind === "cookie") && !options.repeats_in_file;
  if (!harmless && placeholders.has(unquote(text))) return { values: [], warnings: [{ code: "placeholder", value: text }] };

  const found = partsOf(kind, text, options.region);
  // of a cell such as "#0" nothing is left: it is judged as it is
  const parts = found.length === 0 && WORD.test(text) ? [text] : found;
  if (parts.length > VALUES_MAX) cell.warnings.push({ code: "too_many_values", value: text });
  const seen = new Set<string>();
  for (const part of parts.slice(0, VALUES_MAX)) {
    const judged = !harmless && part !== text && placeholders.has(part) ? ({ code: "placeholder" } as const) : judge(kind, part, options);
    if ("code" in judged) cell.warnings.push({ code: judged.code, value: part });
    else if (!seen.has(judged.value)) {
      seen.add(judged.value);
      cell.values.push(judged);
    }
  }
  return cell;
}

/** Spares most cells the search for what may stand around a value. */
const PLAIN = { email: /^[a-z0-9][\w.+-]*@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i, phone: /^\+\d{7,15}$/ };

/** The dummy rows that ad platforms add to every export. */
export function isTestLead(cells: readonly string[]): boolean {
  return cells.some((cell) => /^<test lead\b/i.test(cell.trim()));
}

function partsOf(kind: AliasKind, text: string, region: string | null): string[] {
  if (kind === "email") return PLAIN.email.test(text) ? [text] : emailParts(text);
  if (kind === "phone" && PLAIN.phone.test(text)) return [text];
  if (kind === "phone") return EXCEL_ROUNDED.test(text) || DATE.test(text) ? [text] : phoneParts(text, region);
  if (kind === "social") return splitCell(text, isProfile).map(unquote);
  return [kind === "external_id" ? unquote(text).replace(FACEBOOK_ID, "") : text];
}

const isProfile = (part: string): boolean => /^@|^https?:|\.[a-z]{2,}\//i.test(part) && profileUrl(part) !== null;

function judge(kind: AliasKind, part: string, options: CleanOptions): Judged {
  if (part.length > ALIAS_CHARS_MAX) return { code: "too_long" };
  if (kind === "phone") return judgePhone(part, options.region);
  if (kind === "email") {
    const read = normaliseAlias("email", part, null);
    return "value" in read ? { value: read.value, raw: part } : { code: "invalid_email" };
  }
  if (kind === "social") {
    const value = profileUrl(part);
    return value === null ? { code: "not_a_profile" } : { value, raw: part };
  }
  if (kind === "external_id" && /[.,]/.test(part) && EXCEL_ROUNDED.test(part)) return { code: "excel_rounded" };
  if (kind === "external_id" && options.repeats_in_file && isPlaceholderNumber(part)) return { code: "placeholder" };
  return { value: part, raw: part };
}

function judgePhone(part: string, region: string | null): Judged {
  if (EXCEL_ROUNDED.test(part)) return { code: "excel_rounded" };
  if (DATE.test(part) || YEARS.test(part)) return { code: "date_as_phone" };
  const digits = digitsOf(part);
  if (digits !== "" && !/\p{L}/u.test(part) && isPlaceholderNumber(digits)) return { code: "placeholder" };
  const read = normaliseAlias("phone", part, region);
  if (!("value" in read)) return { code: "invalid_phone" };
  const kept = digitsOf(read.value);
  if (kept.length < PHONE_DIGITS_MIN || digits.length < PHONE_DIGITS_MIN) return { code: "phone_too_short" };
  if (SAME_DIGITS.test(read.value)) return { code: "placeholder" };
  return { value: read.value, raw: part };
}
