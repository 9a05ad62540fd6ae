import type { ReadLeads } from "../lead-chunks";
import type { StoredMapping } from "../mapping";
import { consentTarget, isColumnKey, shownKey, type Target } from "../targets/targets";
import { ALIAS_FIELD, type RowResult } from "./planned-row";

const TARGETS_OF: Readonly<Record<string, readonly Target[]>> = {
  status: ["status"],
  owner_id: ["owner_id", "owner_name"],
  owner_name: ["owner_name"],
  account_id: ["account_domain"],
  tags: ["tags"],
};

/** The column of every change that rows make. A change that only follows from another one has none. Pure. */
export function changedColumns(chunk: ReadLeads, results: readonly RowResult[], { resolved }: StoredMapping): number[] {
  const cells = new Map(chunk.rows.map((row) => [row.row, row.cells]));
  const inputs = new Map(chunk.inputs.map((input) => [input.row, input]));
  const columnsOf = Map.groupBy(resolved.fields, ({ field }) => field);
  const columnOfTarget = (field: string) =>
    resolved.targets.find(({ target }) => TARGETS_OF[shownKey(field)]?.includes(target) || target === consentTarget(field))?.column;
  const columns: number[] = [];
  for (const { row, changes } of results) {
    const input = inputs.get(row);
    for (const { field, after } of changes) {
      const column = field.startsWith(ALIAS_FIELD)
        ? [input?.primary, ...(input?.aliases ?? [])].find((alias) => alias?.value === after && field === ALIAS_FIELD + alias?.kind)?.column
        : isColumnKey(field) || !columnsOf.has(field)
          ? columnOfTarget(field)
          : columnsOf.get(field)?.findLast(({ column, mode }) => {
              const cell = cells.get(row)?.[column]?.trim() ?? "";
              return after === null ? cell === "" && mode === "clear_blank" : cell === after;
            })?.column;
      if (column !== undefined) columns.push(column);
    }
  }
  return columns;
}
