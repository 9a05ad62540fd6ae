/** Plans the rows of a chunk, whoever commits them. */
import type { Statement } from "../../context";
import { type AliasOwners, aliasKey, BLOCKED, isWithheld, SUPPRESSED } from "../leads";
import { type RowError, type RowInput, rowError } from "./import-row";
import type { StoredMapping } from "./mapping";
import { type ChunkPlan, type LeadDiff, planChunk, type RowObserver } from "./plan-chunk";
import { type ResolvedRow, resolveRows } from "./resolve-rows";
import type { ImportMode } from "./schemas";

export type RowPlanner = {
  newLeadId(row: RowInput): string;
  /** How stored leads differ from the rows that identify them, by the row's position. */
  loadDiffs(rows: readonly ResolvedRow[]): Promise<ReadonlyMap<number, LeadDiff>>;
  now: number;
  /** what the import says of all its rows */
  consent?: StoredMapping["consent"];
  /** The rows without the values that are not to be written; `without`: by row, the inputs that lose aliases as well, without these. */
  spare?(rows: ResolvedRow[]): Promise<{ rows: ResolvedRow[]; without: ReadonlyMap<number, RowInput> }>;
  /** for the batch that commits what was planned last: they roll it back when that is outdated */
  guards?(): Statement<never>[];
  /** Watches one attempt to plan the rows: `refuse` returns the errors of rows that must not be written as planned. */
  watch?(): { observe: RowObserver; refuse(resolved: readonly ResolvedRow[], kept: readonly RowInput[]): RowError[] };
};

export type PlannedRows = { plan: ChunkPlan; rejected: RowError[]; skipped: number };

const NONE: ReadonlyMap<number, RowInput> = new Map();

/** Plans until no more rows are rejected. A rejected row attaches no alias, nor does a row whose alias is spared: then the rows are resolved again. */
export async function planRows(
  inputs: readonly RowInput[],
  owners: AliasOwners,
  mode: ImportMode,
  { newLeadId, loadDiffs, now, consent, spare, watch }: RowPlanner,
): Promise<PlannedRows> {
  const { rejected, kept: allowed } = withoutWithheld(inputs, owners);
  let kept = allowed;
  for (;;) {
    const found = resolveRows(kept, owners, newLeadId, mode);
    const { rows: resolved, without } = spare ? await spare(found) : { rows: found, without: NONE };
    if (without.size > 0) {
      kept = kept.map((input) => without.get(input.row) ?? input);
      continue;
    }
    const watched = watch?.();
    const plan = planChunk(resolved, await loadDiffs(resolved), now, watched?.observe, consent);
    const refused = plan.rejected.length > 0 ? plan.rejected : (watched?.refuse(resolved, kept) ?? []);
    if (refused.length === 0) return { plan, rejected, skipped: kept.length - resolved.length };
    rejected.push(...refused);
    const rows = new Set(refused.map((error) => error.row));
    kept = kept.filter((input) => !rows.has(input.row));
  }
}

/** Rows whose identifier no lead may have fail. An erased person's is not repeated in the error. */
function withoutWithheld(inputs: readonly RowInput[], owners: AliasOwners): { rejected: RowError[]; kept: readonly RowInput[] } {
  const rejected: RowError[] = [];
  if (![...owners.values()].some(isWithheld)) return { rejected, kept: inputs };
  const kept = inputs.filter(({ row, primary, aliases }) => {
    const owner = owners.get(aliasKey(primary));
    const erased = [primary, ...aliases].some((alias) => owners.get(aliasKey(alias)) === SUPPRESSED);
    if (!erased && owner !== BLOCKED) return true;
    rejected.push(erased ? rowError(row, "suppressed", null, "") : rowError(row, "blocked_identifier", primary.column, primary.raw));
    return false;
  });
  return { rejected, kept };
}
