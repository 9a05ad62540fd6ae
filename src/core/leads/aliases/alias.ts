/** Aliases: kinds, what their values may be, and the one normal form under which a value is unique. Pure. */

import { getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { isStorable } from "../../../schemas";
import type { AliasKind } from "../../../vocabulary";
import { profileUrl } from "./profile-url";

export type Alias = { kind: AliasKind; value: string };

/** An alias as the key of a map. */
export const aliasKey = ({ kind, value }: Alias): string => `${kind}:${value}`;

export const ALIAS_CHARS_MAX = 512;

/** RFC 5321: a dot-string of atoms (RFC 5322, 3.2.3) at a domain name of at least two labels. */
const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+(?:[A-Za-z]{2,}|[Xx][Nn]--[A-Za-z0-9-]+)$/;
/** RFC 6531: letters of any script. */
const WIDE_LOCAL = /^[\w\p{L}\p{M}\p{Nd}!#$%&'*+/=?^`{|}~-]+(?:\.[\w\p{L}\p{M}\p{Nd}!#$%&'*+/=?^`{|}~-]+)*$/u;
const WIDE_DOMAIN = /^[\p{L}\p{M}\p{Nd}.\u3002-]+$/u;
const ASCII = /[\0-\x7f]/;
const NOT_ASCII = /[^\0-\x7f]/;
// digits with the marks people put between them, an optional extension (the import contract: "Phone contains invalid characters")
const PHONE = /^\+?[\d\s().\-/\u2010-\u2015\u00a0]+(?:(?:x|ext\.?)\s*\d+)?$/i;
/** An extension is not part of the number: calls to x12 and x13 ring the same phone. */
const EXTENSION = /(?:x|ext\.?)\s*\d+$/i;
const NANP = /^\+1[2-9]\d{9}$/;

export type AliasProblem = "empty" | "invalid_email" | "invalid_phone" | "too_long" | "not_storable";

/**
 * The normal form of a value: email trimmed and lower-cased, its domain in punycode; phone in E.164 when libphonenumber reads it
 * (`region` reads a number without `+`), else its digits with a leading `+` kept; the URL of a profile without scheme, `www.`, query and
 * trailing slash made one; other texts trimmed.
 */
export function normaliseAlias(kind: AliasKind, raw: string, region: string | null): NormalForm {
  const trimmed = raw.trim();
  if (trimmed === "") return { problem: "empty" };
  if (trimmed.length > ALIAS_CHARS_MAX) return { problem: "too_long" };
  if (!isStorable(trimmed)) return { problem: "not_storable" };
  return NORMAL_FORMS[kind](trimmed, region);
}

type NormalForm = { value: string } | { problem: AliasProblem };

/** By kind, of a text that is trimmed and not empty. */
const NORMAL_FORMS: Record<AliasKind, (trimmed: string, region: string | null) => NormalForm> = {
  email: normaliseEmail,
  phone: normalisePhone,
  external_id: asTrimmed,
  cookie: asTrimmed,
  social: normaliseSocial,
};

function asTrimmed(trimmed: string): NormalForm {
  return { value: trimmed };
}

/** A profile's URL in its one form; a handle, or a URL that is nobody's profile, as it is. */
function normaliseSocial(trimmed: string): NormalForm {
  return { value: profileUrl(trimmed) ?? trimmed };
}

function normaliseEmail(trimmed: string): NormalForm {
  const value = EMAIL.test(trimmed) ? trimmed.toLowerCase() : readWideEmail(trimmed);
  return value === null ? { problem: "invalid_email" } : { value };
}

/** An address with letters beyond ASCII; null where it is invalid. */
function readWideEmail(text: string): string | null {
  if (!NOT_ASCII.test(text) || [...text].some(passesForAscii)) return null;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at).normalize("NFC").toLowerCase();
  const domain = readWideDomain(text.slice(at + 1));
  return domain !== null && WIDE_LOCAL.test(local) && EMAIL.test(`a@${domain}`) ? `${local}@${domain}` : null;
}

/** A letter that case folding or compatibility turns into ASCII, such as the Kelvin sign: it would find somebody else's address. */
function passesForAscii(letter: string): boolean {
  return NOT_ASCII.test(letter) && ASCII.test(letter.normalize("NFKC").toLowerCase());
}

function readWideDomain(domain: string): string | null {
  if (!NOT_ASCII.test(domain)) return domain.toLowerCase();
  if (!WIDE_DOMAIN.test(domain)) return null;
  return URL.parse(`http://${domain}`)?.hostname ?? null;
}

function normalisePhone(trimmed: string, region: string | null): NormalForm {
  if (!PHONE.test(trimmed) || !/\d/.test(trimmed)) return { problem: "invalid_phone" };
  const bare = trimmed.replace(EXTENSION, "").replace(/[^\d+]/g, "");
  // North American numbers have no trunk digit to drop, so E.164 is plain to see: spares most rows of an import 10 µs
  if (NANP.test(bare)) return { value: bare };
  const international = withPlus(bare, region);
  return { value: (international === null ? readPhone(trimmed, region) : readPhone(international, null)) ?? bare };
}

/** The longest national number in common use; only a country code before it makes a valid number longer. */
const NATIONAL_DIGITS_MAX = 11;

/** "0049 30…", and "49 30…" where the region is Germany, lack only their +: the number with it, null where it is valid as it stands. */
function withPlus(bare: string, region: string | null): string | null {
  const digits = bare.startsWith("00") ? bare.slice(2) : region && bare.startsWith(getCountryCallingCode(region as "US")) ? bare : null;
  if (digits === null) return null;
  const national = region ? parsePhoneNumberFromString(bare, { defaultCountry: region as "US", extract: false }) : undefined;
  if (national?.isValid() && national.nationalNumber.length <= NATIONAL_DIGITS_MAX) return null;
  const international = `+${digits}`;
  return parsePhoneNumberFromString(international, { extract: false })?.isValid() ? international : null;
}

/**
 * What libphonenumber makes of a number; undefined when it makes nothing of it. Reading stops where reading again changes nothing:
 * each pass may drop a trunk digit of a number that is not a real one, and a normal form must find itself.
 */
function readPhone(text: string, region: string | null): string | undefined {
  const number = parsePhoneNumberFromString(text, region ? { defaultCountry: region as "US", extract: false } : { extract: false })?.number;
  return number === undefined || number === text ? number : (readPhone(number, null) ?? number);
}
