/** Changes and deletions of many leads, as jobs. */
import { z } from "@hono/zod-openapi";
import { BULK_FIELDS, type BulkCount, type BulkJob, BulkTarget, countBulk, requestBulk, requireBulkJob, undoBulk } from "../../core/bulk";
import { ProfileObject } from "../../core/leads";
import { changesOf } from "../../schemas";
import { isoTime, isoTimeOrNull } from "../../time";
import { BULK_ACTIONS, BULK_STATUSES } from "../../vocabulary";
import { rememberAfter, remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { CRITERIA_VALUES } from "./lead-filter-query";
import { Attributes, Timestamp } from "./schemas";
import { UNDO_EXAMPLE, UndoView, undoView } from "./undo-views";

const tags = ["Leads"];
const BODY_BYTES_MAX = 1024 * 1024;
const JOB = "bulk_0193f3a2c7b07aa18000c0ffee123456";

const Filter = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), ProfileObject])).openapi({
  type: "object",
  ...CRITERIA_VALUES,
  description: "Filters of GET /leads by name, at least one; `filter` is an object of rules",
});
const target = { ids: BulkTarget.shape.ids, filter: Filter.optional(), dry_run: z.boolean().optional() };
const Changes = changesOf({ ...BULK_FIELDS, metadata: Attributes });
const DryRun = z.object({
  dry_run: z.enum(["true", "false"]).optional().openapi({ description: "Only counts the leads, as `dry_run` in the body does" }),
});

const Counted = z.object({
  dry_run: z.literal(true),
  total: z.number().int().optional(),
  total_at_least: z.number().int().optional().openapi({ description: "Where counting stopped after 10,000 leads" }),
});
const Job = z
  .object({
    job_id: z.string(),
    action: z.enum(BULK_ACTIONS),
    status: z.enum(BULK_STATUSES),
    total: z.number().int().nullable().openapi({ description: "Null where there are more than were counted" }),
    processed: z.number().int(),
    changed_count: z.number().int(),
    deleted_count: z.number().int(),
    unchanged_count: z.number().int(),
    refused_count: z.number().int().openapi({ description: "Leads whose metadata would be over 256 KB" }),
    created_at: Timestamp,
    completed_at: Timestamp.nullable(),
  })
  .openapi("BulkJob");
const EXAMPLE = {
  job_id: JOB,
  action: "change" as const,
  status: "queued" as const,
  total: 1,
  processed: 0,
  changed_count: 0,
  deleted_count: 0,
  unchanged_count: 0,
  refused_count: 0,
  created_at: "2026-01-15T10:00:00.000Z",
  completed_at: null,
};
const responses = {
  200: jsonResponse("The counts of a dry run", Counted, { dry_run: true, total: 1 }),
  202: jsonResponse("The job: it runs in the background", Job, EXAMPLE),
};
const WHICH =
  "Leads by `ids` (up to 10,000) or by `filter`, the criteria of GET /leads. Leads that are created after the request are left out.";
const TARGET_EXAMPLE = { filter: { status: "lost", "attr.plan": "free" } };

const change = unitRoute("/leads/bulk", {
  operationId: "changeLeads",
  method: "patch",
  tags,
  summary: "Change many leads",
  description: `${WHICH} \`metadata\` is merged key by key, \`null\` removes a key. The job can be undone for 30 days.`,
  role: "editor",
  idempotent: true,
  bodyBytesMax: BODY_BYTES_MAX,
  request: {
    query: DryRun,
    body: jsonBody(z.object({ ...target, changes: Changes }), { ...TARGET_EXAMPLE, changes: { owner_id: "u_17" } }),
  },
  responses,
});

const remove = unitRoute("/leads/bulk", {
  operationId: "deleteLeads",
  method: "delete",
  tags,
  summary: "Delete many leads",
  description: `${WHICH} Each lead is deleted with everything stored about it. The job can be undone for 30 days.`,
  role: "editor",
  idempotent: true,
  bodyBytesMax: BODY_BYTES_MAX,
  request: { query: DryRun, body: jsonBody(z.object(target), TARGET_EXAMPLE) },
  responses,
});

const params = z.object({ jobId: z.string().openapi({ example: JOB }) });

const getJob = unitRoute("/leads/bulk/jobs/{jobId}", {
  operationId: "getBulkJob",
  method: "get",
  tags,
  summary: "Get a bulk job and its progress",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The job", Job, EXAMPLE) },
  errors: { 404: "Unknown job" },
});

const Undone = Job.extend({ undo: UndoView }).openapi("UndoneBulkJob");

const undo = unitRoute("/leads/bulk/jobs/{jobId}/undo", {
  operationId: "undoBulkJob",
  method: "post",
  tags,
  summary: "Undo a change or a deletion of many leads",
  description:
    "Restores every lead: a changed one field by field, a deleted one with its aliases, events and scores. Later changes stay and are listed, as do aliases that another lead has by now. Calling it again returns the same undo.",
  role: "editor",
  idempotent: true,
  request: { params, query: DryRun },
  responses: {
    200: jsonResponse("What the undo would do", Undone, { ...EXAMPLE, undo: UNDO_EXAMPLE }),
    202: jsonResponse("The undo runs in the background", Undone, { ...EXAMPLE, undo: UNDO_EXAMPLE }),
  },
  errors: { 404: "Unknown job", 409: "A job that runs, or one that ended more than 30 days ago" },
});

const view = (job: BulkJob): z.input<typeof Job> => ({
  job_id: job.job_id,
  action: job.action,
  status: job.status,
  total: job.total,
  processed: job.processed,
  changed_count: job.action === "change" ? job.written : 0,
  deleted_count: job.action === "delete" ? job.written : 0,
  unchanged_count: job.processed - job.written - job.refused,
  refused_count: job.refused,
  created_at: isoTime(job.created_at),
  completed_at: isoTimeOrNull(job.completed_at),
});
const counted = ({ matched, at_least }: BulkCount) => ({
  dry_run: true as const,
  ...(at_least ? { total_at_least: matched } : { total: matched }),
});

export const leadBulk = createRouter()
  .openapi(change, async (c) => {
    const { changes, dry_run, ...its } = c.req.valid("json");
    const wanted = { target: its, change: changes };
    if (dry_run || c.req.valid("query").dry_run === "true") return c.json(counted(await countBulk(c.get("ctx"), wanted)), 200);
    return c.json(view(await requestBulk(c.get("ctx"), wanted, remembering(c, 202, view))), 202);
  })
  .openapi(remove, async (c) => {
    const { dry_run, ...its } = c.req.valid("json");
    const wanted = { target: its, change: null };
    if (dry_run || c.req.valid("query").dry_run === "true") return c.json(counted(await countBulk(c.get("ctx"), wanted)), 200);
    return c.json(view(await requestBulk(c.get("ctx"), wanted, remembering(c, 202, view))), 202);
  })
  .openapi(getJob, async (c) => c.json(view(await requireBulkJob(c.get("ctx"), c.req.valid("param").jobId)), 200))
  .openapi(undo, async (c) => {
    rememberAfter(c);
    const dry_run = c.req.valid("query").dry_run === "true";
    const { job, undo: its } = await undoBulk(c.get("ctx"), c.req.valid("param").jobId, { dry_run });
    return c.json({ ...view(job), undo: undoView(its) }, dry_run ? 200 : 202);
  });
