/** Which lead each row of a chunk identifies, and which of its other aliases that lead gains. Pure: the owners of all aliases are given. */
import type { AliasKind } from "../../vocabulary";
import { type AliasOwners, aliasKey, claimAliases, PlannedOwners } from "../leads";
import type { RowAlias, RowInput } from "./import-row";
import type { ImportMode } from "./schemas";

export type RowConflict = { row: number; kind: AliasKind; value: string; owner: string };

export type ResolvedRow = {
  input: RowInput;
  lead_id: string;
  /** the lead did not exist before this row */
  created: boolean;
  /** the lead is created by this chunk, by this row or an earlier one */
  isNew: boolean;
  attached: RowAlias[];
  conflicts: RowConflict[];
};

/**
 * Walks the rows in file order, as if each were committed before the next: only the primary identifier finds a lead, the other
 * aliases join it, and an alias that another lead has stays there. Rows that the mode passes over are left out.
 */
export function resolveRows(
  rows: readonly RowInput[],
  stored: AliasOwners,
  newLeadId: (row: RowInput) => string,
  mode: ImportMode = "upsert",
): ResolvedRow[] {
  const owners = new PlannedOwners(stored);
  const created = new Set<string>();
  return rows.flatMap((input) => {
    const found = owners.get(aliasKey(input.primary));
    if (mode === (found ? "create_only" : "update_only")) return [];
    const lead_id = found ?? newLeadId(input);
    if (!found) created.add(lead_id);
    const { attached, conflicts } = claimAliases(lead_id, [input.primary, ...input.aliases], owners);
    owners.attach(lead_id, attached);
    return {
      input,
      lead_id,
      created: !found,
      isNew: created.has(lead_id),
      attached,
      conflicts: conflicts.map(({ alias, owner }) => ({ row: input.row, kind: alias.kind, value: alias.value, owner })),
    };
  });
}
