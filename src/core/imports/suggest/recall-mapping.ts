/** A mapping that was used before goes before every guess. Pure. */
import type { ColumnSuggestion, Remembered, Suggestion } from "./suggestion";

/** The suggestion with the remembered mapping, without columns that the file lacks; unchanged where it lacks the primary identifier. */
export function recallMapping(fresh: Suggestion, { mapping, reason }: Remembered): Suggestion {
  // the same headers may be capitalised in another way this time
  const columns = new Map(fresh.columns.map(({ column }) => [column.toLowerCase(), column]));
  const columnOf = (column: string): string | undefined => columns.get(column.trim().toLowerCase());
  const { primary_identifier, field_mappings, alias_mappings, identifiers = [], column_modes, ...options } = mapping;
  const primary = columnOf(primary_identifier.column);
  if (primary === undefined) return fresh;
  const renamed = <T>(by: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(by).flatMap(([column, target]) => (columnOf(column) ? [[columnOf(column), target]] : [])));
  const recalled = {
    primary_identifier: { ...primary_identifier, column: primary },
    field_mappings: renamed(field_mappings),
    alias_mappings: renamed(alias_mappings),
  };
  const others = identifiers.flatMap(({ column, kind }) => (columnOf(column) ? [{ column: columnOf(column) ?? column, kind }] : []));
  const targets = new Map(Object.entries<string>({ ...recalled.field_mappings, ...recalled.alias_mappings }));
  for (const { column, kind } of [...others, recalled.primary_identifier]) targets.set(column, `_alias_${kind}`);
  return {
    columns: fresh.columns.map((column) => explained(column, targets.get(column.column) ?? null, reason)),
    suggested_mapping: {
      ...recalled,
      ...(others.length > 0 ? { identifiers: others } : {}),
      ...(column_modes ? { column_modes: renamed(column_modes) } : {}),
      ...options,
    },
  };
}

const explained = (column: ColumnSuggestion, target: string | null, reason: string): ColumnSuggestion => ({
  ...column,
  target,
  confidence: 1,
  reason: target === null ? `${reason}: left out` : reason,
});
