/** What the chunks of a plan that are planned would have changed: the next ones are planned as if they had been committed. */
import { utf8Bytes } from "../../../text";
import type { AliasKind } from "../../../vocabulary";
import { type AliasOwners, aliasKey, PROFILE_BYTES_MAX, type Profile, type StoredAlias, storedAlias } from "../../leads";
import type { RowInput } from "../import-row";
import { type LeadDiff, rivalKeys } from "../plan-chunk";
import { keyOf } from "../targets/targets";
import { ALIAS_FIELD, type RowResult, shownBefore } from "./planned-row";

/** `profile` of a lead that the plan creates is whole; of one that is stored it is a patch, where null removes a key. */
export type OverlaidLead = { isNew: boolean; profile: Map<string, string | null>; aliases: StoredAlias[] };

/** About 500 bytes a lead; a Worker has 128 MB. */
const LEADS_MAX = 100_000;

export class Overlay {
  readonly #owners = new Map<string, string>();
  readonly #leads = new Map<string, OverlaidLead>();
  readonly #conflicts = new Set<string>();
  #created = 0;

  /** Leads that the plan creates. */
  get created(): number {
    return this.#created;
  }

  /** More leads than a Worker's memory has room for. */
  get isFull(): boolean {
    return this.#leads.size > LEADS_MAX;
  }

  lead(leadId: string): OverlaidLead | undefined {
    return this.#leads.get(leadId);
  }

  hasConflict(key: string): boolean {
    return this.#conflicts.has(key);
  }

  /** The stored owners of these rows' aliases, and those that the plan gives them. */
  owners(stored: AliasOwners, inputs: readonly RowInput[]): AliasOwners {
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

  /** Takes over what rows do, in file order. */
  apply(rows: readonly RowResult[]): void {
    for (const { outcome, lead_id, changes, conflicts } of rows) {
      if (lead_id === null || outcome === "skipped") continue;
      for (const conflict of conflicts) this.#conflicts.add(conflictKey({ ...conflict, lead_id }));
      if (changes.length === 0 && outcome !== "created") continue;
      if (outcome === "created") this.#created += 1;
      const lead = this.#leads.get(lead_id) ?? { isNew: outcome === "created", profile: new Map(), aliases: [] };
      this.#leads.set(lead_id, lead);
      for (const { field, after } of changes) {
        if (field.startsWith(ALIAS_FIELD) && after !== null)
          this.#attach(lead_id, lead, field.slice(ALIAS_FIELD.length) as AliasKind, after);
        else if (after === null && lead.isNew) lead.profile.delete(field);
        else lead.profile.set(field, after);
      }
    }
  }

  #attach(leadId: string, lead: OverlaidLead, kind: AliasKind, value: string): void {
    lead.aliases.push(storedAlias(kind, value, value, 0));
    this.#owners.set(aliasKey({ kind, value }), leadId);
  }
}

export const conflictKey = ({ kind, value, lead_id }: { kind: AliasKind; value: string; lead_id: string }): string =>
  JSON.stringify([kind, value, lead_id]);

/** How a lead that an earlier chunk creates differs from a row. */
export function diffOfNewLead({ profile, aliases }: OverlaidLead, { patch, patchJson, fills }: RowInput): LeadDiff {
  const held = (key: string): string | null => profile.get(key) ?? (key === keyOf("status") ? "new" : null);
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
