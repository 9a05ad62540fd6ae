/** What the columns of a file mean: checked against its headers before a job exists (seed 001). Pure. */
import type { FieldProblem } from "../../errors";
import { ALIAS_KINDS, type AliasKind, isAliasKind } from "../leads";

/** As the caller sends it. */
export type ImportMapping = {
  primary_identifier: { column: string; kind: string };
  field_mappings: Record<string, string>;
  alias_mappings: Record<string, string>;
};

/** Columns by index. */
export type ResolvedMapping = {
  primary: { column: number; kind: AliasKind };
  fields: { column: number; field: string }[];
  aliases: { column: number; kind: AliasKind }[];
};

const ALIAS_PREFIX = "_alias_";
const ALIAS_KEYS = ALIAS_KINDS.map((kind) => ALIAS_PREFIX + kind).join(", ");

/**
 * Resolves a mapping against a file's headers and the known profile fields (by lower-case name).
 * `problems` names every wrong entry; `ignored_fields` are profile fields that nobody defined: ignored, as the contract says.
 */
export function resolveMapping(
  mapping: ImportMapping,
  headers: readonly string[],
  known: ReadonlyMap<string, string>,
): { resolved: ResolvedMapping; ignored_fields: string[]; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const columns = new Map(headers.map((header, index) => [header, index]));
  const columnOf = (name: string, path: string): number => {
    const column = columns.get(name.trim()) ?? -1;
    if (column < 0) problems.push({ path, message: `The file has no column "${name}"; its columns are: ${headers.join(", ")}` });
    return column;
  };
  const kindOf = (kind: string, path: string, allowed: string): AliasKind => {
    if (isAliasKind(kind)) return kind;
    problems.push({ path, message: `Unknown kind "${kind}"; must be one of: ${allowed}` });
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
    else problems.push({ path, message: `"${key}" lacks the ${ALIAS_PREFIX} prefix; must be one of: ${ALIAS_KEYS}` });
  }
  return { resolved: { primary, fields, aliases }, ignored_fields, problems };
}
