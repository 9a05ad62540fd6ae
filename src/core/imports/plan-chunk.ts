/** What a chunk writes and how each of its rows ends. Pure. */
import { PROFILE_BYTES_MAX, type Profile, type StoredAlias, storedAlias, utf8Bytes } from "../leads";
import { type RowError, rowError } from "./import-row";
import type { AliasConflict, ResolvedRow } from "./resolve-rows";

/** How a stored lead differs from a row: `changed` are the keys of the row's patch that it does not hold yet. */
export type LeadDiff = { bytes: number; changed: ReadonlySet<string> };

export type ChunkPlan = {
  inserts: { lead_id: string; profile: Profile; aliases: StoredAlias[] }[];
  updates: { lead_id: string; patch: Profile; aliases: StoredAlias[] }[];
  conflicts: (AliasConflict & { lead_id: string })[];
  counts: { created: number; changed: number; unchanged: number };
  /** rows that cannot be kept: the chunk is to be resolved again without them */
  rejected: RowError[];
};

type Draft = { profile: Profile; bytes: number; aliases: StoredAlias[]; isNew: boolean; dirty: boolean };

/** `diffs` has an entry for every row that means a stored lead, by the row's position. */
export function planChunk(rows: readonly ResolvedRow[], diffs: ReadonlyMap<number, LeadDiff>, now: number): ChunkPlan {
  const drafts = new Map<string, Draft>();
  const plan: ChunkPlan = { inserts: [], updates: [], conflicts: [], counts: { created: 0, changed: 0, unchanged: 0 }, rejected: [] };

  for (const [at, row] of rows.entries()) {
    const diff = diffs.get(at);
    const draft = drafts.get(row.lead_id) ?? { profile: {}, bytes: diff?.bytes ?? 2, aliases: [], isNew: row.isNew, dirty: false };
    // a value that replaces another is counted as if it came on top: cheap, and off only where a profile nears its limit
    const bytes = draft.bytes + utf8Bytes(row.input.patchJson);
    if (bytes > PROFILE_BYTES_MAX) {
      plan.rejected.push(rowError(row.input.row, "profile_too_large", null, ""));
      continue;
    }
    const changesProfile = Object.entries(row.input.patch).some(([key, value]) =>
      draft.isNew || Object.hasOwn(draft.profile, key) ? (draft.profile[key] ?? null) !== value : diff?.changed.has(key) === true,
    );
    if (changesProfile) {
      draft.profile = Object.fromEntries([...Object.entries(draft.profile), ...Object.entries(row.input.patch)]);
      draft.bytes = bytes;
    }
    for (const alias of row.attached) draft.aliases.push(storedAlias(alias.kind, alias.value, alias.raw, now));
    for (const conflict of row.conflicts) plan.conflicts.push({ ...conflict, lead_id: row.lead_id });
    const changed = changesProfile || row.attached.length > 0;
    draft.dirty ||= changed;
    drafts.set(row.lead_id, draft);
    plan.counts[row.created ? "created" : changed ? "changed" : "unchanged"] += 1;
  }

  for (const [lead_id, draft] of drafts) {
    if (draft.isNew) plan.inserts.push({ lead_id, profile: withoutNulls(draft.profile), aliases: draft.aliases });
    else if (draft.dirty) plan.updates.push({ lead_id, patch: draft.profile, aliases: draft.aliases });
  }
  return plan;
}

const withoutNulls = (profile: Profile): Profile => Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== null));
