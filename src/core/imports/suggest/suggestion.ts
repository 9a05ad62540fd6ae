/** What the preview suggests, and why. */
import type { AliasKind } from "../../../vocabulary";
import type { ImportMode } from "../schemas";

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
  /** of a mapping that was used before */
  mode?: ImportMode;
  column_modes?: Record<string, string>;
  keep_unmapped_columns?: boolean;
  strict?: boolean;
  placeholders?: string[];
};

/** `reason`: why, as a sentence for people. */
export type Remembered = { mapping: SuggestedMapping; reason: string };

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
  remembered?: Remembered | undefined;
};
