/** What the columns of a file mean: checked against its headers before a job is created. Pure. */

import type { FieldProblem } from "../../errors";
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import { isAttributeKey } from "../leads";
import type { TrailColumns } from "./errors-file/trail";
import type { PlanOfJob } from "./plan/promised-rows";
import { COLUMN_MODES, type ColumnMode, CREATED_FIELDS_MAX, ImportMapping } from "./schemas";
import { newFieldName } from "./suggest";
import { type TargetColumn, targetOf } from "./targets/targets";

/** `mode`: overwrite when left out */
export type FieldColumn = { column: number; field: string; mode?: ColumnMode; unless_edited?: true };
export type AliasColumn = { column: number; kind: AliasKind; unless_edited?: true };

/** Columns by index. */
export type ResolvedMapping = {
  primary: AliasColumn;
  /** where a row has no usable primary identifier, in this order */
  fallbacks: AliasColumn[];
  fields: FieldColumn[];
  aliases: AliasColumn[];
  /** what a lead has beside its profile and aliases */
  targets: TargetColumn[];
};

/** As a job keeps it: what was sent, and what it meant then. A field defined later does not change a job that runs. */
export type StoredMapping = ImportMapping & {
  resolved: ResolvedMapping;
  region: string | null;
  ignored_fields: string[];
  /** by column: the placeholders that occur in several rows of the file, of columns where one alone may be an identifier */
  repeated: [column: number, texts: string[]][];
  /** of a job that carries out a plan */
  plan?: PlanOfJob;
  /** webhooks are notified of the job's changes, lead by lead */
  notify?: true;
  /** of an errors file: where it says which failed rows its rows are */
  mends?: TrailColumns | null;
  /** what is no identifier in the unit's files, for a mapping without placeholders of its own; left out: the usual texts */
  unit_placeholders?: string[];
};

export function readLeadMapping(json: string): StoredMapping {
  const stored: Partial<StoredMapping> & Pick<StoredMapping, "primary_identifier" | "resolved" | "region"> = JSON.parse(json);
  // jobs that were started before the newer keys existed lack them
  const { resolved, region, ignored_fields = [], repeated = [], plan, notify, mends = null, unit_placeholders, ...mapping } = stored;
  return {
    ...ImportMapping.parse(mapping),
    resolved: { ...resolved, fallbacks: resolved.fallbacks ?? [], targets: resolved.targets ?? [] },
    region,
    ignored_fields,
    repeated,
    ...(plan ? { plan } : {}),
    ...(notify ? { notify } : {}),
    mends,
    ...(unit_placeholders ? { unit_placeholders } : {}),
  };
}

/** The mapping as it was sent, without what it was resolved to. */
export function sentMapping(stored: StoredMapping): ImportMapping {
  const {
    resolved: _,
    region: __,
    repeated: ___,
    ignored_fields: ____,
    mends: _____,
    plan: ______,
    unit_placeholders: _______,
    notify: ________,
    ...sent
  } = stored;
  return sent;
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
): { resolved: ResolvedMapping; ignored_fields: string[]; created_fields: string[]; problems: FieldProblem[] } {
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

  const fallbacks = mapping.identifiers.map((identifier, at) => ({
    column: columnOf(identifier.column, `identifiers.${at}.column`),
    kind: kindOf(identifier.kind, `identifiers.${at}.kind`, ALIAS_KINDS.join(", ")),
  }));

  const created = new Map<string, string>();
  for (const [at, name] of mapping.create_fields.entries()) {
    if (!isAttributeKey(name))
      complain(`create_fields.${at}`, `"${name}" is no field name: 1 to 64 letters, digits, underscores, dashes, dots, spaces`);
    else if (!known.has(name.toLowerCase())) created.set(name.toLowerCase(), name);
  }

  const fields: ResolvedMapping["fields"] = [];
  const targets: TargetColumn[] = [];
  const ignored_fields: string[] = [];
  for (const [name, field] of Object.entries(mapping.field_mappings)) {
    const at = columnOf(name, `field_mappings.${name}`);
    const key = field.trim().toLowerCase();
    const canonical = known.get(key) ?? created.get(key);
    const target = canonical === undefined ? targetOf(key) : null;
    if (target) targets.push({ column: at, target });
    else if (canonical === undefined) ignored_fields.push(field);
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
  const modes = new Map<number, ColumnMode>();
  for (const [name, mode] of Object.entries(mapping.column_modes)) {
    const path = `column_modes.${name}`;
    const column = columnOf(name, path);
    if (!isOneOf(COLUMN_MODES, mode)) complain(path, `Unknown mode "${mode}"; must be one of: ${COLUMN_MODES.join(", ")}`);
    else if (mode !== "overwrite") modes.set(column, mode);
  }

  if (mapping.keep_unmapped_columns) {
    const mapped = new Set([primary, ...fallbacks, ...fields, ...targets, ...aliases].map(({ column }) => column));
    for (const name of Object.keys(mapping.field_mappings)) mapped.add(columns.get(name.trim()) ?? -1);
    const kept = keptColumns(headers, mapped, new Set(fields.map(({ field }) => field.toLowerCase())), new Map([...known, ...created]));
    fields.push(...kept);
    for (const { field } of kept) if (!known.has(field.toLowerCase())) created.set(field.toLowerCase(), field);
  }
  if (created.size > CREATED_FIELDS_MAX)
    complain("create_fields", `At most ${CREATED_FIELDS_MAX} profile fields can be created by one import`);
  for (const field of [...fields, ...targets]) {
    const mode = modes.get(field.column);
    if (mode) field.mode = mode;
  }
  for (const [name, who] of Object.entries(mapping.unless_edited_by)) {
    const path = `unless_edited_by.${name}`;
    const column = columnOf(name, path);
    const guarded = [...fields, ...targets, ...aliases].filter((filled) => filled.column === column);
    if (who !== "person") complain(path, `Unknown editor "${who}"; must be: person`);
    else if (column >= 0 && guarded.length === 0)
      complain(path, `The column "${name}" is mapped to no profile field, nor to anything else that could be edited`);
    for (const filled of guarded) filled.unless_edited = true;
  }
  return { resolved: { primary, fallbacks, fields, aliases, targets }, ignored_fields, created_fields: [...created.values()], problems };
}

/** The columns that nothing is mapped to, as the profile fields of their names; those without a usable name are left out. */
function keptColumns(
  headers: readonly string[],
  mapped: ReadonlySet<number>,
  filled: ReadonlySet<string>,
  known: ReadonlyMap<string, string>,
): ResolvedMapping["fields"] {
  const used = new Set(filled);
  return headers.flatMap((header, column) => {
    const name = mapped.has(column) ? null : newFieldName(header);
    if (name === null || used.has(name.toLowerCase())) return [];
    used.add(name.toLowerCase());
    return [{ column, field: known.get(name.toLowerCase()) ?? name }];
  });
}

const shorten = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars)}…` : text);
