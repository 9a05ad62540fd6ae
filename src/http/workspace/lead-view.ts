/**
 * A lead as this dialect shows it. Its own fields (`WORKSPACE_FIELDS`) stand at the top, and every other profile key is metadata, except
 * the first and last name that make up the name of a lead without `name`. Metadata keys that are called like a field (`name`, `source`)
 * are kept in the profile as `metadata.name` and `metadata.source`. Writing metadata never changes the name. Pure.
 */

import {
  type Json,
  type Lead,
  leadEmail,
  leadName,
  leadPhone,
  mergeProfile,
  NAME_PARTS,
  type Profile,
  STANDARD_PROFILE_FIELDS,
  type StandardProfileField,
  WORKSPACE_FIELDS,
  type WorkspaceField,
} from "../../core/leads";
import { isOneOf, type LeadStatus } from "../../vocabulary";

/** Of the dialect's own fields those that the profile holds: the others are aliases. */
type ProfileField = WorkspaceField & StandardProfileField;
const PROFILE_FIELDS = WORKSPACE_FIELDS.filter((field): field is ProfileField => isOneOf(STANDARD_PROFILE_FIELDS, field));
const PREFIX = "metadata.";

/** A lead's id as this dialect writes it: `lead_` and 32 hex digits. */
export const wireLeadId = (leadId: string): string => `lead_${leadId}`;

/** What a body says of the profile. */
type LeadInput = Partial<Record<ProfileField, string | null | undefined>> & {
  metadata?: Profile | null | undefined;
};

type LeadView = Record<WorkspaceField, string | null> & {
  id: string;
  status: LeadStatus;
  metadata: Profile;
  createdAt: string;
  updatedAt: string;
};

export const viewOf = (lead: Lead): LeadView => ({
  id: wireLeadId(lead.lead_id),
  name: leadName(lead.profile),
  email: leadEmail(lead),
  phone: leadPhone(lead),
  source: typeof lead.profile.source === "string" ? lead.profile.source : null,
  status: lead.status,
  metadata: metadataOf(lead.profile),
  createdAt: new Date(lead.created_at).toISOString(),
  updatedAt: new Date(lead.updated_at).toISOString(),
});

export function metadataOf(profile: Profile): Profile {
  const isField = (key: string, value: Json) =>
    typeof value === "string" && (isOneOf(PROFILE_FIELDS, key) || (isOneOf(NAME_PARTS, key) && typeof profile.name !== "string"));
  const entries = Object.entries(profile).filter(([key, value]) => !isField(key, value));
  return Object.fromEntries(entries.map(([key, value]) => [shownKey(key), value]));
}

/** The profile after a write: keys that were sent are merged, null removes a key; `metadata: null` removes all metadata. */
export function mergeInput(profile: Profile, { metadata, ...fields }: LeadInput): Profile {
  const sent = metadata === null ? Object.keys(metadataOf(profile)).map((key) => [key, null] as const) : Object.entries(metadata ?? {});
  const patch = new Map<string, Json>(sent.map(([key, value]) => [storedKey(key), value]));
  const nameBefore = NAME_PARTS.some((key) => patch.has(key)) ? leadName(profile) : null;
  if (nameBefore !== null) patch.set("name", nameBefore);
  for (const field of PROFILE_FIELDS) {
    const value = fields[field];
    if (value !== undefined) patch.set(field, value);
  }
  return mergeProfile(profile, Object.fromEntries(patch));
}

const storedKey = (key: string): string => (isOneOf(PROFILE_FIELDS, key) ? PREFIX + key : key);
const shownKey = (key: string): string => {
  const field = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : "";
  return isOneOf(PROFILE_FIELDS, field) ? field : key;
};
