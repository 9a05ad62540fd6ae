/** What the columns of a file are mapped to, while somebody decides. Pure. */
import type { CallInput } from "../../../server/calls";
import type { FilePreview } from "./upload";

export type Mapping = CallInput<"imports.plan">["mapping"];
type ColumnMode = "overwrite" | "fill_blank" | "never_clear" | "clear_blank";

/** `target`: a profile field, `_alias_<kind>`, `new:` for a field of the column's own name, or empty: not imported. */
export type ColumnDraft = { target: string; mode: ColumnMode };
export type Draft = {
  columns: Readonly<Record<string, ColumnDraft>>;
  /** the column by which a lead is found */
  primary: string;
  mode: "upsert" | "create_only" | "update_only";
  /** what the suggestion says beside columns */
  rest: Pick<Mapping, "keep_unmapped_columns" | "strict" | "placeholders">;
};

export const ALIAS = "_alias_";
export const NEW_FIELD = "new:";
const MODE_DEFAULT: ColumnMode = "never_clear";

export function draftOf({ headers, suggested_mapping }: FilePreview): Draft {
  const {
    primary_identifier,
    field_mappings = {},
    alias_mappings = {},
    create_fields = [],
    mode = "upsert",
    column_modes = {},
  } = suggested_mapping ?? ({} as Partial<NonNullable<FilePreview["suggested_mapping"]>>);
  const targetOf = (column: string): string => {
    if (column === primary_identifier?.column) return ALIAS + primary_identifier.kind;
    const field = field_mappings[column];
    if (field !== undefined && create_fields.includes(field)) return NEW_FIELD;
    return field ?? alias_mappings[column] ?? "";
  };
  const columns = headers.map((column) => [
    column,
    { target: targetOf(column), mode: (column_modes[column] as ColumnMode | undefined) ?? MODE_DEFAULT },
  ]);
  const { keep_unmapped_columns, strict, placeholders } = suggested_mapping ?? {};
  const rest = {
    ...(keep_unmapped_columns === undefined ? {} : { keep_unmapped_columns }),
    ...(strict === undefined ? {} : { strict }),
    ...(placeholders === undefined ? {} : { placeholders }),
  };
  return { columns: Object.fromEntries(columns), primary: primary_identifier?.column ?? "", mode, rest };
}

/** Columns that may identify a lead, in the file's order. */
export const identifiersOf = ({ columns }: Draft): string[] =>
  Object.keys(columns).filter((column) => columns[column]?.target.startsWith(ALIAS));

/** The same draft with a column mapped anew: the lead is still found by a column that can. */
export function changeColumn(draft: Draft, column: string, change: Partial<ColumnDraft>): Draft {
  const before = draft.columns[column] ?? { target: "", mode: MODE_DEFAULT };
  const next = { ...draft, columns: { ...draft.columns, [column]: { ...before, ...change } } };
  const identifiers = identifiersOf(next);
  return { ...next, primary: identifiers.includes(next.primary) ? next.primary : (identifiers[0] ?? "") };
}

/** null: no column identifies a lead. */
export function mappingOf(draft: Draft, { suggested_mapping }: FilePreview): Mapping | null {
  const { columns, primary, mode, rest } = draft;
  const kindOf = (column: string): string => columns[column]?.target.slice(ALIAS.length) ?? "";
  if (!primary) return null;
  const others = identifiersOf(draft).filter((column) => column !== primary);
  const fields = Object.entries(columns).filter(([, { target }]) => target !== "" && !target.startsWith(ALIAS));
  const fallbacks = (suggested_mapping?.identifiers ?? []).filter(({ column, kind }) => column !== primary && kindOf(column) === kind);
  const created = fields.flatMap(([column, { target }]) => (target === NEW_FIELD ? [fieldName(column)] : []));
  return {
    primary_identifier: { column: primary, kind: kindOf(primary) },
    identifiers: fallbacks,
    field_mappings: Object.fromEntries(fields.map(([column, { target }]) => [column, target === NEW_FIELD ? fieldName(column) : target])),
    alias_mappings: Object.fromEntries(others.map((column) => [column, ALIAS + kindOf(column)])),
    column_modes: Object.fromEntries(
      fields.filter(([, column]) => column.mode !== MODE_DEFAULT).map(([column, { mode: chosen }]) => [column, chosen]),
    ),
    create_fields: [...new Set(created)],
    mode,
    ...rest,
  };
}

/** A name that a profile field may have, from that of a column. */
const fieldName = (column: string): string =>
  column
    .replace(/[^A-Za-z0-9_\-. ]+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 64) || "field";
