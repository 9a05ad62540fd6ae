/** Which lead each row of a chunk means, and which of its other aliases that lead gets. Pure: the owners of all aliases are given. */
import type { AliasKind } from "../../vocabulary";
import { type AliasOwners, aliasKey } from "../leads";
import type { RowAlias, RowInput } from "./import-row";

export type RowConflict = { row: number; kind: AliasKind; value: string; owner: string };

export type ResolvedRow = {
  input: RowInput;
  lead_id: string;
  /** the lead was not there before this row */
  created: boolean;
  /** the lead is created by this chunk, by this row or an earlier one */
  isNew: boolean;
  attached: RowAlias[];
  conflicts: RowConflict[];
};

/**
 * Walks the rows in file order, as if each were committed before the next: only the primary identifier finds a lead, the other
 * aliases join it, and an alias that another lead has stays there.
 */
export function resolveRows(rows: readonly RowInput[], stored: AliasOwners, newLeadId: () => string): ResolvedRow[] {
  const gained = new Map<string, string>();
  const created = new Set<string>();
  return rows.map((input) => {
    const primaryKey = aliasKey(input.primary);
    const found = gained.get(primaryKey) ?? stored.get(primaryKey);
    const lead_id = found ?? newLeadId();
    if (!found) created.add(lead_id);
    const resolved: ResolvedRow = { input, lead_id, created: !found, isNew: created.has(lead_id), attached: [], conflicts: [] };
    for (const alias of [input.primary, ...input.aliases]) {
      const key = aliasKey(alias);
      const owner = gained.get(key) ?? stored.get(key);
      if (owner === undefined) {
        gained.set(key, lead_id);
        resolved.attached.push(alias);
      } else if (owner !== lead_id) {
        resolved.conflicts.push({ row: input.row, kind: alias.kind, value: alias.value, owner });
      }
    }
    return resolved;
  });
}
