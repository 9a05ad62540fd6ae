/** Aliases: kinds, what their values may be, and the one normal form under which a value is unique. Pure. */
import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";

export const ALIAS_KINDS = ["email", "phone", "external_id", "cookie", "social"] as const;
export type AliasKind = (typeof ALIAS_KINDS)[number];
export type Alias = { kind: AliasKind; value: string };

/** An alias as the key of a map. */
export const aliasKey = ({ kind, value }: Alias): string => `${kind}:${value}`;

export const ALIAS_CHARS_MAX = 512;

export const isAliasKind = (kind: string): kind is AliasKind => (ALIAS_KINDS as readonly string[]).includes(kind);

const EMAIL = z.regexes.email;
// digits with the marks people put between them, an optional extension (seed 001: "Phone contains invalid characters")
const PHONE = /^\+?[\d\s().\-/\u2010-\u2015\u00a0]+(?:(?:x|ext\.?)\s*\d+)?$/i;
/** The line behind a number is not part of it: calls to x12 and x13 ring the same phone. */
const EXTENSION = /(?:x|ext\.?)\s*\d+$/i;
const NANP = /^\+1[2-9]\d{9}$/;

export const isPhoneRegion = (code: string): boolean => isSupportedCountry(code);

export type AliasProblem = "empty" | "invalid_email" | "invalid_phone" | "too_long";

/**
 * The normal form of a value: email trimmed and lower-cased; phone in E.164 when libphonenumber reads it (`region` reads a number
 * without `+`), else its digits with a leading `+` kept; other kinds trimmed.
 */
export function normaliseAlias(kind: AliasKind, raw: string, region: string | null): { value: string } | { problem: AliasProblem } {
  const trimmed = raw.trim();
  if (trimmed === "") return { problem: "empty" };
  if (trimmed.length > ALIAS_CHARS_MAX) return { problem: "too_long" };
  if (kind === "email") {
    const value = trimmed.toLowerCase();
    return EMAIL.test(value) ? { value } : { problem: "invalid_email" };
  }
  if (kind === "phone") return normalisePhone(trimmed, region);
  return { value: trimmed };
}

function normalisePhone(trimmed: string, region: string | null): { value: string } | { problem: AliasProblem } {
  if (!PHONE.test(trimmed) || !/\d/.test(trimmed)) return { problem: "invalid_phone" };
  const bare = trimmed.replace(EXTENSION, "").replace(/[^\d+]/g, "");
  // North American numbers have no trunk digit to drop, so E.164 is plain to see: spares most rows of an import 10 µs
  if (NANP.test(bare)) return { value: bare };
  return { value: readPhone(trimmed, region) ?? bare };
}

/**
 * What libphonenumber makes of a number; undefined when it makes nothing of it. Reading stops where reading again changes nothing:
 * each pass may drop a trunk digit of a number that is not a real one, and a normal form must find itself.
 */
function readPhone(text: string, region: string | null): string | undefined {
  const number = parsePhoneNumberFromString(text, region ? { defaultCountry: region as "US", extract: false } : { extract: false })?.number;
  return number === undefined || number === text ? number : (readPhone(number, null) ?? number);
}
