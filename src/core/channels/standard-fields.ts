/** The nine standard fields of a channel's lead, and what they are in its aliases and profile. Pure. */
import { type Json, type Lead, leadEmail, leadPhone, mergeProfile, type Profile } from "../leads";

export const STANDARD_FIELDS = [
  "email",
  "first_name",
  "last_name",
  "phone",
  "company_name",
  "source",
  "referring_employee",
  "notes",
  "business_id",
] as const;
export type StandardField = (typeof STANDARD_FIELDS)[number];
export type StandardFields = Record<StandardField, string | null>;
/** What is left out stays; null clears. */
export type StandardChange = Partial<StandardFields>;

/** The key of a field's value in the profile; an email and a phone are aliases. */
const PROFILE_KEYS = {
  first_name: "first_name",
  last_name: "last_name",
  company_name: "company",
  source: "source",
  referring_employee: "referring_employee",
  notes: "notes",
  business_id: "business_id",
} as const satisfies Partial<Record<StandardField, string>>;

export function standardFields(lead: Lead): StandardFields {
  const profile = withNameParts(lead.profile);
  const text = (field: keyof typeof PROFILE_KEYS) => asText(profile[PROFILE_KEYS[field]]);
  return {
    email: leadEmail(lead),
    first_name: text("first_name"),
    last_name: text("last_name"),
    phone: leadPhone(lead),
    company_name: text("company_name"),
    source: text("source"),
    referring_employee: text("referring_employee"),
    notes: text("notes"),
    business_id: text("business_id"),
  };
}

/** The profile after a change of fields. */
export function profileAfter(profile: Profile, change: StandardChange): Profile {
  const patch: Profile = {};
  for (const [field, key] of Object.entries(PROFILE_KEYS) as [keyof typeof PROFILE_KEYS, string][]) {
    const value = change[field];
    if (value !== undefined) patch[key] = value;
  }
  const namesPart = change.first_name !== undefined || change.last_name !== undefined;
  return mergeProfile(namesPart ? withNameParts(profile) : profile, patch);
}

/** A name that is kept whole shows as its first word and the rest, and one part of it can be changed without the other. */
function withNameParts({ name, ...profile }: Profile): Profile {
  if (typeof name !== "string" || profile.first_name !== undefined || profile.last_name !== undefined) {
    return name === undefined ? profile : { ...profile, name };
  }
  const [first_name = "", ...rest] = name.trim().split(/\s+/);
  return { ...profile, first_name, ...(rest.length === 0 ? {} : { last_name: rest.join(" ") }) };
}

/** Other dialects may have put any JSON there. */
const asText = (value: Json | undefined): string | null => {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
};
