/** What undoing does to one lead. Pure. */
import type { AliasKind } from "../../vocabulary";
import {
  type Json,
  type Lead,
  type LeadAlias,
  type LeadFields,
  type Profile,
  readConsent,
  type StoredAlias,
  type StoredConsent,
  storedAlias,
  writeConsent,
} from "../leads";
import type { ChangedEntry, CreatedEntry, KeptItem, KeptReason, Slot } from "./entry";

/** `after` is null for a lead that goes; it is `before` itself for one that stays as it is. */
export type UndoneLead = { before: Lead; after: Lead | null; kept: KeptItem[] };

/** What undos left on the lead before. */
export type LeftOnLead = {
  /** of other operations, where the one being undone wrote above them */
  beneath: readonly KeptItem[];
  /** of the operation being undone, by what it wrote here afterwards */
  own: readonly KeptItem[];
};
type Beneath = LeftOnLead["beneath"];

type LeadColumn = "status" | "account_id" | "owner_id" | "owner_name" | "consent" | "shown_email" | "shown_phone";
/** What the columns of a lead hold that nobody wrote. */
const NEW_LEAD: Record<LeadColumn, string | null> = {
  status: "new",
  account_id: null,
  owner_id: null,
  owner_name: null,
  consent: null,
  shown_email: null,
  shown_phone: null,
};

const COLUMNS = Object.keys(NEW_LEAD) as LeadColumn[];

const same = (a: Slot, b: Slot): boolean => JSON.stringify(a) === JSON.stringify(b);
const slotOf = (profile: Profile, key: string): Slot => (Object.hasOwn(profile, key) ? [profile[key] as Json] : []);
const stored = ({ kind, value, raw, created_at }: LeadAlias): StoredAlias => storedAlias(kind, value, raw, created_at);
const item = (field: string, reason: KeptReason, written_at: number, wrote: Slot = [], before: Slot = []): KeptItem => [
  field,
  reason,
  wrote,
  before,
  written_at,
];

/**
 * Restores a lead that the operation changed, field by field: a field that no longer has the value that the operation wrote was written
 * later and stays, even where that value is the one before, since another undo may have to know. A lead that an earlier, undone operation
 * had created, and that only this operation has written since, is removed.
 */
export function undoChange(lead: Lead, entry: ChangedEntry, left: LeftOnLead, used: boolean, written_at: number): UndoneLead {
  const { beneath } = left;
  const kept: KeptItem[] = [];
  const profile = new Map(Object.entries(lead.profile));
  const columns: Partial<Record<LeadColumn, Json>> = {};
  const returned = (field: string, wrote: Slot, before: Slot, current: Slot): Slot => {
    if (same(wrote, before)) return current;
    if (same(current, wrote) && !wasChangedLater(field, left)) return lowest(field, before, beneath);
    kept.push(item(field, "changed_later", written_at, wrote, before));
    return current;
  };
  for (const [key, value] of Object.entries(entry.patch)) {
    const [next] = returned(`profile:${key}`, value === null ? [] : [value], slotOf(entry.before, key), slotOf(lead.profile, key));
    if (next === undefined) profile.delete(key);
    else profile.set(key, next);
  }
  for (const [name, value] of columnsOf(entry.columns)) {
    if (name === "consent") continue;
    const [next] = returned(`column:${name}`, [value], [entry.columns_before[name] ?? null], [lead[name]]);
    columns[name] = next ?? null;
  }
  if (entry.columns.consent) columns.consent = consentBack(lead, entry, returned);
  const aliases = withoutGained(lead, entry.gained, written_at, kept);
  const after = { ...lead, ...columns, profile: inOrder(profile, entry.order), aliases } as Lead;
  const gone = beneath.some(([field]) => field === "lead") && !used && isBare(after, beneath);
  return { before: lead, after: gone ? null : settled(lead, after), kept: gone ? [] : kept };
}

type Returned = (field: string, wrote: Slot, before: Slot, current: Slot) => Slot;

/** Purpose by purpose, as the keys of the profile. */
function consentBack(lead: Lead, { columns, columns_before }: ChangedEntry, returned: Returned): string | null {
  const [wrote, before] = [readConsent(columns.consent ?? null), readConsent(columns_before.consent ?? null)];
  const consent = readConsent(lead.consent);
  const slot = (of: StoredConsent, purpose: string): Slot => (of[purpose] ? [of[purpose]] : []);
  for (const purpose of Object.keys(wrote)) {
    const [next] = returned(`consent:${purpose}`, slot(wrote, purpose), slot(before, purpose), slot(consent, purpose));
    if (next === undefined) delete consent[purpose];
    else consent[purpose] = next as StoredConsent[string];
  }
  return writeConsent(consent);
}

