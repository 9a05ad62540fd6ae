/** What the verbs of imports accept. */
import { z } from "zod";
import { isStorable, NOT_STORABLE, TextMap } from "../../schemas";
import { oneOf } from "../../vocabulary";
import { DELIMITERS, ENCODINGS } from "../csv";
import { ConsentInput } from "../leads";
import { Region } from "../org-units";
import { isTimeZone } from "./cells";

const present = z.string().min(1, "must not be empty");

export const IMPORT_MODES = ["upsert", "create_only", "update_only"] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

/** What a column does to a field that has a value, or with an empty cell. An empty cell writes nothing but for `clear_blank`. */
export const COLUMN_MODES = ["overwrite", "fill_blank", "never_clear", "clear_blank"] as const;
export type ColumnMode = (typeof COLUMN_MODES)[number];

const Identifier = z.object({ column: present, kind: z.string() });

const IDENTIFIERS_MAX = 20;
export const CREATED_FIELDS_MAX = 50;
const PLACEHOLDERS_MAX = 1_000;
const PLACEHOLDER_CHARS_MAX = 200;

export const PlaceholderList = z
  .array(z.string().max(PLACEHOLDER_CHARS_MAX, `must be at most ${PLACEHOLDER_CHARS_MAX} characters`))
  .max(PLACEHOLDERS_MAX, `must be at most ${PLACEHOLDERS_MAX}`);

/** What the columns of a file mean, as the caller writes it; `resolveMapping` checks it against the file. */
export const ImportMapping = z.object({
  primary_identifier: Identifier,
  identifiers: z.array(Identifier).max(IDENTIFIERS_MAX, `must be at most ${IDENTIFIERS_MAX}`).default([]).meta({
    description: "Where a row has no usable primary identifier: the first of these that it has decides which lead it is",
  }),
  field_mappings: TextMap.default({}),
  alias_mappings: TextMap.default({}),
  mode: z.enum(IMPORT_MODES, oneOf(IMPORT_MODES)).default("upsert").meta({
    description: "`create_only` passes over rows whose lead exists, `update_only` over those whose lead does not: they count as unchanged",
  }),
  column_modes: TextMap.default({}),
  unless_edited_by: TextMap.default({}),
  create_fields: z.array(z.string().trim()).max(CREATED_FIELDS_MAX, `must be at most ${CREATED_FIELDS_MAX}`).default([]).meta({
    description: "Profile fields to define with this import, so that columns can be mapped to them",
  }),
  keep_unmapped_columns: z
    .boolean()
    .default(false)
    .meta({ description: "Columns that are mapped to nothing become profile fields of their name" }),
  consent: ConsentInput.optional().meta({
    description:
      "What every row's person has agreed to, by purpose. Columns mapped to `_consent_<purpose>` say it row by row; their source and time are those of the purpose here",
  }),
  strict: z.boolean().default(false).meta({ description: "An invalid cell fails its row; otherwise it is dropped with a warning" }),
  placeholders: PlaceholderList.optional().meta({
    description: "Texts that are no identifier, `*` for any text; replaces the usual ones such as `N/A`, `-` and `k.A.`",
  }),
});
export type ImportMapping = z.output<typeof ImportMapping>;
export type ImportMappingInput = z.input<typeof ImportMapping>;

const MAPPING_NAME = "must be 1 to 100 characters";

export const RememberedMappingChange = z
  .object({
    name: z.string().trim().min(1, MAPPING_NAME).max(100, MAPPING_NAME).refine(isStorable, NOT_STORABLE).optional(),
    mapping: ImportMapping.optional(),
  })
  .refine((sent) => sent.name !== undefined || sent.mapping !== undefined, "must have at least one of: name, mapping");

export const FileId = present;
export const JobId = z.string();

export const Upload = z.object({
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, { error: "must be bytes" }),
  file_name: z.string().refine(isStorable, NOT_STORABLE),
  delimiter: z.enum(DELIMITERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  /** of a workbook: its name, or its position from 1 */
  sheet: z.string().min(1, "must not be empty").optional(),
  /** spreadsheet row of the header; 0: the file has none */
  header_row: z.number().int().min(0).optional(),
  default_region: Region.optional(),
});
export type Upload = z.output<typeof Upload>;

export const EventImportOptions = z.object({
  skip_triggers: z.boolean(),
  time_zone: z
    .string()
    .refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin")
    .optional()
    .meta({ description: "Time zone of times without an offset: an IANA name; UTC when left out", example: "Europe/Berlin" }),
  column_mapping: TextMap.optional(),
});
export type EventImportOptions = z.output<typeof EventImportOptions>;
