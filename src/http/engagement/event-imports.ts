/** Bulk import of events from CSV: history, or what other systems have gathered. */

import { z } from "@hono/zod-openapi";
import {
  cancelEventImport,
  EventImportOptions,
  FILE_BYTES_MAX,
  fileTooLarge,
  type ImportJob,
  importEvents,
  listImportJobs,
  openFailures,
  requireEventImport,
} from "../../core/imports";
import { Region } from "../../core/org-units";
import { TextMap } from "../../schemas";
import { isoTime, isoTimeOrNull } from "../../time";
import { ALIAS_KINDS, JOB_STATUSES } from "../../vocabulary";
import { maxBody, requireMediaType } from "../middleware/body";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { errorsUrl } from "./import-views";
import { PageQuery, Timestamp } from "./schemas";

const tags = ["Event import"];
/** The parts of the upload's form around the file. */
const FORM_BYTES_MAX = 64 * 1024;
const JOB_ID = "job_0193f3a2c7b07aa18000c0ffee123456";

const Flag = z
  .enum(["true", "false", "1", "0"], { error: "must be true or false" })
  .transform((sent) => sent === "true" || sent === "1")
  .openapi({ type: "boolean" });

const Form = z.object({
  file: z
    .custom<File>((value) => value instanceof File, { error: "A CSV file with a header row is required in the form field `file`" })
    .openapi({
      type: "string",
      format: "binary",
      description: `CSV with a header row, at most 10 MB. Columns: \`event_type\`; \`lead_id\` or any of \`${ALIAS_KINDS.join(", ")}\`; \`timestamp\`; \`event_id\`. Every other column is kept as metadata.`,
    }),
  skip_triggers: Flag.optional(),
  default_region: Region.optional(),
  time_zone: EventImportOptions.shape.time_zone,
  column_mapping: z
    .string()
    .transform((text, issues) => {
      const mapping = readMapping(text);
      if (mapping === null) issues.addIssue({ code: "custom", message: "must be a JSON object whose values are strings" });
      return mapping ?? {};
    })
    .optional()
    .openapi({
      type: "string",
      description:
        "JSON: columns to what they are (`event_type`, `lead_id`, `timestamp`, `event_id` or an alias kind) where their name does not say so",
      example: '{"When": "timestamp", "Contact": "email"}',
    }),
});

