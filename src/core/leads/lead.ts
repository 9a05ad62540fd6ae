import type { AliasKind, LeadStatus } from "../../vocabulary";
import type { Profile } from "./profile";

/** More is no person but a placeholder such as noemail@example.com, and a row has to hold them. */
export const ALIASES_PER_LEAD_MAX = 1_000;

export type LeadAlias = { kind: AliasKind; value: string; raw: string; created_at: number };

export type Lead = {
  /** UUIDv7, 32 hex digits; each dialect renders it its own way */
  lead_id: string;
  profile: Profile;
  aliases: LeadAlias[];
  account_id: string | null;
  status: LeadStatus;
  /**
   * What the lead shows in place of its first alias of the kind: an address it was given that another lead owns (the conflict is
   * recorded, nothing finds the lead by it); '' when it shows none although it has some; null, as a rule, for the first alias.
   */
  shown_email: string | null;
  shown_phone: string | null;
  version: number;
  created_at: number;
  updated_at: number;
};

/** The first alias of a kind: what a lead's one email or phone means to a dialect that knows one. */
export const primaryAlias = (lead: Lead, kind: AliasKind): LeadAlias | undefined => lead.aliases.find((alias) => alias.kind === kind);

/** The email as it was last written, or null. */
export const leadEmail = (lead: Lead): string | null => shown(lead.shown_email, primaryAlias(lead, "email"));

/** The phone as it was last written, or null. */
export const leadPhone = (lead: Lead): string | null => shown(lead.shown_phone, primaryAlias(lead, "phone"));

const shown = (instead: string | null, alias: LeadAlias | undefined): string | null =>
  instead === null ? (alias?.raw ?? null) : instead || null;

/** `profile.name`, else first and last name; null when there is neither. */
export function leadName({ name, first_name, last_name }: Profile): string | null {
  if (typeof name === "string") return name;
  const parts = [first_name, last_name].filter((part) => typeof part === "string" && part !== "");
  return parts.length === 0 ? null : parts.join(" ");
}

/** An alias as `leads.aliases` stores it. The raw value is left out where it is the normalised one. */
export const storedAlias = (kind: AliasKind, value: string, raw: string, createdAt: number): StoredAlias => [
  kind,
  value,
  raw === value ? null : raw,
  createdAt,
];

export type StoredAlias = [kind: AliasKind, value: string, raw: string | null, created_at: number];

/** A change makes the representation another one (RFC 9110, section 8.8.3). */
export const leadEtag = (lead: Pick<Lead, "lead_id" | "version">): string => `"${lead.lead_id}.${lead.version}"`;
