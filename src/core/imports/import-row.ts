/** One row of a file: the lead it describes, or why it fails. Pure. */

import { utf8Bytes } from "../../text";
import type { AliasKind } from "../../vocabulary";
import type { CsvRow } from "../csv";
import { type AliasProblem, normaliseAlias, PROFILE_BYTES_MAX, supersededKeys } from "../leads";
import { type CellWarningCode, cleanAliasCell, compilePlaceholders, isTestLead, type Placeholders } from "./cells";
import { type GuardedColumn, guardedColumns } from "./guarded-columns";
import type { AliasColumn, ResolvedMapping, StoredMapping } from "./mapping";
import { consentOfAll, type RowAccount, readTargets, type TargetValues } from "./targets/targets";

/** Codes of row errors as stored, and their texts as the caller reads them (the first four are fixed by the import contract). */
export const ROW_ERRORS = {
  invalid_email: "Invalid email format",
  invalid_phone: "Invalid phone format",
  missing_identifier: "Missing required identifier",
  server_error: "Server error",
  identifier_too_long: "Identifier is longer than 512 characters",
  profile_too_large: "Profile would be larger than 256 KB",
  too_many_aliases: "Lead would have more than 1,000 aliases",
  missing_event_type: "Missing event_type",
  event_type_too_long: "event_type is longer than 128 characters",
  invalid_timestamp: "Invalid timestamp",
  invalid_value: "Invalid value",
  invalid_event_id: "Invalid event_id",
  invalid_event: "Invalid event",
  unknown_lead: "Unknown lead_id",
  quota_used_up: "The org unit has used up a quota",
  suppressed: "suppressed: this person was erased and is not stored again",
  blocked_identifier: "The org unit blocks this identifier",
  plan_outdated: "The lead has changed since the plan",
} as const;
export type RowErrorCode = keyof typeof ROW_ERRORS;

export const rowErrorText = (code: RowErrorCode): string => ROW_ERRORS[code];

/** `column` is null where no single cell is at fault. */
export type RowError = { row: number; code: RowErrorCode; column: number | null; value: string };

export type RowAlias = { kind: AliasKind; value: string; raw: string; column: number };
export type RowInput = {
  row: number;
  primary: RowAlias;
  aliases: RowAlias[];
  /** values to set; null removes a key that this row supersedes */
  patch: Map<string, string | null>;
  /** JSON object of `patch` */
  patchJson: string;
  /** strings for keys that are blank */
  fills?: ReadonlyMap<string, string>;
  /** to be linked; its id is not known yet */
  account?: RowAccount;
  /** columns whose cells are left out if a person was the last to write what they fill */
  guarded?: readonly GuardedColumn[];
};

const ALIAS_ERRORS: Record<AliasProblem, RowErrorCode> = {
  empty: "missing_identifier",
  invalid_email: "invalid_email",
  invalid_phone: "invalid_phone",
  too_long: "identifier_too_long",
  not_storable: "missing_identifier",
};
const VALUE_CHARS_SHOWN = 200;

/** A cell that was dropped, or a row that was skipped; `column` is null for the latter. */
export type RowWarning = { row: number; code: CellWarningCode; column: number | null; value: string };

/** A row as it was read: a lead, an error, or neither for a row that was skipped. */
export type ReadRow = { warnings: RowWarning[] } & ({ input: RowInput } | { error: RowError } | { skipped: true });

/** What reading a row needs, compiled once for a file. */
export type RowReader = {
  mapping: ResolvedMapping;
  /** columns with aliases, in the order in which they are read: the first `finders` of them find the lead */
  columns: AliasColumn[];
  finders: number;
  region: string | null;
  strict: boolean;
  placeholders: Placeholders;
  repeated: ReadonlyMap<number, ReadonlySet<string>>;
  /** what every row says, for those that do not say it themselves */
  consent: [key: string, said: string][];
  guarded: Pick<RowInput, "guarded">;
};

export function rowReader({ resolved, region, strict, placeholders, unit_placeholders, repeated, consent }: StoredMapping): RowReader {
  const finders = distinctColumns([resolved.primary, ...resolved.fallbacks]);
  const guarded = guardedColumns(resolved);
  return {
    mapping: resolved,
    columns: distinctColumns([...finders, ...resolved.aliases]),
    finders: finders.length,
    region,
    strict,
    placeholders: compilePlaceholders(placeholders ?? unit_placeholders),
    repeated: new Map(repeated.map(([column, texts]) => [column, new Set(texts)])),
    consent: consentOfAll(consent),
    guarded: guarded ? { guarded } : {},
  };
}

function distinctColumns(columns: readonly AliasColumn[]): AliasColumn[] {
  return columns.filter(({ column, kind }, at) => columns.findIndex((other) => other.column === column && other.kind === kind) === at);
}

/**
 * Reads a row by its mapping. Empty cells are skipped. An unusable alias is dropped with a warning; when strict, or when none of the
 * identifiers is usable, the row fails.
 */
