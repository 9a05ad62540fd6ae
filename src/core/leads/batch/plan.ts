/** What a batch of leads writes, and the verdict on each item. Pure. */
import { utf8Bytes } from "../../../text";
import type { AliasKind, LeadStatus } from "../../../vocabulary";
import { type Alias, aliasKey } from "../aliases/alias";
import { type AliasOwners, claimAliases, PlannedOwners } from "../aliases/claim";
import { isWithheld, SUPPRESSED } from "../aliases/withheld";
import type { LeadFields, PlannedLead, PlannedLeads } from "../bulk-store";
import { type ConsentChange, changedConsent, consentChange, readConsent } from "../consent";
import { ALIASES_PER_LEAD_MAX, type LeadAlias, type StoredAlias, storedAlias } from "../lead";
import { type Json, PROFILE_BYTES_MAX, type Profile } from "../profile";
import { type LeadItem, type Refusal, refusal, type WriteMode } from "./input";

/** An alias that was given and that another lead has. */
type Refused = { kind: AliasKind; value: string; owner: string };

/** How an item's lead was found: `matched_by` null: by none of its aliases. */
type Found = { matched_by: Alias | null; attached: LeadAlias[]; conflicts: Refused[] };

export type LeadVerdict =
  | ({ verdict: "created" | "changed" | "unchanged"; lead_id: string } & Found)
  | ({ verdict: "refused"; lead_id: string | null } & Refusal);

export type ResolvedItem = LeadItem &
  Found & {
    /** place in the batch */
    at: number;
    lead_id: string;
    created: boolean;
    /** created by this batch, by this item or an earlier one */
    isNew: boolean;
  };

/** How a stored lead differs from an item: `changed` are the keys of the patch that it does not hold yet. */
export type ItemDiff = Required<LeadFields> & {
  /** of the profile */
  bytes: number;
  /** of the profile with the patch; null while the sum of both is within the limit */
  merged: number | null;
  aliases: number;
  changed: ReadonlySet<string>;
};

export type BatchPlan = { leads: PlannedLeads; verdicts: Map<number, LeadVerdict>; rejected: Map<number, Refusal & { lead_id: string }> };

/** Walks the items in order, as if each were committed before the next. Those that the mode refuses get their verdict at once. */
export function resolveItems(
  items: ReadonlyMap<number, LeadItem>,
  stored: AliasOwners,
  mode: WriteMode,
  newLeadId: () => string,
): { resolved: ResolvedItem[]; verdicts: Map<number, LeadVerdict> } {
  const owners = new PlannedOwners(stored);
  const created = new Set<string>();
  const resolved: ResolvedItem[] = [];
  const verdicts = new Map<number, LeadVerdict>();
  for (const [at, item] of items) {
    const known = item.aliases.map((alias) => owners.get(aliasKey(alias)));
    const by = known.findIndex((owner) => owner !== undefined && !isWithheld(owner));
    const found = known[by];
    const withheld =
      found === undefined && item.aliases.length > 0 && known.every(isWithheld) ? withheldItem(known.includes(SUPPRESSED)) : null;
    if (withheld) {
      verdicts.set(at, { verdict: "refused", lead_id: null, ...withheld });
      continue;
    }
    if (found !== undefined && mode === "create_only") {
      verdicts.set(at, { verdict: "refused", lead_id: found, ...refusal("exists", "A lead with one of these aliases exists") });
      continue;
    }
    if (found === undefined && mode === "update_only") {
      verdicts.set(at, { verdict: "refused", lead_id: null, ...refusal("not_found", "No lead has one of these aliases") });
      continue;
    }
    const lead_id = found ?? newLeadId();
    if (found === undefined) created.add(lead_id);
    const { attached, conflicts } = claimAliases(lead_id, item.aliases, owners);
    owners.attach(lead_id, attached);
    resolved.push({
      ...item,
      at,
      lead_id,
      created: found === undefined,
      isNew: created.has(lead_id),
      matched_by: item.aliases[by] ?? null,
      attached,
      conflicts: conflicts.map(({ alias: { kind, value }, owner }) => ({ kind, value, owner })),
    });
  }
  return { resolved, verdicts };
}

const withheldItem = (erased: boolean): Refusal =>
  erased
    ? refusal("suppressed", "suppressed: this person was erased and is not stored again")
    : refusal("blocked", "The org unit blocks these aliases: no lead has them");

type Draft = {
  isNew: boolean;
  profile: Map<string, Json>;
  /** keys of `profile` that change something */
  written: Set<string>;
  bytes: number;
  aliases: StoredAlias[];
  fields: LeadFields;
  consent: ConsentChange;
  dirty: boolean;
};

/**
 * `diffs` has an entry for every item of a stored lead, by its place; of new leads there is `room` for so many. When items are rejected,
 * the others have to be resolved again without them: a rejected item attaches no alias.
 */