function readMapping(text: string): Record<string, string> | null {
  try {
    return TextMap.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const start = unitRoute("/import", {
  operationId: "importEvents",
  method: "post",
  tags,
  summary: "Import events from a CSV file",
  description:
    "Every row is validated before the response; the events are then stored and scored in the background, at their own time. With `skip_triggers` they score and nothing fires. Importing the same file again, or an edited one, stores no event twice: a row without an `event_id` is known by its content. Times may be RFC 3339, Unix or in a common format, which is read in `time_zone`.",
  role: "editor",
  stores: true,
  guards: [maxBody(FILE_BYTES_MAX + FORM_BYTES_MAX, fileTooLarge().message), requireMediaType("multipart/form-data")],
  request: {
    query: z.object({ skip_triggers: Flag.optional() }),
    body: { required: true, content: { "multipart/form-data": { schema: Form } } },
  },
  responses: {
    202: jsonResponse(
      "Counts of rows; a row whose lead_id is unknown fails later, and is listed by the job",
      z.object({ imported: z.number().int(), errors: z.number().int(), job_id: z.string() }),
      { imported: 998, errors: 2, job_id: JOB_ID },
    ),
  },
  errors: { 400: "File missing, invalid CSV, or without the columns it needs", 413: "File exceeds 10 MB limit", 415: "File must be CSV" },
});

const params = z.object({ jobId: z.string().openapi({ example: JOB_ID }) });
const NOT_FOUND = { 404: "Job ID does not exist or not accessible" };

const EventJob = z
  .object({
    job_id: z.string(),
    file_name: z.string(),
    status: z.enum(JOB_STATUSES),
    total_rows: z.number().int(),
    imported_count: z.number().int(),
    duplicate_count: z.number().int().openapi({ description: "Rows whose event was stored before" }),
    failed_count: z.number().int(),
    open_failures: z.number().int().openapi({ description: "Failed rows that no upload of the errors file has brought in yet" }),
    errors_url: z.string().nullable().openapi({ description: "The failed rows as a file like the one that was uploaded" }),
    created_at: Timestamp,
    completed_at: Timestamp.nullable(),
  })
  .openapi("EventImport");
const EVENT_JOB_EXAMPLE = {
  job_id: JOB_ID,
  file_name: "history.csv",
  status: "completed",
  total_rows: 1000,
  imported_count: 997,
  duplicate_count: 0,
  failed_count: 3,
  open_failures: 3,
  errors_url: `/import/jobs/${JOB_ID}/errors.csv`,
  created_at: "2026-01-15T10:00:00.000Z",
  completed_at: "2026-01-15T10:00:03.000Z",
} as const;

const getJob = unitRoute("/import/jobs/{jobId}", {
  operationId: "getEventImport",
  method: "get",
  tags,
  summary: "Get an import of events",
  role: "viewer",
  request: { params },
  responses: {
    200: jsonResponse(
      "The job, with its first 1,000 errors",
      EventJob.extend({
        errors: z.array(z.object({ row: z.number().int(), error: z.string(), value: z.string(), column: z.string().nullable() })),
      }),
      { ...EVENT_JOB_EXAMPLE, errors: [{ row: 17, error: "Invalid timestamp", value: "yesterday", column: "timestamp" }] },
    ),
  },
  errors: NOT_FOUND,
});

const listJobs = unitRoute("/import/jobs", {
  operationId: "listEventImports",
  method: "get",
  tags,
  summary: "List imports of events, newest first",
  role: "viewer",
  request: { query: PageQuery },
  responses: {
    200: jsonResponse(
      "Imports of events of the active org unit",
      z.object({ jobs: z.array(EventJob), total: z.number().int(), page: z.number().int(), limit: z.number().int() }),
      { jobs: [EVENT_JOB_EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
});

const cancelJob = unitRoute("/import/jobs/{jobId}/cancel", {
  operationId: "cancelEventImport",
  method: "post",
  tags,
  summary: "Cancel an import of events",
  description: "Events already stored stay. Cancelling a cancelled job again changes nothing.",
  role: "editor",
  request: { params },
  responses: { 200: jsonResponse("The job", EventJob, { ...EVENT_JOB_EXAMPLE, status: "cancelled" }) },
  errors: { ...NOT_FOUND, 409: "The job has ended already" },
});

export const eventJobView = (job: ImportJob) => ({
  job_id: job.job_id,
  file_name: job.file_name,
  status: job.status,
  total_rows: job.total_rows,
  imported_count: job.created,
  duplicate_count: job.unchanged,
  failed_count: job.failed,
  open_failures: openFailures(job),
  errors_url: errorsUrl(job, "/import/jobs"),
  created_at: isoTime(job.created_at),
  completed_at: isoTimeOrNull(job.completed_at),
});

export const eventImports = createRouter()
  .openapi(start, async (c) => {
    const { file, default_region, skip_triggers, time_zone, column_mapping } = c.req.valid("form");
    if (file.size > FILE_BYTES_MAX) throw fileTooLarge();
    const upload = { bytes: new Uint8Array(await file.arrayBuffer()), file_name: file.name, default_region };
    const skip = c.req.valid("query").skip_triggers ?? skip_triggers ?? false;
    const { job, imported, errors } = await importEvents(c.get("ctx"), upload, { skip_triggers: skip, time_zone, column_mapping });
    c.header("Location", `/import/jobs/${job.job_id}`);
    return c.json({ imported, errors, job_id: job.job_id }, 202);
  })
  .openapi(getJob, async (c) => {
    const job = await requireEventImport(c.get("ctx"), c.req.valid("param").jobId);
    return c.json({ ...eventJobView(job), errors: job.errors }, 200);
  })
  .openapi(listJobs, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { jobs, total } = await listImportJobs(c.get("ctx"), page, limit, "events");
    return c.json({ jobs: jobs.map(eventJobView), total, page, limit }, 200);
  })
  .openapi(cancelJob, async (c) => c.json(eventJobView(await cancelEventImport(c.get("ctx"), c.req.valid("param").jobId)), 200));