export function readImportRow(csv: CsvRow, reader: RowReader): ReadRow {
  const test = csv.cells.find((cell) => cell.charCodeAt(0) === LESS_THAN && isTestLead([cell]));
  if (test !== undefined) return { skipped: true, warnings: [rowWarning(csv.row, "test_lead", null, test)] };
  const aliases: RowAlias[] = [];
  const warnings: RowWarning[] = [];
  for (const [at, { column, kind }] of reader.columns.entries()) {
    // without an identifier the lead cannot be found: the other aliases say nothing
    if (at === reader.finders && aliases.length === 0) break;
    const cell = csv.cells[column]?.trim() ?? "";
    if (cell === "") continue;
    const { region, placeholders } = reader;
    const repeats_in_file = reader.repeated.get(column)?.has(cell) === true;
    const clean = cleanAliasCell(kind, cell, { region, placeholders, repeats_in_file });
    const [first] = clean.warnings;
    if (first && reader.strict) return { error: rowError(csv.row, cellError(kind, cell, first.code), column, cell), warnings: [] };
    for (const { code, value } of clean.warnings) warnings.push(rowWarning(csv.row, code, column, value));
    for (const { value, raw } of clean.values) aliases.push({ kind, value, raw, column });
  }
  const [primary, ...others] = aliases;
  if (!primary) return { error: missingIdentifier(csv, reader.mapping.primary, warnings), warnings: [] };
  const targets = readTargets(csv.cells, reader.mapping.targets);
  const [unusable] = targets.warnings;
  if (unusable && reader.strict) return { error: rowError(csv.row, "invalid_value", unusable.column, unusable.value), warnings: [] };
  for (const { code, column, value } of targets.warnings) warnings.push(rowWarning(csv.row, code, column, value));
  const patch = readPatch(csv.cells, reader.mapping);
  for (const [key, statement] of reader.consent) patch.set(key, statement);
  for (const [key, value] of targets.patch) patch.set(key, value);
  const patchJson = JSON.stringify(Object.fromEntries(patch));
  if (utf8Bytes(patchJson) > PROFILE_BYTES_MAX) return { error: rowError(csv.row, "profile_too_large", null, ""), warnings: [] };
  const fills = readFills(csv.cells, reader.mapping);
  for (const [key, value] of targets.fills) fills.set(key, value);
  const input = { row: csv.row, primary, aliases: others, patch, patchJson, ...accountOf(targets, patch), ...reader.guarded };
  return { input: fills.size === 0 ? input : { ...input, fills }, warnings };
}

const LESS_THAN = 60;

/** A new account is named after the row's company if no column contains its name. */
function accountOf({ account }: TargetValues, patch: RowInput["patch"]): Pick<RowInput, "account"> {
  return account === null ? {} : { account: { ...account, name: account.name ?? patch.get("company") ?? null } };
}

/** Named for the primary identifier, whatever the fallbacks hold. */
function missingIdentifier(csv: CsvRow, { column, kind }: AliasColumn, warnings: readonly RowWarning[]): RowError {
  const cell = csv.cells[column]?.trim() ?? "";
  const code = warnings.find((warning) => warning.column === column)?.code;
  return rowError(csv.row, code === undefined ? "missing_identifier" : cellError(kind, cell, code), column, cell);
}

/** The documented error of a cell that holds no usable alias. */
function cellError(kind: AliasKind, cell: string, code: CellWarningCode): RowErrorCode {
  const read = normaliseAlias(kind, cell, null);
  if ("problem" in read) return ALIAS_ERRORS[read.problem];
  if (kind === "phone") return code === "placeholder" ? "missing_identifier" : "invalid_phone";
  return kind === "email" && code !== "placeholder" ? "invalid_email" : "missing_identifier";
}

const rowWarning = (row: number, code: CellWarningCode, column: number | null, value: string): RowWarning => ({
  row,
  code,
  column,
  value: value.slice(0, VALUE_CHARS_SHOWN),
});

export const rowError = (row: number, code: RowErrorCode, column: number | null, value: string): RowError => ({
  row,
  code,
  column,
  value: value.slice(0, VALUE_CHARS_SHOWN),
});

function readPatch(cells: readonly string[], mapping: ResolvedMapping): Map<string, string | null> {
  const patch = new Map<string, string | null>();
  for (const { column, field, mode } of mapping.fields) {
    if (mode === "fill_blank") continue;
    const value = cells[column]?.trim() ?? "";
    if (value !== "") patch.set(field, value);
    else if (mode === "clear_blank" && !patch.has(field)) patch.set(field, null);
  }
  for (const key of supersededKeys((field) => (patch.get(field) ?? null) !== null)) patch.set(key, null);
  return patch;
}

function readFills(cells: readonly string[], mapping: ResolvedMapping): Map<string, string> {
  const fills = new Map<string, string>();
  for (const { column, field, mode } of mapping.fields) {
    const value = mode === "fill_blank" ? (cells[column]?.trim() ?? "") : "";
    if (value !== "") fills.set(field, value);
  }
  return fills;
}
