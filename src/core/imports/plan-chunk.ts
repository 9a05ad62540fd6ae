/** What a chunk writes and how each of its rows ends. Pure. */
import { utf8Bytes } from "../../text";
import {
  ALIASES_PER_LEAD_MAX,
  type AliasConflict,
  type Json,
  type PlannedLead,
  PROFILE_BYTES_MAX,
  type StoredAlias,
  storedAlias,
  supersededKeys,
} from "../leads";
import { type RowError, rowError } from "./import-row";
import type { StoredMapping } from "./mapping";
import type { ResolvedRow } from "./resolve-rows";
import { consentOrigin, isColumnKey, keyOf, splitPatch } from "./targets/targets";

/** How a stored lead differs from a row: `changed` are the keys of the row's patch that it does not hold yet. */
export type LeadDiff = {
  /** of the stored profile */
  bytes: number;
  /** of the profile merged with the row's patch; null while the sum of both is within the limit */
  merged: number | null;
  /** aliases that the lead has */
  aliases: number;
  changed: ReadonlySet<string>;
  /** of the keys that the row fills and their rivals, those that have a value */
  filled?: ReadonlySet<string>;
  /** the lead's values of the keys in `changed`, shortened; loaded for plans */
  before?: ReadonlyMap<string, Json>;
};

/** A lead as the rows of a chunk leave it. `profile` has what they write; null removes a key. */
export type Draft = {
  profile: Map<string, string | null>;
  /** keys of `profile` that change something */
  written: Set<string>;
  bytes: number;
  aliases: StoredAlias[];
  isNew: boolean;
  dirty: boolean;
};

/** Sees every row that is kept, with what it fills, before its lead's draft takes it over. */
export type RowObserver = (row: ResolvedRow, draft: Readonly<Draft>, diff: LeadDiff | undefined) => void;

export type ChunkPlan = {
  inserts: PlannedLead[];
  /** `profile` is a patch here: null removes a key; `bytes` of the profile with it, at least */
  updates: (PlannedLead & { bytes: number })[];
  /** keys by stored lead that the plan fills because they are blank */
  fills: Map<string, string[]>;
  conflicts: (AliasConflict & { row: number })[];
  counts: { created: number; changed: number; unchanged: number };
  /** rows that cannot be stored: the chunk must be resolved again without them */
  rejected: RowError[];
};

/** `diffs` has an entry for every row that identifies a stored lead, by the row's position. */
export function planChunk(
  rows: readonly ResolvedRow[],
  diffs: ReadonlyMap<number, LeadDiff>,
  now: number,
  observe?: RowObserver,
  consent?: StoredMapping["consent"],
): ChunkPlan {
  const drafts = new Map<string, Draft>();
  const plan: ChunkPlan = {
    inserts: [],
    updates: [],
    fills: new Map(),
    conflicts: [],
    counts: { created: 0, changed: 0, unchanged: 0 },
    rejected: [],
  };

  for (const [at, given] of rows.entries()) {
    const diff = diffs.get(at);
    const draft: Draft = drafts.get(given.lead_id) ?? {
      profile: new Map(),
      written: new Set(),
      bytes: diff?.bytes ?? 2,
      aliases: [],
      isNew: given.isNew,
      dirty: false,
    };
    const filled = blankFills(given, draft, diff);
    const row = filled.length === 0 ? given : withFills(given, filled);
    if ((diff?.aliases ?? 0) + draft.aliases.length + row.attached.length > ALIASES_PER_LEAD_MAX) {
      plan.rejected.push(rowError(row.input.row, "too_many_aliases", null, row.input.primary.raw));
      continue;
    }
    const written = changedEntries(given, draft, diff);
    written.push(...filled);
    const bytes = written.length > 0 ? bytesAfter(row, draft, diff) : draft.bytes;
    if (bytes > PROFILE_BYTES_MAX) {
      plan.rejected.push(rowError(row.input.row, "profile_too_large", null, ""));
      continue;
    }
    observe?.(row, draft, diff);
    if (written.length > 0) {
      // a key that an earlier row of the chunk wrote is blank by that row, whatever is stored
      const fromStored = draft.isNew ? [] : filled.filter(([key]) => !draft.profile.has(key)).map(([key]) => key);
      if (fromStored.length > 0) plan.fills.set(row.lead_id, [...(plan.fills.get(row.lead_id) ?? []), ...fromStored]);
      // what the row's values remove, also where it is not there yet: somebody else may be writing it
      for (const [key, value] of row.input.patch) if (value === null) draft.profile.set(key, value);
      for (const [key, value] of written) {
        draft.profile.set(key, value);
        draft.written.add(key);
      }
      draft.bytes = bytes;
    }
    for (const alias of row.attached) draft.aliases.push(storedAlias(alias.kind, alias.value, alias.raw, now));
    for (const conflict of row.conflicts) plan.conflicts.push({ ...conflict, lead_id: row.lead_id });
    const changed = written.length > 0 || row.attached.length > 0;
    draft.dirty ||= changed;
    drafts.set(row.lead_id, draft);
    plan.counts[row.created ? "created" : changed ? "changed" : "unchanged"] += 1;
  }

  const originOf = consentOrigin(consent, now);
  for (const [lead_id, { isNew, dirty, profile, written, aliases, bytes }] of drafts) {
    if (!isNew && !dirty) continue;
    const { profile: own, fields } = splitPatch(profile, originOf);
    const lead = { lead_id, profile: Object.fromEntries(isNew ? withoutNulls(own) : own), aliases, ...(fields ? { fields } : {}) };
    if (isNew) plan.inserts.push(lead);
    else plan.updates.push({ ...lead, written: [...written].filter((key) => !isColumnKey(key)), bytes });
  }
  return plan;
}

