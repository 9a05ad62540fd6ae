/** What a change does to a lead as loaded. Pure. */
import type { z } from "zod";
import { AppError } from "../../errors";
import { type Alias, normaliseAlias } from "./aliases/alias";
import type { AliasOwners } from "./aliases/claim";
import { type OnConflict, type RefusedAlias, replaceShown, requireAlias, type ShownKind } from "./aliases/place";
import { changedConsent, consentChange, readConsent, writeConsent } from "./consent";
import { ALIASES_PER_LEAD_MAX, type Lead, type LeadAlias } from "./lead";
import { requireStorable } from "./profile";
import type { LeadChangeInput } from "./schemas";

/** What is left out stays. */
export type LeadChange = z.input<typeof LeadChangeInput>;

export type PlannedUpdate = {
  lead: Lead;
  /** aliases that the change names */
  given: LeadAlias[];
  attached: LeadAlias[];
  released: LeadAlias[];
  conflicts: RefusedAlias[];
  /** aliases whose conflict is over: the lead no longer shows them, or now owns them */
  settled: Alias[];
};

type Given = { owners: AliasOwners; onConflict: OnConflict; region: string | null; now: number };

/** Throws invalid_request (an alias, a value), too_large (profile over 256 KB, over 1,000 aliases), EmailTaken. */
export function planUpdate(lead: Lead, change: LeadChange, given: Given): PlannedUpdate {
  const next: Lead = {
    ...lead,
    profile: change.profile ?? lead.profile,
    status: change.status ?? lead.status,
    account_id: change.account_id === undefined ? lead.account_id : change.account_id,
    ...ownerAfter(lead, change),
    consent: consentAfter(lead, change, given.now),
    version: lead.version + 1,
    updated_at: Math.max(given.now, lead.updated_at + 1),
  };
  if (change.profile) requireStorable(change.profile, lead.profile);
  const planned: PlannedUpdate = { lead: next, given: [], attached: [], released: [], conflicts: [], settled: [] };
  for (const kind of ["email", "phone"] as const) {
    const raw = change[kind];
    if (raw !== undefined) placeShown(planned, kind, raw, given);
  }
  if (next.aliases.length > ALIASES_PER_LEAD_MAX) throw new AppError("too_large", `A lead has at most ${ALIASES_PER_LEAD_MAX} aliases`);
  return planned;
}

/** An owner's name belongs to the owner: it goes when another one is named. */
const ownerAfter = (lead: Lead, { owner_id, owner_name }: LeadChange): Pick<Lead, "owner_id" | "owner_name"> =>
  owner_id === undefined
    ? { owner_id: lead.owner_id, owner_name: owner_name === undefined ? lead.owner_name : owner_name }
    : { owner_id, owner_name: owner_name ?? (owner_id === lead.owner_id && owner_name === undefined ? lead.owner_name : null) };

function consentAfter({ consent }: Lead, change: LeadChange, now: number): string | null {
  const stored = readConsent(consent);
  return change.consent === undefined ? consent : writeConsent(changedConsent(stored, consentChange(stored, change.consent, { now })));
}

const SHOWN_COLUMNS = { email: "shown_email", phone: "shown_phone" } as const satisfies Record<ShownKind, keyof Lead>;

function placeShown(planned: PlannedUpdate, kind: ShownKind, raw: string | null, { owners, onConflict, region, now }: Given): void {
  const { lead } = planned;
  const column = SHOWN_COLUMNS[kind];
  const alias = raw === null ? null : requireAlias(kind, raw, region, now);
  if (alias) planned.given.push(alias);
  const replaced = replaceShown(lead, kind, alias, owners, onConflict);
  const shownBefore = normaliseAlias(kind, lead[column] ?? "", region);
  if ("value" in shownBefore && shownBefore.value !== replaced.conflict?.value) planned.settled.push({ kind, value: shownBefore.value });
  lead.aliases = replaced.aliases;
  lead[column] = replaced.shown;
  if (replaced.attached) {
    planned.attached.push(replaced.attached);
    planned.settled.push(replaced.attached);
  }
  if (replaced.released) planned.released.push(replaced.released);
  if (replaced.conflict) planned.conflicts.push(replaced.conflict);
}
