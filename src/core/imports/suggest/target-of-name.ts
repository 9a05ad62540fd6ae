/** What a single name says: of a form's question, a trait, a property. Pure. */
import { FIELD_OF } from "./assign-fields";
import type { HeaderRole } from "./header-roles";
import { belongingOf, readHeader } from "./read-header";
import type { AliasTarget } from "./suggestion";

const ALIAS_OF: Partial<Record<HeaderRole, AliasTarget>> = {
  email: "_alias_email",
  phone: "_alias_phone",
  phone_mobile: "_alias_phone",
  phone_work: "_alias_phone",
  phone_home: "_alias_phone",
  linkedin: "_alias_social",
  social: "_alias_social",
};

/**
 * The field, or the kind of alias with its prefix, that a value of this name belongs to, by the names that imports know columns by; null
 * where they say nothing, or somebody else's.
 */
export function targetOfName(name: string): string | null {
  const { role, about, belonging } = readHeader(name);
  if (role === null || about || belonging === "other") return null;
  if (role === "first_or_full" || role === "last_or_full") return "name";
  return ALIAS_OF[role] ?? FIELD_OF[role] ?? null;
}

/** Whether the name says that the value is somebody else's than the person's who sent it. */
export const namesSomebodyElse = (name: string): boolean => belongingOf(name) === "other";
