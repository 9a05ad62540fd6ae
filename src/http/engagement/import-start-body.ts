/** The body of start and of plan. */
import { z } from "@hono/zod-openapi";
import { COLUMN_MODES, ImportMapping, type ImportMappingInput } from "../../core/imports";
import { ALIAS_KINDS } from "../../vocabulary";
import { TextMap } from "./schemas";

/** What the columns of a file mean. */
export const MappingBody = z.object({
  ...ImportMapping.shape,
  primary_identifier: ImportMapping.shape.primary_identifier.extend({ kind: z.string().openapi({ enum: [...ALIAS_KINDS] }) }),
  column_modes: TextMap.default({}).openapi({
    additionalProperties: { type: "string", enum: [...COLUMN_MODES] },
    description:
      "By column: `fill_blank` writes only fields without a value, `clear_blank` lets an empty cell remove the value. In every other mode an empty cell writes nothing",
  }),
  unless_edited_by: TextMap.default({}).openapi({
    additionalProperties: { type: "string", enum: ["person"] },
    description: "By column: `person` leaves the field alone where a person wrote it last; a plan counts such cells as `spared`",
  }),
  field_mappings: TextMap.default({}).openapi({ description: "CSV columns to profile fields" }),
  alias_mappings: TextMap.default({}).openapi({ description: "CSV columns to further aliases: _alias_email, _alias_phone, …" }),
});

const OPTIONAL_MAPPING = "What the columns of the file mean. An errors.csv or errors.xlsx file may leave it out: then it is that import's";

/** The mapping is one object that may be missing: its parts are meaningless without `primary_identifier`. */
export const ImportBody = z
  .object({ file_id: z.string().min(1, "must not be empty"), ...MappingBody.shape })
  .extend({ primary_identifier: MappingBody.shape.primary_identifier.optional().openapi({ description: OPTIONAL_MAPPING }) });

/** With the `plan_id` of a plan, the file and the mapping may be left out: they are the plan's. */
export const StartBody = ImportBody.extend({
  file_id: ImportBody.shape.file_id.optional(),
  plan_id: z.string().optional().openapi({
    description: "Does exactly what this plan says. The file and the mapping may be left out; given, they have to be those of the plan",
  }),
  accept_drift: z.boolean().default(false).openapi({
    description: "Starts the plan although leads have changed since; otherwise that is a 409, and a row whose lead changes later fails",
  }),
  notify: z.boolean().default(false).openapi({
    description:
      "Channels that subscribe to `lead.created` or `lead.changed` are notified of each lead; otherwise an import notifies of its end alone",
  }),
})
  .superRefine(({ file_id, primary_identifier, plan_id }, ctx) => {
    if (plan_id !== undefined || file_id !== undefined) return;
    const missing = primary_identifier === undefined ? ["file_id", "primary_identifier"] : ["file_id"];
    for (const name of missing) ctx.addIssue({ code: "custom", path: [name], message: "Invalid input: required without a plan_id" });
  })
  .openapi({ required: ["file_id"] });
export type StartBody = z.output<typeof StartBody>;

export const START_EXAMPLE = {
  file_id: "preview_0193f3a2c7b07aa18000c0ffee123456",
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company", "Job Title": "title" },
  alias_mappings: { Phone: "_alias_phone", LinkedIn: "_alias_social" },
};

/** Null where none was sent. */
export const sentMappingOf = ({
  primary_identifier,
  ...options
}: Omit<z.output<typeof ImportBody>, "file_id">): ImportMappingInput | null =>
  primary_identifier ? { ...options, primary_identifier } : null;
