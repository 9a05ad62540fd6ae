/** A lead, its id, and what it shows. Pure. */
import type { AliasKind, LeadStatus } from "../../vocabulary";
import type { Profile } from "./profile";

/** A lead with more is not a person but a placeholder such as noemail@example.com; all aliases are stored in the lead's one row. */
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
   * What the lead shows. Null, the usual case: its first alias of the kind. A text: an address that it was given and another lead owns;
   * the conflict is recorded, and the address does not find this lead. Empty: none, although it has some.
   */
  shown_email: string | null;
  shown_phone: string | null;
  /** a user of the caller's own system, with the name to show; set and cleared together */
  owner_id: string | null;
  owner_name: string | null;
  /** as it is stored: see `readConsent` */
  consent: string | null;
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

export const readAlias = ([kind, value, raw, created_at]: StoredAlias): LeadAlias => ({ kind, value, raw: raw ?? value, created_at });

export type StoredAlias = [kind: AliasKind, value: string, raw: string | null, created_at: number];

/** Differs for every version of a lead (RFC 9110, section 8.8.3). */
export const leadEtag = (lead: Pick<Lead, "lead_id" | "version">): string => `"${lead.lead_id}.${lead.version}"`;

/** A lead's id in the engagement API and in webhooks. Every dialect writes the same UUIDv7: `ld_<32 hex>`, the dashed UUID, `lead_<32 hex>`. */
export const publicLeadId = (leadId: string): string => `ld_${leadId}`;

const PREFIXED = /^(?:ld_|lead_)?([0-9a-f]{32})$/;
const DASHED = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The 32 hex digits of an id in any dialect's form; null when the text has none of them. */
export function parseLeadId(text: string): string | null {
  const lower = text.trim().toLowerCase();
  return DASHED.test(lower) ? lower.replaceAll("-", "") : (PREFIXED.exec(lower)?.[1] ?? null);
}
