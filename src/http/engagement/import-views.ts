/** Import jobs as the lead import contract shows them. `updated_count` counts every row whose lead existed: `changed_count` and `unchanged_count` say which changed. */

import { z } from "@hono/zod-openapi";
import { IMPORT_MODES, type ImportJob as Job, type ImportJobDetail as JobDetail, openFailures } from "../../core/imports";
import { isoTime, isoTimeOrNull } from "../../time";
import { ALIAS_KINDS, JOB_STATUSES } from "../../vocabulary";
import { wireLeadId } from "./adapter";
import { TextMap, Timestamp } from "./schemas";
import { UndoView, undoView } from "./undo-views";

export const EncodingAlternative = z
  .object({
    encoding: z.string(),
    confidence: z.number(),
    samples: z.array(z.string()).openapi({ description: "Up to three cells whose text differs in this encoding" }),
  })
  .openapi("EncodingAlternative");

export const ImportJob = z
  .object({
    job_id: z.string(),
    status: z.enum(JOB_STATUSES),
    file_name: z.string(),
    created_at: Timestamp,
    started_at: Timestamp.nullable(),
    completed_at: Timestamp.nullable(),
    total_rows: z.number().int(),
    created_count: z.number().int(),
    updated_count: z.number().int().openapi({ description: "Rows whose lead existed: changed_count + unchanged_count" }),
    failed_count: z.number().int(),
    changed_count: z.number().int(),
    unchanged_count: z.number().int(),
    skipped_count: z.number().int().openapi({ description: "Of the unchanged rows those that were passed over" }),
    warnings_count: z.number().int().openapi({ description: "Cells that were dropped from rows that were imported" }),
    completed_with_errors: z.boolean(),
    open_failures: z.number().int().openapi({ description: "Failed rows that no upload of the errors file has brought in yet" }),
    errors_url: z
      .string()
      .nullable()
      .openapi({ description: "The failed rows, in the format of the upload; null if no row failed or the rows are no longer kept" }),
  })
  .openapi("ImportJob");

export const ImportWarning = z
  .object({ row: z.number().int(), column: z.string().nullable(), code: z.string(), warning: z.string(), value: z.string() })
  .openapi("ImportWarning");

export const WARNING_EXAMPLE = {
  row: 7,
  column: "Phone",
  code: "placeholder",
  warning: 'Phone: "N/A" is a placeholder, not an identifier',
  value: "N/A",
};

export const ImportJobDetail = ImportJob.extend({
  undo: z.union([UndoView, z.null()]),
  primary_identifier: z.object({ column: z.string(), kind: z.string().openapi({ enum: [...ALIAS_KINDS] }) }),
  field_mappings: TextMap,
  alias_mappings: TextMap,
  identifiers: z.array(z.object({ column: z.string(), kind: z.string() })),
  mode: z.enum(IMPORT_MODES),
  column_modes: TextMap,
  unless_edited_by: TextMap,
  create_fields: z.array(z.string()),
  keep_unmapped_columns: z.boolean(),
  strict: z.boolean(),
  placeholders: z.array(z.string()).nullable().openapi({ description: "null: the usual ones" }),
  ignored_fields: z.array(z.string()).openapi({ description: "Mapped profile fields that nobody defined: ignored" }),
  errors: z.array(z.object({ row: z.number().int(), error: z.string(), value: z.string(), column: z.string().nullable() })).openapi({
    description: "The first 1,000 failed rows; row numbers as a spreadsheet shows them, the header being row 1",
    example: [{ row: 45, error: "Invalid email format", value: "not-an-email", column: "Email" }],
  }),
  alias_conflicts: z
    .array(z.object({ row: z.number().int(), kind: z.enum(ALIAS_KINDS), value: z.string(), lead_id: z.string() }))
    .openapi({ description: "Aliases that stayed with the lead that had them (first 1,000)" }),
}).openapi("ImportJobDetail");

export const JOB_EXAMPLE = {
  job_id: "job_0193f3a2c7b07aa18000c0ffee123456",
  status: "completed",
  file_name: "leads.csv",
  created_at: "2026-01-15T10:00:00.000Z",
  started_at: "2026-01-15T10:00:00.100Z",
  completed_at: "2026-01-15T10:00:01.000Z",
  total_rows: 1000,
  created_count: 750,
  updated_count: 230,
  failed_count: 20,
  changed_count: 200,
  unchanged_count: 30,
  skipped_count: 0,
  warnings_count: 1,
  completed_with_errors: true,
  open_failures: 20,
  errors_url: "/leads/import/jobs/job_0193f3a2c7b07aa18000c0ffee123456/errors.csv",
} as const;

export const JOB_DETAIL_EXAMPLE = {
  ...JOB_EXAMPLE,
  undo: null,
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company" },
  alias_mappings: { Phone: "_alias_phone" },
  identifiers: [],
  mode: "upsert" as const,
  column_modes: {},
  unless_edited_by: {},
  create_fields: [],
  keep_unmapped_columns: false,
  strict: false,
  placeholders: null,
  ignored_fields: [],
  errors: [
    { row: 45, error: "Invalid email format", value: "not-an-email", column: "Email" },
    { row: 102, error: "Missing required identifier", value: "", column: "Email" },
  ],
  alias_conflicts: [{ row: 7, kind: "phone", value: "+15550100999", lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456" }],
};

export const jobView = (job: Job) => ({
  job_id: job.job_id,
  status: job.status,
  file_name: job.file_name,
  created_at: isoTime(job.created_at),
  started_at: isoTimeOrNull(job.started_at),
  completed_at: isoTimeOrNull(job.completed_at),
  total_rows: job.total_rows,
  created_count: job.created,
  updated_count: job.changed + job.unchanged,
  failed_count: job.failed,
  changed_count: job.changed,
  unchanged_count: job.unchanged,
  skipped_count: job.skipped,
  warnings_count: job.warned,
  completed_with_errors: job.status === "completed" && job.failed > 0,
  open_failures: openFailures(job),
  errors_url: errorsUrl(job, "/leads/import/jobs"),
});

/** People who sent a workbook get one back. */
export function errorsUrl({ job_id, failed, format }: Job, path: string): string | null {
  if (failed === 0 || format === null) return null;
  return `${path}/${job_id}/errors.${format === "xlsx" || format === "ods" ? "xlsx" : "csv"}`;
}

export const jobDetailView = (job: JobDetail) => ({
  ...jobView(job),
  ...job.mapped,
  undo: job.undo && undoView(job.undo),
  placeholders: job.mapped.placeholders ?? null,
  ignored_fields: job.ignored_fields,
  errors: job.errors,
  alias_conflicts: job.conflicts.map((conflict) => ({ ...conflict, lead_id: wireLeadId(conflict.lead_id) })),
});
