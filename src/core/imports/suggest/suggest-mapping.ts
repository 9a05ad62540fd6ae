/** From the headers and first rows of a file to a mapping that can be started as it stands. Pure. */
import { assignFields, type FieldTarget } from "./assign-fields";
import { readContent } from "./column-content";
import { type Draft, judgeColumn } from "./judge-column";
import { mappingOfExport } from "./own-export";
import { type Ranked, rankIdentifiers } from "./rank-identifiers";
import { recallMapping } from "./recall-mapping";
import type { ColumnSuggestion, Identifier, SuggestedMapping, SuggestInput, Suggestion } from "./suggestion";

/** What start accepts, without the primary identifier. */
const ALIAS_COLUMNS_MAX = 20;

/** A guess: nobody may want the field. */
const NEW_FIELD_CONFIDENCE = 0.5;

/** Cost: every cell of `rows` is cleaned twice, some 10 µs each. */
export function suggestMapping(input: SuggestInput): Suggestion {
  const exported = mappingOfExport(input);
  if (exported) return exported;
  const { headers, rows, row_count, region, known_fields, remembered } = input;
  const drafts = headers.map((header, index) =>
    judgeColumn(
      header,
      readContent(
        rows.map((cells) => cells[index]?.trim() ?? ""),
        region,
      ),
    ),
  );
  const ranked = rankIdentifiers(drafts, region);
  // a column that is empty in all rows of the file is nothing; in a sample it may still hold something
  const whole = rows.length >= row_count;
  const aliases = ranked
    .filter(({ verdict, sharing }) => verdict !== "refused" && (sharing.identified > 0 || !whole))
    .slice(0, ALIAS_COLUMNS_MAX);
  const fields = assignFields(drafts, new Set(aliases.map(({ draft }) => draft.column)), known_fields);
  const suggestion = {
    columns: drafts.map((draft) =>
      describe(
        draft,
        ranked.find((one) => one.draft === draft),
        fields.get(draft.column),
      ),
    ),
    suggested_mapping: mappingOf(aliases, fields),
  };
  return remembered ? recallMapping(suggestion, remembered) : suggestion;
}

function describe(draft: Draft, ranked: Ranked | undefined, field: FieldTarget | undefined): ColumnSuggestion {
  const { fill_rate, distinct_rate, samples } = draft.content;
  const shown = { column: draft.column, fill_rate, distinct_rate, samples, warnings: ranked?.warnings ?? [] };
  if (field === undefined && draft.candidate) {
    return { ...shown, target: `_alias_${draft.candidate.kind}`, confidence: draft.confidence, reason: draft.reason };
  }
  const refused = ranked?.verdict === "refused" && ranked.sharing.identified > 0;
  const reason = refused ? refusal(ranked) : (field?.reason ?? draft.reason);
  const confidence = refused || field?.created ? Math.min(draft.confidence, NEW_FIELD_CONFIDENCE) : draft.confidence;
  return { ...shown, target: field?.field ?? null, confidence, reason };
}

function refusal({ candidate, sharing }: Ranked): string {
  if (candidate.belonging === "other") return "Its name says that it is another person's";
  if (candidate.kind === "external_id" && sharing.shared === 0) return "Short numbers that count rows";
  return sharing.shared > 0 ? "Different people share its values: not an identifier" : "Another column tells the people apart better";
}

function mappingOf(aliases: readonly Ranked[], fields: ReadonlyMap<string, FieldTarget>): SuggestedMapping | null {
  const found = aliases.filter(({ sharing }) => sharing.identified > 0);
  const primary = found.find(({ verdict }) => verdict === "identifier");
  if (!primary) return null;
  const others = aliases.filter((one) => one !== primary);
  const identifiers = others.filter(({ verdict, sharing }) => verdict === "identifier" && sharing.identified > 0).map(identifierOf);
  const filled = [...fields].flatMap(([column, { field }]) => (field === null ? [] : [[column, field] as const]));
  const create_fields = [...fields.values()].flatMap(({ field, created }) => (created && field !== null ? [field] : []));
  return {
    primary_identifier: identifierOf(primary),
    field_mappings: Object.fromEntries(filled),
    alias_mappings: Object.fromEntries(others.map(({ draft, candidate }) => [draft.column, `_alias_${candidate.kind}` as const])),
    ...(identifiers.length > 0 ? { identifiers } : {}),
    ...(create_fields.length > 0 ? { create_fields } : {}),
  };
}

const identifierOf = ({ draft, candidate }: Ranked): Identifier => ({ column: draft.column, kind: candidate.kind });
