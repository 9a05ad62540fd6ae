/** What the planned chunks would have done to leads that later rows name again: those are planned as if the chunks had been committed. */
import { utf8Bytes } from "../../../text";
import type { AliasKind } from "../../../vocabulary";
import { type AliasOwners, aliasKey, PROFILE_BYTES_MAX, type Profile, type StoredAlias, storedAlias } from "../../leads";
import type { RowInput } from "../import-row";
import { blankOf, type LeadDiff, rivalKeys } from "../plan-chunk";
import { ALIAS_FIELD, type CellChange, type RowResult, shownBefore } from "./planned-row";

/** `profile` of a lead that the plan creates is whole; of one that is stored it is a patch, where null removes a key. */
export type OverlaidLead = { isNew: boolean; profile: Map<string, string | null>; aliases: StoredAlias[] };

export class Overlay {
  readonly #owners = new Map<string, string>();
  /** by lead: what rows do to it, in file order */
  readonly #rows = new Map<string, RowResult[]>();
  /** those leads that were looked at */
  readonly #leads = new Map<string, OverlaidLead>();
  readonly #conflicts = new Set<string>();

  has(leadId: string): boolean {
    return this.#rows.has(leadId);
  }

  lead(leadId: string): OverlaidLead | undefined {
    const rows = this.#rows.get(leadId);
    const known = this.#leads.get(leadId);
    if (known || !rows) return known;
    const lead = overlaidLead(rows);
    this.#leads.set(leadId, lead);
    return lead;
  }

  hasConflict(key: string): boolean {
    return this.#conflicts.has(key);
  }

  hasOwner(alias: string): boolean {
    return this.#owners.has(alias);
  }

  /** The stored owners of these rows' aliases, and those that the plan gives them. */
  owners(stored: AliasOwners, inputs: readonly RowInput[]): AliasOwners {
    if (this.#owners.size === 0) return stored;
    const owners = new Map(stored);
    for (const { primary, aliases } of inputs) {
      for (const alias of [primary, ...aliases]) {
        const key = aliasKey(alias);
        const owner = owners.has(key) ? undefined : this.#owners.get(key);
        if (owner !== undefined) owners.set(key, owner);
      }
    }
    return owners;
  }

  /** Takes over what rows do to the leads in it. */
  follow(rows: readonly RowResult[]): void {
    if (this.#rows.size > 0) this.apply(rows.filter(({ lead_id }) => lead_id !== null && this.#rows.has(lead_id)));
  }

  /** Takes over what rows do, in file order. */
  apply(rows: readonly RowResult[]): void {
    for (const row of rows) {
      const { lead_id, changes, conflicts } = row;
      if (lead_id === null || !touches(row)) continue;
      for (const conflict of conflicts) this.#conflicts.add(conflictKey({ ...conflict, lead_id }));
      const before = this.#rows.get(lead_id);
      if (before) before.push(row);
      else this.#rows.set(lead_id, [row]);
      this.#leads.delete(lead_id);
      for (const change of changes) {
        const key = gainedAlias(change);
        if (key !== null) this.#owners.set(key, lead_id);
      }
    }
  }
}

/** Whether a later row can see what this one does. */
export const touches = ({ outcome, lead_id, changes, conflicts }: RowResult): boolean =>
  lead_id !== null && outcome !== "skipped" && (outcome === "created" || changes.length > 0 || conflicts.length > 0);

/** The key of the alias that a lead gains by a change; null for another change. */
export const gainedAlias = ({ field, after }: CellChange): string | null =>
  after !== null && field.startsWith(ALIAS_FIELD) ? aliasKey({ kind: field.slice(ALIAS_FIELD.length) as AliasKind, value: after }) : null;

function overlaidLead(rows: readonly RowResult[]): OverlaidLead {
  const lead: OverlaidLead = { isNew: rows[0]?.outcome === "created", profile: new Map(), aliases: [] };
  for (const { changes } of rows) {
    for (const { field, after } of changes) {
      if (field.startsWith(ALIAS_FIELD) && after !== null)
        lead.aliases.push(storedAlias(field.slice(ALIAS_FIELD.length) as AliasKind, after, after, 0));
      else if (after === null && lead.isNew) lead.profile.delete(field);
      else lead.profile.set(field, after);
    }
  }
  return lead;
}

export const conflictKey = ({ kind, value, lead_id }: { kind: AliasKind; value: string; lead_id: string }): string =>
  JSON.stringify([kind, value, lead_id]);

/** How a lead that an earlier chunk creates differs from a row. */
export function diffOfNewLead({ profile, aliases }: OverlaidLead, { patch, patchJson, fills }: RowInput): LeadDiff {
  const held = (key: string): string | null => profile.get(key) ?? blankOf(key);
  const changed = new Set<string>();
  for (const [key, value] of patch) if (held(key) !== value) changed.add(key);
  const bytes = utf8Bytes(JSON.stringify(Object.fromEntries(profile)));
  return {
    bytes,
    merged: bytes + utf8Bytes(patchJson) > PROFILE_BYTES_MAX ? utf8Bytes(JSON.stringify(merged(profile, patch))) : null,
    aliases: aliases.length,
    changed,
    filled: new Set(fills ? [...fills.keys()].flatMap(rivalKeys).filter((key) => (held(key) ?? "") !== "") : []),
    before: new Map([...changed].map((key) => [key, shownBefore(held(key))])),
  };
}

function merged(profile: OverlaidLead["profile"], patch: RowInput["patch"]): Profile {
  return Object.fromEntries([...new Map([...profile, ...patch])].filter(([, value]) => value !== null));
}