/** Removes a lead that the operation created; of one that somebody wrote or used later, what the operation wrote and nobody rewrote. */
export function undoCreation(lead: Lead, entry: CreatedEntry, left: LeftOnLead, used: boolean, written_at: number): UndoneLead {
  const written = new Map(entry.aliases.map((alias) => [JSON.stringify(alias), alias]));
  const isOwn = (alias: LeadAlias) => written.has(JSON.stringify(stored(alias)));
  const later = Object.keys(lead.profile).filter(
    (key) => !same(slotOf(lead.profile, key), slotOf(entry.profile, key)) || wasChangedLater(`profile:${key}`, left),
  );
  const wrote = (name: LeadColumn) => new Map<string, string | null>(Object.entries(entry.columns)).get(name) ?? NEW_LEAD[name];
  const laterColumns = COLUMNS.filter((name) => lead[name] !== wrote(name) || wasChangedLater(`column:${name}`, left));
  const foreign = lead.aliases.filter((alias) => !isOwn(alias));
  if (!used && later.length + laterColumns.length + foreign.length === 0) return { before: lead, after: null, kept: [] };

  // a lead that stays has to be found by those who wrote it later: by the first alias that it was created with
  const identity = lead.aliases.find(isOwn);
  const columns = COLUMNS.filter((name) => !laterColumns.includes(name)).map((name) => [name, NEW_LEAD[name]] as const);
  const after = {
    ...lead,
    ...Object.fromEntries(columns),
    profile: Object.fromEntries(Object.entries(lead.profile).filter(([key]) => later.includes(key))),
    aliases: lead.aliases.filter((alias) => alias === identity || !isOwn(alias)),
  } as Lead;
  const rewritten = foreign.filter(({ kind, value }) => entry.aliases.some(([own, text]) => own === kind && text === value));
  const kept = [
    item("lead", used ? "used_later" : "changed_later", written_at),
    ...later.flatMap((key) => itemIfWritten(`profile:${key}`, slotOf(entry.profile, key), written_at)),
    ...laterColumns.flatMap((name) => itemIfWritten(`column:${name}`, name in entry.columns ? [wrote(name)] : [], written_at)),
    ...rewritten.map((alias) => item(aliasField(stored(alias)), "changed_later", written_at, [stored(alias)])),
    ...(identity ? [item(aliasField(stored(identity)), "identifies_lead", written_at, [stored(identity)])] : []),
  ];
  return { before: lead, after: settled(lead, after), kept };
}

const wasChangedLater = (field: string, { own }: LeftOnLead): boolean =>
  own.some(([of, reason]) => of === field && reason === "changed_later");

/** What was there before, or, where an operation that was undone had written that, what was there before it. */
function lowest(field: string, before: Slot, beneath: Beneath): Slot {
  let slot = before;
  const items = beneath.filter(([of, reason]) => of === field && reason === "changed_later");
  for (;;) {
    const at = items.findIndex(([, , wrote]) => same(wrote, slot));
    const [found] = at < 0 ? [] : items.splice(at, 1);
    if (!found) return slot;
    slot = found[3];
  }
}

/** The aliases without those that the operation attached, but for those that were attached anew, spelt anew or moved to the front. */
function withoutGained(lead: Lead, gained: readonly StoredAlias[], written_at: number, kept: KeptItem[]): LeadAlias[] {
  const byKey = new Map(gained.map((alias) => [`${alias[0]}:${alias[1]}`, alias]));
  return lead.aliases.filter((alias, at) => {
    const wrote = byKey.get(`${alias.kind}:${alias.value}`);
    if (!wrote) return true;
    const moved = lead.aliases.slice(at + 1).some(({ created_at }) => created_at < alias.created_at);
    if (!moved && same([stored(alias)], [wrote])) return false;
    kept.push(item(aliasField(wrote), "changed_later", written_at, [wrote]));
    return true;
  });
}

/** Whether only the alias remains by which a lead whose creation was undone can be found. */
function isBare(lead: Lead, beneath: Beneath): boolean {
  const identities = beneath.filter(([, reason]) => reason === "identifies_lead").map(([, , wrote]) => JSON.stringify(wrote));
  return (
    Object.keys(lead.profile).length === 0 &&
    COLUMNS.every((name) => lead[name] === NEW_LEAD[name]) &&
    lead.aliases.every((alias) => identities.includes(JSON.stringify([stored(alias)])))
  );
}

/** The lead as loaded when nothing changed; "shows none of its own" ends with the last alias of the kind. */
function settled(before: Lead, after: Lead): Lead {
  const shown = (kind: AliasKind, text: string | null) =>
    text === "" && !after.aliases.some((alias) => alias.kind === kind) ? null : text;
  const next = { ...after, shown_email: shown("email", after.shown_email), shown_phone: shown("phone", after.shown_phone) };
  return JSON.stringify(next) === JSON.stringify(before) ? before : next;
}

function inOrder(profile: ReadonlyMap<string, Json>, order: readonly string[] | null): Profile {
  if (order === null) return Object.fromEntries(profile);
  const keys = new Set([...order, ...profile.keys()]);
  return Object.fromEntries([...keys].flatMap((key) => (profile.has(key) ? [[key, profile.get(key) as Json]] : [])));
}

const columnsOf = (columns: LeadFields) => Object.entries(columns) as [keyof LeadFields, string | null][];
const aliasField = ([kind, value]: StoredAlias): string => `alias:${kind}:${value}`;
const itemIfWritten = (field: string, wrote: Slot, written_at: number): KeptItem[] =>
  wrote.length === 0 ? [] : [item(field, "changed_later", written_at, wrote)];
