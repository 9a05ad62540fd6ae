/** Imports and changes of many leads as one kind of job. */
import { z } from "@hono/zod-openapi";
import type { BulkJob } from "../../core/bulk";
import type { ImportJob } from "../../core/imports";
import { isoTime, isoTimeOrNull } from "../../time";
import { JOB_STATUSES } from "../../vocabulary";

export const Job = z.object({
  job_id: z.string(),
  kind: z.enum(["import", "update", "delete"]),
  status: z.enum(JOB_STATUSES),
  file_name: z.string().nullable().describe("Of an import"),
  total: z.number().int().nullable().describe("Rows of an import, else leads; null where there are more than were counted"),
  created: z.number().int(),
  changed: z.number().int(),
  deleted: z.number().int(),
  unchanged: z.number().int(),
  failed: z.number().int(),
  created_at: z.string(),
  completed_at: z.string().nullable(),
});
type JobView = z.output<typeof Job>;

export const importView = (job: ImportJob): JobView => ({
  job_id: job.job_id,
  kind: "import",
  status: job.status,
  file_name: job.file_name,
  total: job.total_rows,
  created: job.created,
  changed: job.changed,
  deleted: 0,
  unchanged: job.unchanged,
  failed: job.failed,
  created_at: isoTime(job.created_at),
  completed_at: isoTimeOrNull(job.completed_at),
});

export const bulkView = (job: BulkJob): JobView => ({
  job_id: job.job_id,
  kind: job.action === "change" ? "update" : "delete",
  status: job.status,
  file_name: null,
  total: job.total,
  created: 0,
  changed: job.action === "change" ? job.written : 0,
  deleted: job.action === "delete" ? job.written : 0,
  unchanged: job.processed - job.written - job.refused,
  failed: job.refused,
  created_at: isoTime(job.created_at),
  completed_at: isoTimeOrNull(job.completed_at),
});

export function jobText({ job_id, kind, status, total, ...counts }: JobView): string {
  const done = (["created", "changed", "deleted", "unchanged", "failed"] as const).filter((name) => counts[name] > 0);
  const numbers = done.map((name) => `${counts[name]} ${name}`).join(", ") || "nothing written yet";
  return `${job_id} (${kind}${total === null ? "" : ` of ${total}`}): ${status}, ${numbers}`;
}
