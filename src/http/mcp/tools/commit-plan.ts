import { z } from "@hono/zod-openapi";
import { commitBulkPlan } from "../../../core/bulk";
import { startPlannedImport } from "../../../core/imports";
import { JOB_STATUSES } from "../../../vocabulary";
import { namingClient } from "../client-name";
import { readPlanId } from "../plan-id";
import { defineTool } from "../tool";

export const commitPlan = defineTool({
  name: "commit_plan",
  title: "Commit a plan",
  description:
    "Carries out a plan of plan_import or plan_update, exactly and once: committing it again returns the same job. Refused when leads have changed since the plan, and when plan_update stopped counting. The job runs in the background; undo takes it back.",
  effect: "writes",
  input: z.strictObject({
    plan_id: z.string().describe("As plan_import or plan_update returned it"),
    accept_drift: z.boolean().default(false).describe("Commits although leads have changed since the plan, or were not all counted"),
  }),
  output: z.object({
    job_id: z.string(),
    kind: z.enum(["import", "update"]),
    status: z.enum(JOB_STATUSES),
    total: z.number().int().nullable(),
  }),
  call: async (given, { plan_id: text, accept_drift }) => {
    const { plan_id, kind } = readPlanId(given, text);
    const ctx = await namingClient(given);
    const { job_id, status, total } =
      kind === "update" ? await commitBulkPlan(ctx, plan_id, { accept_drift }) : await startImport(ctx, plan_id, accept_drift);
    return {
      data: { job_id, kind, status, total },
      text: `The job ${job_id} is ${status}: list_jobs with this job_id shows its progress, undo takes it back.`,
    };
  },
});

async function startImport(ctx: Parameters<typeof startPlannedImport>[0], plan_id: string, accept_drift: boolean) {
  const { job } = await startPlannedImport(ctx, { plan_id, accept_drift });
  return { job_id: job.job_id, status: job.status, total: job.total_rows };
}