export function planItems(items: readonly ResolvedItem[], diffs: ReadonlyMap<number, ItemDiff>, room: number, now: number): BatchPlan {
  const drafts = new Map<string, Draft>();
  const plan: BatchPlan = { leads: { inserts: [], updates: [], conflicts: [] }, verdicts: new Map(), rejected: new Map() };
  let created = 0;
  for (const item of items) {
    const diff = diffs.get(item.at);
    const draft = drafts.get(item.lead_id) ?? draftOf(item, diff);
    const bytes = bytesAfter(item, draft, diff);
    const problem = problemOf(item, draft, diff, bytes, item.created && created === room);
    if (problem) {
      plan.rejected.set(item.at, { ...problem, lead_id: item.lead_id });
      continue;
    }
    if (item.created) created += 1;
    const written = writtenKeys(item, draft, diff);
    const stored = changedConsent(readConsent(diff?.consent ?? null), draft.consent);
    const consent = consentChange(stored, item.consent ?? {}, { now });
    const says = Object.keys(consent).length > 0;
    const changed = item.attached.length > 0 || written.length > 0 || says || changesFields(item, draft, diff);
    for (const key of written) draft.written.add(key);
    for (const [key, value] of Object.entries(item.patch)) draft.profile.set(key, value);
    for (const { kind, value, raw } of item.attached) draft.aliases.push(storedAlias(kind, value, raw, now));
    drafts.set(item.lead_id, {
      ...draft,
      bytes,
      fields: { ...draft.fields, ...item.fields },
      consent: { ...draft.consent, ...consent },
      dirty: draft.dirty || changed,
    });
    const { lead_id, matched_by, attached, conflicts } = item;
    const verdict = item.created ? "created" : changed ? "changed" : "unchanged";
    plan.verdicts.set(item.at, { verdict, lead_id, matched_by, attached, conflicts });
  }
  return { ...plan, leads: { ...plannedLeads(drafts), conflicts: items.flatMap(conflictsOf) } };
}

const draftOf = ({ isNew }: ResolvedItem, diff: ItemDiff | undefined): Draft => ({
  isNew,
  profile: new Map(),
  written: new Set(),
  bytes: diff?.bytes ?? 2,
  aliases: [],
  fields: {},
  consent: {},
  dirty: false,
});

function problemOf(item: ResolvedItem, draft: Draft, diff: ItemDiff | undefined, bytes: number, full: boolean): Refusal | null {
  if (full) return refusal("quota_used_up", "The quota leads of this org unit is used up");
  if ((diff?.aliases ?? 0) + draft.aliases.length + item.attached.length > ALIASES_PER_LEAD_MAX)
    return refusal("too_many_aliases", `A lead has at most ${ALIASES_PER_LEAD_MAX} aliases`);
  return bytes > PROFILE_BYTES_MAX ? refusal("too_large", `The lead's metadata would be over ${PROFILE_BYTES_MAX} bytes`) : null;
}

/** Of the profile: an upper bound while that is within the limit. */
function bytesAfter({ patchJson }: ResolvedItem, draft: Draft, diff: ItemDiff | undefined): number {
  const most = draft.bytes + utf8Bytes(patchJson);
  return most > PROFILE_BYTES_MAX && draft.profile.size === 0 ? (diff?.merged ?? most) : most;
}

/** Keys of the profile that an item changes, as stored or as earlier items of the batch left them. */
const writtenKeys = ({ patch }: ResolvedItem, draft: Draft, diff: ItemDiff | undefined): string[] =>
  Object.keys(patch).filter((key) => {
    const drafted = draft.profile.get(key);
    return drafted === undefined && !draft.isNew ? diff?.changed.has(key) : JSON.stringify(drafted ?? null) !== JSON.stringify(patch[key]);
  });

/** Whether an item changes fields of its lead beside the profile. */
function changesFields({ fields }: ResolvedItem, draft: Draft, diff: ItemDiff | undefined): boolean {
  const before: LeadFields = { ...(diff ?? NEW_LEAD), ...draft.fields };
  return (Object.keys(fields) as (keyof LeadFields)[]).some((name) => fields[name] !== before[name]);
}

const NEW_LEAD = { status: "new" as LeadStatus, account_id: null, owner_id: null, owner_name: null };

function plannedLeads(drafts: ReadonlyMap<string, Draft>): Pick<PlannedLeads, "inserts" | "updates"> {
  const inserts: PlannedLead[] = [];
  const updates: PlannedLead[] = [];
  for (const [lead_id, { isNew, dirty, profile, written, aliases, fields: named, consent }] of drafts) {
    const said = JSON.stringify(isNew ? changedConsent({}, consent) : consent);
    const fields = said === "{}" ? named : { ...named, consent: said };
    const kept: Profile = Object.fromEntries(isNew ? [...profile].filter(([, value]) => value !== null) : profile);
    const planned = { lead_id, profile: kept, aliases, ...(Object.keys(fields).length === 0 ? {} : { fields }) };
    if (isNew) inserts.push(planned);
    else if (dirty) updates.push({ ...planned, written: [...written] });
  }
  return { inserts, updates };
}

const conflictsOf = ({ lead_id, conflicts }: ResolvedItem) => conflicts.map((conflict) => ({ ...conflict, lead_id }));
