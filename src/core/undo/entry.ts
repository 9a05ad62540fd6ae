/** What the journal records about one lead, and what remains after an undo. Pure. */
import type { AliasKind, JournalKind } from "../../vocabulary";
import type { Json, LeadFields, Profile, StoredAlias } from "../leads";

/** Columns of a lead that an operation may write beside its profile and aliases. */
export const WRITTEN_COLUMNS = ["status", "account_id", "owner_id", "owner_name", "consent"] as const satisfies (keyof LeadFields)[];

/** A lead that the operation created, as it created it. */
export type CreatedEntry = { lead_id: string; profile: Profile; aliases: StoredAlias[]; columns: LeadFields };

export type ChangedEntry = {
  lead_id: string;
  /** of the keys that were written: their values before; a key that was not there is left out */
  before: Profile;
  /** what was written: null removed the key */
  patch: Profile;
  gained: StoredAlias[];
  /** the lead had been written since the operation began, most likely by an earlier chunk of it */
  again: boolean;
  /** the profile's keys before, in their order; null where the operation left those that stay in their places */
  order: string[] | null;
  columns_before: LeadFields;
  columns: LeadFields;
};

/** A case that the operation opened: the lead was given an alias that another lead has. */
export type ConflictEntry = { lead_id: string; kind: AliasKind; value: string };

type StoredCreated = [string, Profile, StoredAlias[], LeadFields?];
type StoredChanged = [string, Profile, Profile, StoredAlias[], 0 | 1, string[] | null, LeadFields | null, LeadFields | null];
type StoredConflict = [string, AliasKind, string];

/** `bytes`: of `entries`, as the database counts them. */
export type JournalRow = { kind: JournalKind; entries: string; bytes: number; written_at: number };

export type JournalEntries = { created: CreatedEntry[]; changed: ChangedEntry[]; conflicts: ConflictEntry[] };

export function readEntries({ kind, entries: json }: Pick<JournalRow, "kind" | "entries">): JournalEntries {
  const none: JournalEntries = { created: [], changed: [], conflicts: [] };
  const stored: unknown = JSON.parse(json);
  switch (kind) {
    case "created":
      return { ...none, created: (stored as StoredCreated[]).map(readCreated) };
    case "changed":
      return { ...none, changed: (stored as StoredChanged[]).map(readChanged) };
    case "deleted":
      // see restore-deleted.ts
      return none;
    case "conflicts":
      return {
        ...none,
        conflicts: (stored as StoredConflict[]).map(([lead_id, alias_kind, value]) => ({ lead_id, kind: alias_kind, value })),
      };
  }
}

const readCreated = ([lead_id, profile, aliases, columns = {}]: StoredCreated): CreatedEntry => ({ lead_id, profile, aliases, columns });

const readChanged = ([lead_id, before, patch, gained, again, order, columns_before, columns]: StoredChanged): ChangedEntry => ({
  lead_id,
  before,
  patch,
  gained,
  again: again === 1,
  order,
  columns_before: columns_before ?? {},
  columns: columns ?? {},
});

/** A value, or its absence. */
export type Slot = readonly [] | readonly [Json];

export const KEPT_REASONS = ["changed_later", "used_later", "identifies_lead", "lead_deleted"] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

/**
 * What did not return. `field` is `profile:<key>`, `column:<name>`, `alias:<kind>:<value>`, or `lead` for the lead as a whole. `wrote` and `before`:
 * what the operation wrote there and found; for an alias, the alias as it is stored.
 */
export type KeptItem = [field: string, reason: KeptReason, wrote: Slot, before: Slot, written_at: number];

export type KeptRow = { lead_id: string; operation_id: string; items: KeptItem[]; kept_at: number };

/** A field as the caller sees it: a profile's key, a column, `_alias_<kind>` as in a mapping, or `lead`. */
export function shownField(field: string): string {
  const [space, ...rest] = field.split(":");
  if (space === "alias") return `_alias_${rest[0]}`;
  return rest.length === 0 ? field : rest.join(":");
}
