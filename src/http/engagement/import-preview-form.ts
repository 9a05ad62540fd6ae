/** The form of an upload: the file, and overrides of what would be detected. */
import { z } from "@hono/zod-openapi";
import { DELIMITERS, type Delimiter, ENCODINGS, encodingOf } from "../../core/csv";
import { Region } from "../../core/org-units";

const DELIMITER_NAMES: Record<string, Delimiter> = { comma: ",", semicolon: ";", tab: "\t", "\\t": "\t", pipe: "|" };

export const PreviewForm = z.object({
  file: z
    .custom<File>((value) => value instanceof File, { error: "A CSV file with a header row is required in the form field `file`" })
    .openapi({
      type: "string",
      format: "binary",
      description:
        "CSV file with header row, at most 10 MB. Also .xlsx, .ods (2 MB), tab-separated text, NDJSON, a JSON array of objects, vCard",
    }),
  delimiter: z
    .string()
    .transform((sent) => DELIMITER_NAMES[sent.toLowerCase()] ?? sent)
    .pipe(z.enum(DELIMITERS, { error: "must be one of: , ; | tab" }))
    .optional()
    .openapi({
      type: "string",
      enum: [",", ";", "|", ...Object.keys(DELIMITER_NAMES)],
      description: "Overrides the detected delimiter",
      example: ";",
    }),
  encoding: z
    .string()
    .transform((sent) => encodingOf(sent) ?? sent)
    .pipe(z.enum(ENCODINGS, { error: `must be one of: ${ENCODINGS.join(", ")}` }))
    .optional()
    .openapi({
      type: "string",
      enum: [...ENCODINGS],
      description: "Overrides the detected encoding. The usual aliases, such as latin1, cp1252, sjis and gbk, are accepted too",
      example: "windows-1252",
    }),
  sheet: z.string().min(1, "must not be empty").optional().openapi({
    description: "Sheet of a workbook: its name, or its position from 1; the first visible one that has data when left out",
  }),
  header_row: z
    .string()
    .regex(/^\d{1,7}$/, "must be the number of a row, or 0 when the file has no header")
    .transform(Number)
    .optional()
    .openapi({
      type: "integer",
      minimum: 0,
      maximum: 9_999_999,
      description: "Overrides the detected header row: its number in a spreadsheet; 0 when the file has no header",
      example: 1,
    }),
  default_region: Region.optional(),
});
