/** What the verbs of imports accept. */
import { z } from "zod";
import { DELIMITERS, ENCODINGS } from "../csv";
import { isPhoneRegion } from "../leads";

/** An object of texts whose keys may be any column's name, `__proto__` included: zod's own record would drop that key. */
export const TextMap = z.custom<Record<string, string>>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === "string"),
  { error: "must be an object whose values are strings" },
);

const present = z.string().min(1, "must not be empty");

/** What the columns of a file mean, as the caller writes it; `resolveMapping` checks it against the file. */
export const ImportMapping = z.object({
  primary_identifier: z.object({ column: present, kind: z.string() }),
  field_mappings: TextMap.default({}),
  alias_mappings: TextMap.default({}),
});
export type ImportMapping = z.output<typeof ImportMapping>;
export type ImportMappingInput = z.input<typeof ImportMapping>;

export const FileId = present;
export const JobId = z.string();

export const Upload = z.object({
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, { error: "must be bytes" }),
  file_name: z.string(),
  delimiter: z.enum(DELIMITERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  /** spreadsheet row of the header; 0: the file has none */
  header_row: z.number().int().min(0).optional(),
  default_region: z.string().refine(isPhoneRegion, "must be an ISO 3166 country code of two letters").optional(),
});
export type Upload = z.output<typeof Upload>;

export const EventImportOptions = z.object({ skip_triggers: z.boolean() });
export type EventImportOptions = z.output<typeof EventImportOptions>;
