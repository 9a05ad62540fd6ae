/** The standard fields of a channel's lead, and what they are in its aliases and profile. Pure. */
import { type Json, type Lead, leadEmail, leadPhone, mergeProfile, PARTNER_FIELDS, type PartnerField, type Profile } from "../../leads";

export type StandardField = PartnerField;
export type StandardFields = Record<StandardField, string | null>;
/** What is left out stays; null clears. */
export type StandardChange = Partial<StandardFields>;

/** A value for each standard field. */
export const forStandardFields = <Value>(read: (field: (typeof PARTNER_FIELDS)[number]) => Value): Record<StandardField, Value> =>
  Object.fromEntries(PARTNER_FIELDS.map((field) => [field.name, read(field)])) as Record<StandardField, Value>;

export const STANDARD_FIELDS: readonly StandardField[] = PARTNER_FIELDS.map(({ name }) => name);

export function standardFields(lead: Lead): StandardFields {
  const profile = withNameParts(lead.profile);
  return forStandardFields(({ key, type }) => {
    switch (type) {
      case "email":
        return leadEmail(lead);
      case "phone":
        return leadPhone(lead);
      case "text":
        return asText(profile[key]);
    }
  });
}

/** The profile after a change of fields. */
export function profileAfter(profile: Profile, change: StandardChange): Profile {
  const patch: Profile = {};
  for (const { name, key, type } of PARTNER_FIELDS) {
    const value = change[name];
    if (type === "text" && value !== undefined) patch[key] = value;
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
