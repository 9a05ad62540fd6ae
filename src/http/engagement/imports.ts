/** The lead import contract: start and jobs. */

import { z } from "@hono/zod-openapi";
import type { Ctx } from "../../context";
import {
  cancelImportJob,
  listImportJobs,
  listImportWarnings,
  requireImportJob,
  type StartedImport,
  startImport,
  startPlannedImport,
} from "../../core/imports";
import { JOB_STATUSES } from "../../vocabulary";
import { rememberAfter } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { START_EXAMPLE, StartBody, sentMappingOf } from "./import-start-body";
import {
  ImportJob,
  ImportJobDetail,
  ImportWarning,
  JOB_DETAIL_EXAMPLE,
  JOB_EXAMPLE,
  jobDetailView,
  jobView,
  WARNING_EXAMPLE,
} from "./import-views";
import { PageQuery } from "./schemas";

const start = unitRoute("/leads/import/start", {
  operationId: "startImport",
  method: "post",
  tags: ["Lead import"],
  summary: "Start an import job",
  idempotent: true,
  description:
    "Starting the same file with the same mappings while its job runs returns that job. A plan is started once: starting it again returns its job.",
  role: "editor",
  stores: true,
  request: {
    body: jsonBody(StartBody, START_EXAMPLE),
  },
  responses: {
    202: jsonResponse(
      "The job",
      z.object({
        job_id: z.string(),
        status: z.enum(JOB_STATUSES),
        message: z.string(),
        file_name: z.string(),
        total_rows: z.number().int(),
        ignored_fields: z.array(z.string()).openapi({ description: "Mapped profile fields that are not defined, and so are ignored" }),
      }),
      {
        job_id: "job_0193f3a2c7b07aa18000c0ffee123456",
        status: "queued",
        message: "Import job started",
        file_name: "leads.csv",
        total_rows: 1000,
        ignored_fields: [],
      },
    ),
  },
  errors: {
    400: "Missing required fields or invalid mappings",
    404: "File ID or plan expired or not found",
    409: "`plan_outdated`: leads have changed since the plan, `rows_moved` says how many rows that concerns; or the plan is not completed",
  },
});

const listJobs = unitRoute("/leads/import/jobs", {
  operationId: "listImportJobs",
  method: "get",
  tags: ["Lead import"],
  summary: "List import jobs, newest first",
  role: "viewer",
  request: { query: PageQuery },
  responses: {
    200: jsonResponse(
      "Jobs of the active org unit",
      z.object({ jobs: z.array(ImportJob), total: z.number().int(), page: z.number().int(), limit: z.number().int() }),
      { jobs: [JOB_EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
});

const JobParams = z.object({ jobId: z.string().openapi({ example: JOB_EXAMPLE.job_id }) });
const JOB_NOT_FOUND = { 404: "Job ID does not exist or not accessible" };

const getJob = unitRoute("/leads/import/jobs/{jobId}", {
  operationId: "getImportJob",
  method: "get",
  tags: ["Lead import"],
  summary: "Get an import job",
  role: "viewer",
  request: { params: JobParams },
  responses: { 200: jsonResponse("The job, with its first 1,000 errors", ImportJobDetail, JOB_DETAIL_EXAMPLE) },
  errors: JOB_NOT_FOUND,
});

const cancelJob = unitRoute("/leads/import/jobs/{jobId}/cancel", {
  operationId: "cancelImportJob",
  method: "post",
  tags: ["Lead import"],
  summary: "Cancel an import job",
  description: "Rows already imported stay. Cancelling a cancelled job again changes nothing.",
  role: "editor",
  request: { params: JobParams },
  responses: { 200: jsonResponse("The job", ImportJob, { ...JOB_EXAMPLE, status: "cancelled" }) },
  errors: { ...JOB_NOT_FOUND, 409: "The job has ended already" },
});

const listWarnings = unitRoute("/leads/import/jobs/{jobId}/warnings", {
  operationId: "listImportWarnings",
  method: "get",
  tags: ["Lead import"],
  summary: "List what was dropped from rows that were imported",
  description: "In file order. Of each 1,000 rows the first 2,000 warnings are kept; `total` counts all.",
  role: "viewer",
  request: { params: JobParams, query: PageQuery },
  responses: {
    200: jsonResponse(
      "Warnings of the job",
      z.object({ warnings: z.array(ImportWarning), total: z.number().int(), page: z.number().int(), limit: z.number().int() }),
      { warnings: [WARNING_EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
  errors: JOB_NOT_FOUND,
});

function startAs(ctx: Ctx, { file_id = "", plan_id, accept_drift, notify, ...sent }: StartBody): Promise<StartedImport> {
  const mapping = sentMappingOf(sent);
  if (plan_id === undefined) return startImport(ctx, file_id, mapping, { notify });
  return startPlannedImport(ctx, { plan_id, accept_drift, notify, file_id: file_id || undefined, mapping: mapping ?? undefined });
}

export const imports = createRouter()
  .openapi(start, async (c) => {
    // while the job runs, starting it again returns it
    rememberAfter(c);
    const { job, ignored_fields } = await startAs(c.get("ctx"), c.req.valid("json"));
    c.header("Location", `/leads/import/jobs/${job.job_id}`);
    const { job_id, status, file_name, total_rows } = job;
    return c.json({ job_id, status, message: "Import job started", file_name, total_rows, ignored_fields }, 202);
  })
  .openapi(listJobs, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { jobs, total } = await listImportJobs(c.get("ctx"), page, limit);
    return c.json({ jobs: jobs.map(jobView), total, page, limit }, 200);
  })
  .openapi(getJob, async (c) => c.json(jobDetailView(await requireImportJob(c.get("ctx"), c.req.valid("param").jobId)), 200))
  .openapi(listWarnings, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { warnings, total } = await listImportWarnings(c.get("ctx"), c.req.valid("param").jobId, page, limit);
    return c.json({ warnings, total, page, limit }, 200);
  })
  .openapi(cancelJob, async (c) => c.json(jobView(await cancelImportJob(c.get("ctx"), c.req.valid("param").jobId)), 200));
