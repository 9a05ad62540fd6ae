import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { dryRunUndo, type KeptField, listKept, requestUndo, type Undo, type Undoable } from "../undo";
import { type ImportJob, noSuchJob } from "./jobs";
import { JobId } from "./schemas";
import { type CountedJobRow, endJob, releaseFile, selectJob } from "./store";

/**
 * Returns every lead that an import created or changed to what it was; what somebody wrote later stays. A job that runs is cancelled first. Asking
 * again returns the same undo. Four D1 round trips; the rest is done by the queue. Throws forbidden, not_found, conflict (30 days after the
 * job's end, or a job without a journal).
 */
export async function undoImport(ctx: Ctx, jobId: string): Promise<{ job: ImportJob; undo: Undo }> {
  requireRole(ctx, "editor");
  const job = await requireLeadJob(ctx, parseInput(JobId, jobId));
  const now = ctx.now();
  const stop = [endJob(ctx.db, job.job_id, "cancelled", now, "leads"), releaseFile(ctx.db, job.job_id, now)];
  const undo = await requestUndo(ctx, undoable(job), job.completed_at === null ? stop : []);
  return { job: job.completed_at === null ? await requireLeadJob(ctx, job.job_id) : job, undo };
}

/** What `undoImport` would do now. Writes nothing. Throws forbidden, not_found, conflict. */
export async function dryRunUndoImport(ctx: Ctx, jobId: string): Promise<{ job: ImportJob; undo: Undo }> {
  requireRole(ctx, "editor");
  const job = await requireLeadJob(ctx, parseInput(JobId, jobId));
  return { job, undo: await dryRunUndo(ctx, undoable(job)) };
}

/** What the undo of an import kept, by lead and field; nothing before it was undone. Two D1 round trips. Throws not_found. */
export async function listKeptOfImport(
  ctx: Ctx,
  jobId: string,
  page: number,
  limit: number,
): Promise<{ kept: KeptField[]; total: number }> {
  const { job_id } = await requireLeadJob(ctx, parseInput(JobId, jobId));
  return listKept(ctx, job_id, page, limit);
}

async function requireLeadJob({ db }: Ctx, jobId: string): Promise<CountedJobRow> {
  const [job] = await db.all(selectJob(db, jobId, "leads"));
  if (!job) throw noSuchJob();
  return job;
}

const undoable = ({ job_id, completed_at, created, changed }: CountedJobRow): Undoable => ({
  operation_id: job_id,
  ended_at: completed_at,
  wrote: created + changed > 0,
});
