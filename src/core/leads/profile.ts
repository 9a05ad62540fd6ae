/** The profile: one JSON document per lead, keys at the top level, any JSON as value. Pure. */

import { AppError, type FieldProblem } from "../../errors";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { utf8Bytes } from "../../text";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Profile = { [key: string]: Json };

export const PROFILE_BYTES_MAX = 256 * 1024;

/** The lead-by-alias contract: 1 to 64 characters, letters, digits, `_ - .` and space. */
const ATTRIBUTE_KEY = /^[\p{L}\p{Nd}_\-. ]{1,64}$/u;

const KEY_CHARS_SHOWN = 100;
const PATH_CHARS_MAX = 200;

/** SQLite's JSON functions fail at 1,000 levels; no real profile comes near a hundred. */
const VALUE_DEPTH_MAX = 100;

export const isAttributeKey = (key: string): boolean => ATTRIBUTE_KEY.test(key);

/**
 * `patch` merged over `profile`, key by key: values are replaced whole, `null` removes the key.
 * Writing `name` drops `first_name` and `last_name`, and the other way round: the newest write wins.
 */
export function mergeProfile(profile: Profile, patch: Profile): Profile {
  const merged = new Map(Object.entries(profile));
  const writes = (key: string) => Object.hasOwn(patch, key) && patch[key] !== null;
  for (const key of supersededKeys(writes)) merged.delete(key);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Keys that a write makes stale, by what it `writes`. */
export function supersededKeys(writes: (key: string) => boolean): readonly string[] {
  const byParts = writes("first_name") || writes("last_name");
  if (writes("name")) return byParts ? [] : ["first_name", "last_name"];
  return byParts ? ["name"] : [];
}

/**
 * Throws invalid_request for values that could not be kept as they were sent, their paths `profile.<key>`; too_large over 256 KB. What
 * is in `before` already is not checked again: a lead keeps what it had under fewer rules.
 */
export function requireStorable(profile: Profile, before: Profile = {}): void {
  const problems: FieldProblem[] = [];
  const named: string[] = [];
  for (const [key, value] of Object.entries(profile)) {
    if (Object.hasOwn(before, key) && before[key] === value) continue;
    const problem = attributeProblem(key, value);
    if (!problem) continue;
    const shownKey = key.slice(0, KEY_CHARS_SHOWN);
    problems.push({ path: `profile.${shownKey}${problem.at}`, message: problem.message });
    named.push(`${shownKey}${problem.at} ${problem.message}`);
  }
  if (named[0] !== undefined) throw new AppError("invalid_request", named[0], problems);
  requireProfileBytes(JSON.stringify(profile));
}

const attributeProblem = (key: string, value: Json): ValueProblem | null =>
  isStorable(key) ? valueProblem(value) : { at: "", message: `is a key that ${NOT_STORABLE}` };

/** `json`: the profile as it will be stored. Throws too_large over 256 KB. */
export function requireProfileBytes(json: string): void {
  const bytes = utf8Bytes(json);
  if (bytes <= PROFILE_BYTES_MAX) return;
  throw new AppError("too_large", `The lead's metadata would be ${bytes} bytes; at most ${PROFILE_BYTES_MAX} are kept`);
}

/** `at`: where inside the value, such as `.list.2`; empty for the value itself. */
export type ValueProblem = { at: string; message: string };

/** Why a value cannot be kept as it was sent; null when it can. A bigint is an integer that a double would round. */
export const valueProblem = (value: unknown): ValueProblem | null => problemIn(value, isStorable, 1);

/** The same for JSON whose texts are never compared, only returned: they may hold any character. */
export const jsonProblem = (value: unknown): ValueProblem | null => problemIn(value, () => true, 1);

/** About the value as a whole: a path to its innermost part would help nobody. */
const TOO_DEEP: ValueProblem = { at: "", message: `is nested deeper than ${VALUE_DEPTH_MAX} levels` };

function problemIn(value: unknown, isText: (text: string) => boolean, depth: number): ValueProblem | null {
  if (typeof value === "string") return isText(value) ? null : { at: "", message: NOT_STORABLE };
  if (typeof value === "bigint") return { at: "", message: "is an integer that JSON readers would round: send it as a string" };
  if (typeof value === "number") {
    return Number.isFinite(value) ? null : { at: "", message: "is a number too large for JSON readers: send it as a string" };
  }
  if (typeof value !== "object" || value === null) return null;
  if (depth > VALUE_DEPTH_MAX) return TOO_DEEP;
  for (const [key, inner] of Object.entries(value)) {
    const problem = isText(key) ? problemIn(inner, isText, depth + 1) : { at: "", message: `is a key that ${NOT_STORABLE}` };
    if (problem) return problem === TOO_DEEP ? problem : { at: `.${key}${problem.at}`.slice(0, PATH_CHARS_MAX), message: problem.message };
  }
  return null;
}
