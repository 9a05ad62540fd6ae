/** Which fields and kinds of aliases a change of a lead writes: names, never values. Pure. */
import { type Lead, leadEmail, leadPhone } from "./lead";
import type { Profile } from "./profile";

/** Keys that only one of two profiles has, or has with another value. */
export const changedFields = (before: Profile, after: Profile): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !sameValue(before, after, key));

function sameValue(before: Profile, after: Profile, key: string): boolean {
  if (!Object.hasOwn(before, key) || !Object.hasOwn(after, key)) return false;
  return before[key] === after[key] || JSON.stringify(before[key]) === JSON.stringify(after[key]);
}

const COLUMNS = ["status", "account_id", "owner_id", "owner_name", "consent"] as const;

/** The fields of the profile, the kinds of aliases gained, lost or shown in place of others, and the lead's own fields. */
export function changedKeys(before: Lead, after: Lead): string[] {
  const keys = new Set(changedFields(before.profile, after.profile));
  const [had, has] = [aliasesOf(before), aliasesOf(after)];
  for (const [key, kind] of [...had, ...has]) if (!had.has(key) || !has.has(key)) keys.add(kind);
  if (leadEmail(before) !== leadEmail(after)) keys.add("email");
  if (leadPhone(before) !== leadPhone(after)) keys.add("phone");
  for (const column of COLUMNS) if (before[column] !== after[column]) keys.add(column);
  return [...keys];
}

const aliasesOf = ({ aliases }: Lead) => new Map(aliases.map(({ kind, value }) => [`${kind}:${value}`, kind]));
