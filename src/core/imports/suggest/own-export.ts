/** The mapping of a file that an export of leads has written: its headers say what each column is. Pure. */
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../../vocabulary";
import { exportedAlias } from "../../csv";
import { isAttributeKey } from "../../leads";
import { targetOf } from "../targets/targets";
import type { AliasTarget, ColumnSuggestion, SuggestedMapping, SuggestInput, Suggestion } from "./suggestion";

const CREATED_FIELDS_MAX = 50;
const IDENTIFIERS_MAX = 20;
/** The columns of an export beside aliases and profile. */
const NOT_IMPORTED = ["lead_id", "score", "level", "last_event_at", "created_at", "updated_at", "account_id", "consent", "_more"];
const SAMPLES = 3;

/** Null for a file of another origin, and where no lead could be found by it. */
export function mappingOfExport({ headers, rows, known_fields }: SuggestInput): Suggestion | null {
  const known = new Map(known_fields.map((field) => [field.toLowerCase(), field]));
  const created: string[] = [];
  const columns = headers.map((header, at): ColumnSuggestion & { kind: AliasKind | null } => {
    const kind = exportedAlias(header);
    const cells = rows.map((row) => row[at]?.trim() ?? "").filter((cell) => cell !== "");
    const isAlias = kind !== null && isOneOf(ALIAS_KINDS, kind);
    const field = isAlias ? null : fieldOf(header, known, created);
    return {
      column: header,
      kind: isAlias ? kind : null,
      target: isAlias ? `_alias_${kind}` : field,
      confidence: 1,
      reason: isAlias || field !== null ? "As it was exported" : "Exports show it, imports do not take it",
      fill_rate: rows.length === 0 ? 0 : cells.length / rows.length,
      distinct_rate: cells.length === 0 ? 0 : new Set(cells).size / cells.length,
      samples: cells.slice(0, SAMPLES),
      warnings: [],
    };
  });
  const aliases = columns.flatMap(({ column, kind, fill_rate }) => (kind === null ? [] : [{ column, kind, fill_rate }]));
  const primary = aliases.find(({ fill_rate }) => fill_rate > 0);
  if (!primary) return null;
  const others = aliases.filter((alias) => alias !== primary);
  const mapping: SuggestedMapping = {
    primary_identifier: { column: primary.column, kind: primary.kind },
    field_mappings: Object.fromEntries(
      columns.flatMap(({ column, kind, target }) => (kind === null && target !== null ? [[column, target]] : [])),
    ),
    alias_mappings: Object.fromEntries(others.map(({ column, kind }): [string, AliasTarget] => [column, `_alias_${kind}`])),
    ...(others.length > 0 ? { identifiers: others.slice(0, IDENTIFIERS_MAX).map(({ column, kind }) => ({ column, kind })) } : {}),
    ...(created.length > 0 ? { create_fields: created } : {}),
  };
  return { columns: columns.map(({ kind, ...column }) => column), suggested_mapping: mapping };
}

function fieldOf(header: string, known: ReadonlyMap<string, string>, created: string[]): string | null {
  const existing = known.get(header.toLowerCase());
  if (existing !== undefined) return existing;
  if (header.startsWith("_consent_")) return targetOf(header);
  if (NOT_IMPORTED.includes(header) || !isAttributeKey(header) || created.length === CREATED_FIELDS_MAX) return null;
  created.push(header);
  return header;
}
