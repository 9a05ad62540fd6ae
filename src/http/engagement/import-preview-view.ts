/** A previewed file. */
import { z } from "@hono/zod-openapi";
import type { Preview } from "../../core/imports";
import { isoTime } from "../../time";
import { PREVIEW_SUGGESTION_EXAMPLE, PreviewSuggestion } from "./import-suggestion-view";
import { EncodingAlternative } from "./import-views";
import { Timestamp } from "./schemas";

export const ImportPreview = z.object({
  file_id: z.string(),
  file_name: z.string(),
  headers: z.array(z.string()),
  sample_rows: z.array(z.array(z.string())),
  row_count: z.number().int(),
  auto_detected_identifiers: z.object({ email_columns: z.array(z.string()), phone_columns: z.array(z.string()) }),
  expires_at: Timestamp,
  delimiter: z.string(),
  encoding: z.string(),
  encoding_confidence: z.number().openapi({ description: "From 0 to 1" }),
  encoding_alternatives: z.array(EncodingAlternative),
  header_row: z.number().int().openapi({ description: "As a spreadsheet shows it; 0 when the file has no header" }),
  warnings: z.array(z.string()),
  ...PreviewSuggestion,
});

export const PREVIEW_EXAMPLE = {
  file_id: "preview_0193f3a2c7b07aa18000c0ffee123456",
  file_name: "leads.csv",
  headers: ["Email", "First Name", "Last Name", "Company", "Phone"],
  sample_rows: [["jane@example.com", "Jane", "Doe", "Example Inc", "+1-555-0100"]],
  row_count: 1000,
  auto_detected_identifiers: { email_columns: ["Email"], phone_columns: ["Phone"] },
  expires_at: "2026-01-15T11:00:00.000Z",
  delimiter: ",",
  encoding: "utf-8",
  encoding_confidence: 1,
  encoding_alternatives: [],
  header_row: 1,
  warnings: [],
  ...PREVIEW_SUGGESTION_EXAMPLE,
};

export function previewView({ table, ...kept }: Preview) {
  const {
    headers,
    sample_rows,
    row_count,
    detected,
    delimiter,
    encoding,
    encoding_confidence,
    encoding_alternatives,
    header_row,
    warnings,
  } = table;
  return {
    file_id: kept.file_id,
    file_name: kept.file_name,
    headers,
    sample_rows,
    row_count,
    auto_detected_identifiers: detected,
    expires_at: isoTime(kept.expires_at),
    delimiter: delimiter as string,
    encoding: encoding as string,
    encoding_confidence,
    encoding_alternatives,
    header_row,
    warnings,
    format: kept.format as string,
    sheets: kept.sheets,
    columns: kept.columns,
    suggested_mapping: kept.suggested_mapping,
  };
}
