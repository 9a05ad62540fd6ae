/** Undoing an import. */
import { z } from "@hono/zod-openapi";
import { dryRunUndoImport, listKeptOfImport, undoImport } from "../../core/imports";
import { rememberAfter } from "../idempotency";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { ImportJob, JOB_EXAMPLE, jobView } from "./import-views";
import { PageQuery } from "./schemas";
import { KEPT_EXAMPLE, KeptFieldView, keptView, UNDO_EXAMPLE, UndoView, undoView } from "./undo-views";

const JobParams = z.object({ jobId: z.string().openapi({ example: JOB_EXAMPLE.job_id }) });
const UndoneJob = ImportJob.extend({ undo: UndoView }).openapi("UndoneImportJob");
const NOT_FOUND = { 404: "Job ID does not exist or not accessible" };

const undo = unitRoute("/leads/import/jobs/{jobId}/undo", {
  operationId: "undoImportJob",
  method: "post",
  tags: ["Lead import"],
  summary: "Undo an import job",
  idempotent: true,
  description:
    "Within 30 days of the job's end. Leads that the job created are removed; leads that it changed are restored: fields, aliases, account, owner, status and conflicts. Later changes stay, field by field, and are listed. A running job is cancelled first. Undoing again returns the same undo.",
  role: "editor",
  request: {
    params: JobParams,
    query: z.object({
      dry_run: z
        .enum(["true", "false"])
        .default("false")
        .openapi({ description: "`true`: counts what an undo would do, and writes nothing" }),
    }),
  },
  responses: {
    200: jsonResponse("What an undo would do (`dry_run=true`)", UndoneJob, {
      ...JOB_EXAMPLE,
      undo: { ...UNDO_EXAMPLE, status: "dry_run" as const, complete: true },
    }),
    202: jsonResponse("The job with its undo", UndoneJob, { ...JOB_EXAMPLE, undo: { ...UNDO_EXAMPLE, status: "queued" as const } }),
  },
  errors: { ...NOT_FOUND, 409: "The job ended more than 30 days ago, or has no undo journal" },
});

const listKept = unitRoute("/leads/import/jobs/{jobId}/undo/kept", {
  operationId: "listImportUndoKept",
  method: "get",
  tags: ["Lead import"],
  summary: "List what the undo of an import job kept",
  description: "By lead and field; `total` counts all.",
  role: "viewer",
  request: { params: JobParams, query: PageQuery },
  responses: {
    200: jsonResponse(
      "Fields that could not be restored",
      z.object({ kept: z.array(KeptFieldView), total: z.number().int(), page: z.number().int(), limit: z.number().int() }),
      { kept: [KEPT_EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
  errors: NOT_FOUND,
});

export const importUndo = createRouter()
  .openapi(undo, async (c) => {
    const { jobId } = c.req.valid("param");
    if (c.req.valid("query").dry_run === "true") {
      const counted = await dryRunUndoImport(c.get("ctx"), jobId);
      return c.json({ ...jobView(counted.job), undo: undoView(counted.undo) }, 200);
    }
    // undoing again returns the same undo
    rememberAfter(c);
    const asked = await undoImport(c.get("ctx"), jobId);
    return c.json({ ...jobView(asked.job), undo: undoView(asked.undo) }, 202);
  })
  .openapi(listKept, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { kept, total } = await listKeptOfImport(c.get("ctx"), c.req.valid("param").jobId, page, limit);
    return c.json({ kept: kept.map(keptView), total, page, limit }, 200);
  });
