/** What a preview says about the columns of a file. */
import { z } from "@hono/zod-openapi";
import { IMPORT_MODES } from "../../core/imports";
import { FILE_FORMATS } from "../../vocabulary";
import { TextMap } from "./schemas";

const Identifier = z.object({ column: z.string(), kind: z.string() });
const Share = z.number().openapi({ description: "From 0 to 1" });

/** A body of start, without `file_id` and without defaults. */
export const SuggestedMapping = z.object({
  primary_identifier: Identifier,
  field_mappings: TextMap,
  alias_mappings: TextMap,
  identifiers: z.array(Identifier).optional(),
  create_fields: z.array(z.string()).optional(),
  mode: z.enum(IMPORT_MODES).optional(),
  column_modes: TextMap.optional(),
  keep_unmapped_columns: z.boolean().optional(),
  strict: z.boolean().optional(),
  placeholders: z.array(z.string()).optional(),
});

export const PreviewSuggestion = {
  format: z.string().openapi({ description: `What the file is: ${FILE_FORMATS.join(", ")}` }),
  sheets: z.array(z.string()).openapi({ description: "Sheets of a workbook, the one that was read first" }),
  columns: z
    .array(
      z.object({
        column: z.string(),
        target: z.string().nullable().openapi({ description: "A profile field, or an alias kind with `_alias_`; null: not imported" }),
        confidence: Share,
        reason: z.string(),
        fill_rate: Share,
        distinct_rate: Share,
        samples: z.array(z.string()),
        warnings: z.array(z.string()),
      }),
    )
    .openapi({ description: "Judged by the first 500 rows" }),
  suggested_mapping: SuggestedMapping.nullable().openapi({
    description:
      "A body of start, but for `file_id`; null when no column identifies anybody. Of an errors file that of its import, else that of the last file with the same headers",
  }),
};

export const PREVIEW_SUGGESTION_EXAMPLE = {
  format: "csv",
  sheets: [],
  columns: [
    {
      column: "Email",
      target: "_alias_email",
      confidence: 0.99,
      reason: "By its name, and 100 % of its cells are email addresses",
      fill_rate: 1,
      distinct_rate: 1,
      samples: ["jane@example.com"],
      warnings: [],
    },
  ],
  suggested_mapping: { primary_identifier: { column: "Email", kind: "email" }, field_mappings: {}, alias_mappings: {} },
};
