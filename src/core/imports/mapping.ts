/** What the columns of a file mean: checked against its headers before a job is created. Pure. */

import type { FieldProblem } from "../../errors";
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import type { ImportMapping } from "./schemas";

/** Columns by index. */
export type ResolvedMapping = {
  primary: { column: number; kind: AliasKind };
  fields: { column: number; field: string }[];
  aliases: { column: number; kind: AliasKind }[];
};

/** As a job keeps it: what was sent, and what it meant then. A field defined later does not change a job that runs. */
export type StoredMapping = ImportMapping & { resolved: ResolvedMapping; region: string | null };

export function readLeadMapping(json: string): StoredMapping {
  return JSON.parse(json);
}

const ALIAS_COLUMNS_MAX = 20;
const PROBLEMS_MAX = 100;
const COLUMN_LIST_CHARS_MAX = 500;
const ALIAS_PREFIX = "_alias_";
const ALIAS_KEYS = ALIAS_KINDS.map((kind) => ALIAS_PREFIX + kind).join(", ");

/**
 * Resolves a mapping against a file's headers and the known profile fields (by lower-case name).
 * `problems` has every invalid entry; `ignored_fields` are the profile fields that are not defined, which the contract ignores.
 */
export function resolveMapping(
  mapping: ImportMapping,
  headers: readonly string[],
  known: ReadonlyMap<string, string>,
): { resolved: ResolvedMapping; ignored_fields: string[]; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const columns = new Map(headers.map((header, index) => [header, index]));
  const columnList = shorten(headers.join(", "), COLUMN_LIST_CHARS_MAX);
  const complain = (path: string, message: string) => {
    if (problems.length < PROBLEMS_MAX) problems.push({ path, message });
  };
  const columnOf = (name: string, path: string): number => {
    const column = columns.get(name.trim()) ?? -1;
    if (column < 0) complain(path, `The file has no column "${name}"; its columns are: ${columnList}`);
    return column;
  };
  const kindOf = (kind: string, path: string, allowed: string): AliasKind => {
    if (isOneOf(ALIAS_KINDS, kind)) return kind;
    complain(path, `Unknown kind "${kind}"; must be one of: ${allowed}`);
    return "email";
  };

  const { column, kind } = mapping.primary_identifier;
  const primary = {
    column: columnOf(column, "primary_identifier.column"),
    kind: kindOf(kind, "primary_identifier.kind", ALIAS_KINDS.join(", ")),
  };

  const fields: ResolvedMapping["fields"] = [];
  const ignored_fields: string[] = [];
  for (const [name, field] of Object.entries(mapping.field_mappings)) {
    const at = columnOf(name, `field_mappings.${name}`);
    const canonical = known.get(field.trim().toLowerCase());
    if (canonical === undefined) ignored_fields.push(field);
    else fields.push({ column: at, field: canonical });
  }

  const aliases: ResolvedMapping["aliases"] = [];
  for (const [name, key] of Object.entries(mapping.alias_mappings)) {
    const path = `alias_mappings.${name}`;
    const at = columnOf(name, path);
    if (key.startsWith(ALIAS_PREFIX)) aliases.push({ column: at, kind: kindOf(key.slice(ALIAS_PREFIX.length), path, ALIAS_KEYS) });
    else complain(path, `"${key}" lacks the ${ALIAS_PREFIX} prefix; must be one of: ${ALIAS_KEYS}`);
  }
  if (aliases.length > ALIAS_COLUMNS_MAX) complain("alias_mappings", `At most ${ALIAS_COLUMNS_MAX} columns can be aliases`);
  return { resolved: { primary, fields, aliases }, ignored_fields, problems };
}

const shorten = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars)}…` : text);
