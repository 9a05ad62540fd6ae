import { z } from "@hono/zod-openapi";
import { undoBulk } from "../../../core/bulk";
import { dryRunUndoImport, undoImport } from "../../../core/imports";
import { publicLeadId } from "../../../core/leads";
import { KEPT_REASONS } from "../../../core/undo";
import { UNDO_STATUSES } from "../../../vocabulary";
import { namingClient } from "../client-name";
import { lines } from "../shown";
import { defineTool } from "../tool";

const KEPT_SHOWN_MAX = 10;

export const undo = defineTool({
  name: "undo",
  title: "Undo a job",
  description:
    "Returns every lead that a job created, changed or deleted to what it was, within 30 days of its end. Later changes stay and are listed. It runs in the background: calling it again returns the same undo and its progress.",
  effect: "writes",
  input: z.strictObject({
    job_id: z.string().trim().min(1, "must not be empty").describe("As commit_plan or list_jobs returned it"),
    dry_run: z.boolean().default(false).describe("Only counts what an undo would do"),
  }),
  output: z.object({
    job_id: z.string(),
    status: z.enum([...UNDO_STATUSES, "dry_run"]),
    removed: z.number().int().describe("Leads that the job had created"),
    restored: z.number().int().describe("Leads that the job had changed or deleted"),
    kept_count: z.number().int().describe("Fields that stay as they are"),
    kept: z
      .array(z.object({ lead_id: z.string(), field: z.string(), reason: z.enum(KEPT_REASONS) }))
      .describe(`The first ${KEPT_SHOWN_MAX}`),
  }),
  call: async (given, { job_id, dry_run }) => {
    const ctx = await namingClient(given);
    const { undo: its } = job_id.startsWith("bulk_")
      ? await undoBulk(ctx, job_id, { dry_run })
      : await (dry_run ? dryRunUndoImport(ctx, job_id) : undoImport(ctx, job_id));
    const kept = its.kept.slice(0, KEPT_SHOWN_MAX).map(({ lead_id, field, reason }) => ({ lead_id: publicLeadId(lead_id), field, reason }));
    const { status, removed_count: removed, restored_count: restored, kept_count } = its;
    return {
      data: { job_id, status, removed, restored, kept_count, kept },
      text: lines(
        `Undo of ${job_id}: ${status}, ${removed} removed, ${restored} restored, ${kept_count} fields kept.`,
        kept.map(({ lead_id, field, reason }) => `${lead_id} ${field}: ${reason}`),
      ),
    };
  },
});
