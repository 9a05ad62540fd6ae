/** What an import does with a row, as plans keep and show it. Pure. */
import type { RowOutcome } from "../../../vocabulary";
import { type AliasOwners, aliasKey, type Json } from "../../leads";
import type { RowError, RowInput, RowWarning } from "../import-row";
import { blankOf, type RowObserver } from "../plan-chunk";
import type { ResolvedRow } from "../resolve-rows";

/** `field` is a profile field, or `_alias_<kind>` for an alias that the lead gains. */
export type CellChange = { field: string; before: Json; after: string | null };
export type PlannedConflict = Pick<ResolvedRow["conflicts"][number], "kind" | "value" | "owner">;

export type RowResult = {
  row: number;
  outcome: RowOutcome;
  /** null where the row has no lead: it failed, or its mode passes over leads that do not exist */
  lead_id: string | null;
  changes: CellChange[];
  conflicts: PlannedConflict[];
};

/** Every row of a file, with why it failed and what was dropped from it. */
export type PlannedRow = RowResult & { error: RowError | null; warnings: RowWarning[] };

/** A plan shows longer values of a lead cut to this length. */
export const BEFORE_CHARS_MAX = 1_000;

/** Cut as SQLite's substr does, which counts code points. */
export const shownBefore = (text: string | null): string | null =>
  text === null || text.length <= BEFORE_CHARS_MAX ? text : [...text].slice(0, BEFORE_CHARS_MAX).join("");

export const ALIAS_FIELD = "_alias_";

/** Watches one attempt to plan rows: `written` are the results of those that are kept, in file order. */
export function watchRows(): { observe: RowObserver; written: RowResult[] } {
  const written: RowResult[] = [];
  const observe: RowObserver = (row, draft, diff) => {
    const changes: CellChange[] = [];
    for (const [field, after] of row.input.patch) {
      const drafted = draft.profile.get(field);
      const stored = drafted === undefined && !draft.isNew;
      // a key that is filled is blank, and so not among those that are compared
      if (stored && !diff?.changed.has(field) && !row.input.fills?.has(field)) continue;
      const before = stored ? (diff?.before?.get(field) ?? null) : (drafted ?? blankOf(field));
      if (before !== after) changes.push({ field, before, after });
    }
    for (const { kind, value } of row.attached) changes.push({ field: ALIAS_FIELD + kind, before: null, after: value });
    const outcome = row.created ? "created" : changes.length > 0 ? "changed" : "unchanged";
    const conflicts = row.conflicts.map(({ kind, value, owner }) => ({ kind, value, owner }));
    written.push({ row: row.input.row, outcome, lead_id: row.lead_id, changes, conflicts });
  };
  return { observe, written };
}

/** Results of the rows that the import's mode passes over. */
export function skippedRows(kept: readonly RowInput[], resolved: readonly ResolvedRow[], owners: AliasOwners): RowResult[] {
  const rows = new Set(resolved.map(({ input }) => input.row));
  return kept
    .filter(({ row }) => !rows.has(row))
    .map(({ row, primary }) => resultWithoutLead(row, "skipped", owners.get(aliasKey(primary)) ?? null));
}

export const resultWithoutLead = (row: number, outcome: "skipped" | "failed", lead_id: string | null = null): RowResult => ({
  row,
  outcome,
  lead_id,
  changes: [],
  conflicts: [],
});

export const sameResult = (a: RowResult, b: RowResult): boolean => JSON.stringify(resultOf(a)) === JSON.stringify(resultOf(b));

const resultOf = ({ row, outcome, lead_id, changes, conflicts }: RowResult): RowResult => ({ row, outcome, lead_id, changes, conflicts });
