/** Changes and deletions of many leads at once: requested, counted, shown, undone. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { invalidRequest, parseInput } from "../../validation";
import { selectAccount } from "../accounts";
import { actorId, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { readNarrowing, scanLeads } from "../lead-overview";
import { parseLeadId, requireAttributes, selectLeadsById } from "../leads";
import { dryRunUndo, requestUndo, type Undo } from "../undo";
import { BulkChange, BulkTarget, JobId } from "./schemas";
import { type BulkJobRow, insertJob, selectJob, selectJobs } from "./store";

export type BulkJob = Omit<BulkJobRow, "target" | "change" | "requested_by" | "client" | "slices" | "after">;
/** `at_least`: counting stopped there. */
export type BulkCount = { matched: number; at_least: boolean };

type Requested = { target: z.input<typeof BulkTarget>; change: z.input<typeof BulkChange> | null };

export const COUNTED_PAGES_MAX = 10;
/** D1 accepts 1,000 in an invocation: there is room for one more page of rules. */
export const COUNTED_STATEMENTS_MAX = 500;

/** How many leads a job would go through, counted among the first 10,000 of its list. Writes nothing. Throws as `requestBulk` does. */
export async function countBulk(ctx: Ctx, given: Requested): Promise<BulkCount> {
  const { target } = await readRequest(ctx, given);
  return count(ctx, target);
}

/** Creates a job and nudges the queue. Some 12 D1 round trips at most. Throws forbidden, invalid_request. */
export async function requestBulk(ctx: Ctx, given: Requested, remember: Remember<BulkJob> = () => []): Promise<BulkJob> {
  const { target, change } = await readRequest(ctx, given);
  const { matched, at_least } = await count(ctx, target);
  const job = newJob(ctx, {
    action: change === null ? "delete" : "change",
    target: JSON.stringify(target),
    change: change && JSON.stringify(change),
    total: at_least ? null : matched,
  });
  await ctx.db.batch([insertJob(ctx.db, job), ...remember(job)]);
  await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: job.job_id });
  return job;
}

/** A job in the caller's name; not inserted yet. */
export function newJob(ctx: Ctx, wanted: Pick<BulkJobRow, "action" | "target" | "change" | "total">): BulkJobRow {
  const now = ctx.now();
  return {
    job_id: newId("bulk", now),
    status: "queued",
    ...wanted,
    requested_by: actorId(ctx.actor),
    client: ctx.source.client ?? null,
    processed: 0,
    written: 0,
    refused: 0,
    slices: 0,
    after: "",
    created_at: now,
    updated_at: now,
    completed_at: null,
  };
}

/** Newest first. One D1 round trip. */
export const listBulkJobs = (ctx: Ctx, limit: number): Promise<BulkJob[]> => ctx.db.all(selectJobs(ctx.db, limit));

/** One D1 round trip. Throws not_found. */
export async function requireBulkJob(ctx: Ctx, jobId: string): Promise<BulkJob> {
  const [job] = await ctx.db.all(selectJob(ctx.db, parseInput(JobId, jobId)));
  if (!job) throw new AppError("not_found", "Unknown job");
  return job;
}

/** Returns every lead that a job changed or deleted to what it was; what somebody wrote later, and an alias that another lead has by now, stays. Throws forbidden, not_found, conflict. */
export async function undoBulk(ctx: Ctx, jobId: string, { dry_run }: { dry_run: boolean }): Promise<{ job: BulkJob; undo: Undo }> {
  requireRole(ctx, "editor");
  const job = await requireBulkJob(ctx, jobId);
  if (job.completed_at === null) throw new AppError("conflict", "The job still runs: it can be undone when it has ended");
  const operation = { operation_id: job.job_id, ended_at: job.completed_at, wrote: job.written > 0 };
  return { job, undo: await (dry_run ? dryRunUndo(ctx, operation) : requestUndo(ctx, operation)) };
}

/** What is requested, checked. Two D1 round trips at most. Throws forbidden, invalid_request. */
export async function readRequest(ctx: Ctx, { target: givenTarget, change: givenChange }: Requested) {
  requireRole(ctx, "editor");
  const { ids, filter } = parseInput(BulkTarget, givenTarget);
  const change = givenChange === null ? null : parseInput(BulkChange, givenChange);
  requireAttributes(change?.metadata ?? {});
  if (change?.account_id) {
    const [account] = await ctx.db.all(selectAccount(ctx.db, change.account_id));
    if (!account) throw invalidRequest([{ path: "changes.account_id", message: "no such account" }]);
  }
  if (filter !== undefined) readNarrowing(filter, ctx.now());
  return { change, target: ids === undefined ? { filter } : { ids: [...new Set(ids.flatMap((id) => parseLeadId(id) ?? []))] } };
}

async function count(ctx: Ctx, { ids, filter }: { ids?: string[]; filter?: unknown }): Promise<BulkCount> {
  if (ids) return { matched: (await ctx.db.all(selectLeadsById(ctx.db, ids))).length, at_least: false };
  let matched = 0;
  let pages = 0;
  for await (const { leads, done, statements } of scanLeads(ctx, readNarrowing(filter, ctx.now()), { after: "" })) {
    matched += leads.length;
    if ((++pages === COUNTED_PAGES_MAX || statements > COUNTED_STATEMENTS_MAX) && !done) return { matched, at_least: true };
  }
  return { matched, at_least: false };
}
