/** A mapping that was used for the same headers before goes before every guess. Pure. */
import type { ColumnSuggestion, SuggestedMapping, Suggestion } from "./suggestion";

/** The suggestion with the remembered targets; unchanged where the file lacks the remembered primary identifier. */
export function recallMapping(fresh: Suggestion, remembered: SuggestedMapping, known_fields: readonly string[]): Suggestion {
  const columns = new Set(fresh.columns.map(({ column }) => column));
  const { primary_identifier } = remembered;
  if (!columns.has(primary_identifier.column)) return fresh;
  const known = new Set(known_fields.map((field) => field.toLowerCase()));
  const field_mappings = present(remembered.field_mappings, columns);
  const alias_mappings = present(remembered.alias_mappings, columns);
  const identifiers = (remembered.identifiers ?? []).filter(({ column }) => columns.has(column));
  const create_fields = [...new Set(Object.values(field_mappings))].filter((field) => !known.has(field.toLowerCase()));
  const targets = new Map(Object.entries<string>({ ...field_mappings, ...alias_mappings }));
  for (const { column, kind } of [...identifiers, primary_identifier]) targets.set(column, `_alias_${kind}`);
  return {
    columns: fresh.columns.map((column) => recalled(column, targets.get(column.column) ?? null)),
    suggested_mapping: {
      primary_identifier,
      field_mappings,
      alias_mappings,
      ...(identifiers.length > 0 ? { identifiers } : {}),
      ...(create_fields.length > 0 ? { create_fields } : {}),
    },
  };
}

const recalled = (column: ColumnSuggestion, target: string | null): ColumnSuggestion => ({
  ...column,
  target,
  confidence: 1,
  reason: target === null ? "Left out in an earlier import" : "Mapped so in an earlier import",
});

const present = <T>(mapping: Record<string, T>, columns: ReadonlySet<string>): Record<string, T> =>
  Object.fromEntries(Object.entries(mapping).filter(([column]) => columns.has(column)));