/** The key, and those that a value of it would remove. */
export const rivalKeys = (key: string): string[] => [key, ...supersededKeys((written) => written === key)];

const NOTHING_FILLED: readonly [string, string][] = [];

/** What a row fills: keys that are blank, as are the keys that a value of them would remove. */
function blankFills({ input }: ResolvedRow, draft: Draft, diff: LeadDiff | undefined): readonly [string, string][] {
  const hasValue = (key: string): boolean => {
    const drafted = input.patch.get(key) ?? draft.profile.get(key);
    return drafted === undefined && !draft.isNew ? diff?.filled?.has(key) === true : (drafted ?? "") !== "";
  };
  if (!input.fills) return NOTHING_FILLED;
  return [...input.fills].filter(([key]) => !rivalKeys(key).some(hasValue));
}

function withFills(row: ResolvedRow, fills: readonly [string, string][]): ResolvedRow {
  const patch = new Map([...row.input.patch, ...fills]);
  return { ...row, input: { ...row.input, patch, patchJson: JSON.stringify(Object.fromEntries(patch)) } };
}

/** Size of the profile after the row: a cheap upper bound while that is within the limit, else as exact as the stored lead is known. */
function bytesAfter(row: ResolvedRow, draft: Draft, diff: LeadDiff | undefined): number {
  const most = draft.bytes + utf8Bytes(row.input.patchJson);
  if (most <= PROFILE_BYTES_MAX) return most;
  if (draft.isNew || !diff) {
    return utf8Bytes(JSON.stringify(Object.fromEntries(withoutNulls(new Map([...draft.profile, ...row.input.patch])))));
  }
  const merged = row.input.fills
    ? diff.bytes + utf8Bytes(row.input.patchJson)
    : (diff.merged ?? diff.bytes + utf8Bytes(row.input.patchJson));
  const others = [...draft.profile].filter(([key]) => !row.input.patch.has(key));
  return others.length === 0 ? merged : merged + utf8Bytes(JSON.stringify(Object.fromEntries(others)));
}

/** What the row changes of its lead's profile, as stored or as earlier rows of the chunk left it. */
function changedEntries({ input }: ResolvedRow, draft: Draft, diff: LeadDiff | undefined): [string, string | null][] {
  const changed: [string, string | null][] = [];
  for (const [key, value] of input.patch) {
    const drafted = draft.profile.get(key);
    const changes = drafted === undefined && !draft.isNew ? diff?.changed.has(key) : (drafted ?? blankOf(key)) !== value;
    if (changes) changed.push([key, value]);
  }
  return changed;
}

/** What a new lead holds of a key that nothing has written. */
export const blankOf = (key: string): string | null => (key === keyOf("status") ? "new" : null);

function withoutNulls(profile: Map<string, string | null>): Map<string, string | null> {
  for (const [key, value] of profile) if (value === null) profile.delete(key);
  return profile;
}
