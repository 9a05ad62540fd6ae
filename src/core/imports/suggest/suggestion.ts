/** What the preview suggests, and why. */
import type { AliasKind } from "../../../vocabulary";

export type AliasTarget = `_alias_${AliasKind}`;

export type ColumnSuggestion = {
  column: string;
  /** a profile field, an alias kind with its prefix, or null: not imported */
  target: string | null;
  /** from 0 to 1 */
  confidence: number;
  /** a sentence for people */
  reason: string;
  fill_rate: number;
  /** distinct values per filled cell */
  distinct_rate: number;
  samples: string[];
  warnings: string[];
};

export type Identifier = { column: string; kind: AliasKind };

/** A body of `POST /leads/import/start`, but for `file_id`. */
export type SuggestedMapping = {
  primary_identifier: Identifier;
  field_mappings: Record<string, string>;
  alias_mappings: Record<string, AliasTarget>;
  /** where a row has no primary identifier, in this order */
  identifiers?: Identifier[];
  /** fields that do not exist yet */
  create_fields?: string[];
};

export type Suggestion = { columns: ColumnSuggestion[]; suggested_mapping: SuggestedMapping | null };

export type SuggestInput = {
  headers: readonly string[];
  /** the file's first rows: 200 or more */
  rows: readonly (readonly string[])[];
  row_count: number;
  /** profile fields that exist, the standard ones included */
  known_fields: readonly string[];
  region: string | null;
  /** a mapping that was used for these headers before */
  remembered?: SuggestedMapping | undefined;
};
