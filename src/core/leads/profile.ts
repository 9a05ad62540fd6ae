/** The profile: one JSON document per lead, keys at the top level, any JSON as value. Pure. */

import { AppError, type FieldProblem } from "../../errors";
import { utf8Bytes } from "../../text";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Profile = { [key: string]: Json };

export const PROFILE_BYTES_MAX = 256 * 1024;

/** The lead-by-alias contract: 1 to 64 characters, letters, digits, `_ - .` and space. */
const ATTRIBUTE_KEY = /^[\p{L}\p{Nd}_\-. ]{1,64}$/u;

const KEY_CHARS_SHOWN = 100;

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

/** Throws invalid_request for values that JSON readers would not read back, their paths `profile.<key>`; too_large over 256 KB. */
export function requireStorable(profile: Profile): void {
  const problems: FieldProblem[] = [];
  const named: string[] = [];
  for (const [key, value] of Object.entries(profile)) {
    const message = valueProblem(value);
    if (!message) continue;
    problems.push({ path: `profile.${key}`, message });
    named.push(`${key.slice(0, KEY_CHARS_SHOWN)} ${message}`);
  }
  if (named[0] !== undefined) throw new AppError("invalid_request", named[0], problems);
  requireProfileBytes(JSON.stringify(profile));
}

/** `json`: the profile as it will be stored. Throws too_large over 256 KB. */
export function requireProfileBytes(json: string): void {
  const bytes = utf8Bytes(json);
  if (bytes <= PROFILE_BYTES_MAX) return;
  throw new AppError("too_large", `The lead's metadata would be ${bytes} bytes; at most ${PROFILE_BYTES_MAX} are kept`);
}

/** Why a value cannot be kept as it was sent; null when it can. */
export function valueProblem(value: Json, depth = 1): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : "is a number too large for JSON readers: send it as a string";
  if (typeof value !== "object" || value === null) return null;
  if (depth > VALUE_DEPTH_MAX) return `is nested deeper than ${VALUE_DEPTH_MAX} levels`;
  for (const inner of Object.values(value)) {
    const problem = valueProblem(inner, depth + 1);
    if (problem) return problem;
  }
  return null;
}
