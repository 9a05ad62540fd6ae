/**
 * A lead as this dialect sees it. `name` and `source` are fields of their own and every other profile key is metadata, but for the first
 * and last name that make up the name of a lead without `name`. Metadata keys called `name` and `source` would be taken for the fields:
 * the profile keeps them as `metadata.name` and `metadata.source`. Writing metadata never changes the name. Pure.
 */

import { type Json, type Lead, leadEmail, leadName, leadPhone, mergeProfile, type Profile } from "../../core/leads";
import type { LeadStatus } from "../../vocabulary";
import { wireLeadId } from "./lead-id";

const FIELDS = ["name", "source"];
const NAME_PARTS = ["first_name", "last_name"];
const KEPT_APART = "metadata.";

export type LeadInput = {
  name?: string | undefined;
  source?: string | null | undefined;
  metadata?: Profile | null | undefined;
};

export type LeadView = {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  source: string | null;
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
    typeof value === "string" && (FIELDS.includes(key) || (NAME_PARTS.includes(key) && typeof profile.name !== "string"));
  const entries = Object.entries(profile).filter(([key, value]) => !isField(key, value));
  return Object.fromEntries(entries.map(([key, value]) => [shownKey(key), value]));
}

/** The profile after a write: sent keys are merged one level deep, null removes; `metadata: null` removes all metadata. */
export function profileAfter(profile: Profile, { name, source, metadata }: LeadInput): Profile {
  const sent = metadata === null ? Object.keys(metadataOf(profile)).map((key) => [key, null] as const) : Object.entries(metadata ?? {});
  const patch = new Map<string, Json>(sent.map(([key, value]) => [storedKey(key), value]));
  if (source !== undefined) patch.set("source", source);
  const kept = NAME_PARTS.some((key) => patch.has(key)) ? leadName(profile) : null;
  if (name !== undefined) patch.set("name", name);
  else if (kept !== null) patch.set("name", kept);
  return mergeProfile(profile, Object.fromEntries(patch));
}

const storedKey = (key: string): string => (FIELDS.includes(key) ? KEPT_APART + key : key);
const shownKey = (key: string): string => {
  const field = key.startsWith(KEPT_APART) ? key.slice(KEPT_APART.length) : "";
  return FIELDS.includes(field) ? field : key;
};
