/** One row of a file: the lead it describes, or why it fails. Pure. */

import { utf8Bytes } from "../../text";
import type { AliasKind } from "../../vocabulary";
import type { CsvRow } from "../csv";
import { type AliasProblem, normaliseAlias, PROFILE_BYTES_MAX, supersededKeys } from "../leads";
import type { ResolvedMapping } from "./mapping";

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
  invalid_event_id: "Invalid event_id",
  invalid_event: "Invalid event",
  unknown_lead: "Unknown lead_id",
} as const;
export type RowErrorCode = keyof typeof ROW_ERRORS;

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
};

const ALIAS_ERRORS: Record<AliasProblem, RowErrorCode> = {
  empty: "missing_identifier",
  invalid_email: "invalid_email",
  invalid_phone: "invalid_phone",
  too_long: "identifier_too_long",
};
const VALUE_CHARS_SHOWN = 200;

/** Reads a row by its mapping. Empty cells are skipped; an empty or invalid identifier fails the row. */
export function readImportRow(csv: CsvRow, mapping: ResolvedMapping, region: string | null): RowInput | RowError {
  const identifiers: RowAlias[] = [];
  for (const { column, kind } of [mapping.primary, ...mapping.aliases]) {
    const raw = csv.cells[column]?.trim() ?? "";
    if (raw === "" && identifiers.length > 0) continue;
    const normalised = normaliseAlias(kind, raw, region);
    if ("problem" in normalised) return rowError(csv.row, ALIAS_ERRORS[normalised.problem], column, raw);
    identifiers.push({ kind, value: normalised.value, raw, column });
  }
  const [primary, ...aliases] = identifiers;
  if (!primary) return rowError(csv.row, "missing_identifier", mapping.primary.column, "");
  const patch = readPatch(csv.cells, mapping);
  const patchJson = JSON.stringify(Object.fromEntries(patch));
  if (utf8Bytes(patchJson) > PROFILE_BYTES_MAX) return rowError(csv.row, "profile_too_large", null, "");
  return { row: csv.row, primary, aliases, patch, patchJson };
}

export const rowError = (row: number, code: RowErrorCode, column: number | null, value: string): RowError => ({
  row,
  code,
  column,
  value: value.slice(0, VALUE_CHARS_SHOWN),
});

function readPatch(cells: readonly string[], mapping: ResolvedMapping): Map<string, string | null> {
  const patch = new Map<string, string | null>();
  for (const { column, field } of mapping.fields) {
    const value = cells[column]?.trim() ?? "";
    if (value !== "") patch.set(field, value);
  }
  for (const key of supersededKeys((field) => patch.has(field))) patch.set(key, null);
  return patch;
}
