import { z } from "@hono/zod-openapi";
import type { Ctx } from "../../../context";
import { listBulkJobs, requireBulkJob } from "../../../core/bulk";
import { listImportJobs, requireImportJob } from "../../../core/imports";
import { wholeNumber } from "../../../schemas";
import { bulkView, importView, Job, jobText } from "../job-view";
import { count, lines } from "../shown";
import { defineTool } from "../tool";

const LIMIT_MAX = 25;
const PAGE_MAX = 20;
const ERRORS_SHOWN_MAX = 10;
const VALUE_CHARS_MAX = 100;

const RowError = z.object({ row: z.number().int(), column: z.string().nullable(), error: z.string(), value: z.string() });

export const listJobs = defineTool({
  name: "list_jobs",
  title: "List jobs",
  description:
    "Imports and changes of many leads, newest first, with their progress. With job_id that job alone, and the first rows of an import that failed.",
  effect: "reads",
  input: z.strictObject({
    job_id: z.string().trim().optional(),
    page: wholeNumber(1, PAGE_MAX).default(1),
    limit: wholeNumber(1, LIMIT_MAX).default(10),
  }),
  output: z.object({
    jobs: z.array(Job),
    has_more: z.boolean(),
    errors: z.array(RowError).optional().describe(`With job_id: the first ${ERRORS_SHOWN_MAX} rows that failed`),
  }),
  call: async (ctx, { job_id, page, limit }) => {
    if (job_id !== undefined) return one(ctx, job_id);
    const data = await listed(ctx, page, limit);
    const more = data.has_more ? "; there are more on the next page" : "";
    return { data, text: lines(`${count(data.jobs.length, "job")}${more}.`, data.jobs.map(jobText)) };
  },
});

/** Both lists up to the end of the page, newest first. */
async function listed(ctx: Ctx, page: number, limit: number) {
  const until = page * limit;
  const [imports, changes] = await Promise.all([listImportJobs(ctx, 1, until + 1), listBulkJobs(ctx, until + 1)]);
  const jobs = [...imports.jobs.map(importView), ...changes.map(bulkView)].sort(
    (a, b) => b.created_at.localeCompare(a.created_at) || b.job_id.localeCompare(a.job_id),
  );
  return { jobs: jobs.slice(until - limit, until), has_more: jobs.length > until };
}

async function one(ctx: Ctx, jobId: string) {
  if (jobId.startsWith("bulk_")) {
    const change = bulkView(await requireBulkJob(ctx, jobId));
    return { data: { jobs: [change], has_more: false }, text: jobText(change) };
  }
  const { errors: all, ...found } = await requireImportJob(ctx, jobId);
  const job = importView(found);
  const errors = all.slice(0, ERRORS_SHOWN_MAX).map(({ value, ...error }) => ({ ...error, value: value.slice(0, VALUE_CHARS_MAX) }));
  const shown = errors.map(({ row, column, error, value }) => `row ${row}, ${column ?? "the whole row"}: ${error} (${value})`);
  return { data: { jobs: [job], has_more: false, errors }, text: lines(jobText(job), shown) };
}
