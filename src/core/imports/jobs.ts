import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import type { AliasKind, JobKind } from "../../vocabulary";
import { requireRole } from "../auth";
import { readUndo, type Undo, undoStatements } from "../undo";
import { type CellWarningCode, renderCellWarning } from "./cells";
import { readHeaders } from "./file";
import { ROW_ERRORS, type RowErrorCode, type RowWarning } from "./import-row";
import { NOTES_SHOWN_MAX } from "./limits";
import { readLeadMapping, sentMapping } from "./mapping";
import { type ImportMapping, JobId } from "./schemas";
import {
  countJobs,
  endJob,
  type JobCounts,
  type JobSummary,
  releaseFile,
  selectFileOfJob,
  selectJob,
  selectJobs,
  selectNotes,
} from "./store";

export type ImportJob = JobSummary & JobCounts;
/** Failed rows that have not been imported since. */
export const openFailures = ({ failed, mended_count }: Pick<ImportJob, "failed" | "mended_count">): number =>
  Math.max(0, failed - mended_count);

/** `column` is null where no single cell is at fault, or the file is no longer kept. */
export type ShownError = { row: number; error: string; value: string; column: string | null };
export type ShownConflict = { row: number; kind: AliasKind; value: string; lead_id: string };
export type EventImport = ImportJob & { errors: ShownError[] };
export type ImportJobDetail = ImportJob & {
  mapped: ImportMapping;
  ignored_fields: string[];
  errors: ShownError[];
  conflicts: ShownConflict[];
  undo: Undo | null;
};
/** `column` is null where the warning is about the whole row, or the file is no longer kept. */
export type ShownWarning = { row: number; column: string | null; code: CellWarningCode; warning: string; value: string };

export type StoredError = [row: number, code: RowErrorCode, column: number | null, value: string];
type StoredWarning = [row: number, code: CellWarningCode, column: number | null, value: string];
type StoredConflict = [row: number, kind: AliasKind, value: string, owner: string];

/** Newest first. One round trip. */
export async function listImportJobs(
  ctx: Ctx,
  page: number,
  limit: number,
  kind: JobKind = "leads",
): Promise<{ jobs: ImportJob[]; total: number }> {
  const [jobs, [count]] = await ctx.db.batch([selectJobs(ctx.db, kind, limit, (page - 1) * limit), countJobs(ctx.db, kind)]);
  return { jobs, total: count?.total ?? 0 };
}

/** An import of leads with its first 1,000 errors and conflicts. One round trip. Throws not_found. */
export async function requireImportJob(ctx: Ctx, jobId: string): Promise<ImportJobDetail> {
  const { job, ...notes } = await requireJob(ctx, jobId, "leads");
  const mapping = readLeadMapping(job.mapping);
  return { ...job, ...notes, mapped: sentMapping(mapping), ignored_fields: mapping.ignored_fields };
}

/** Warnings of an import of leads, in file order. One round trip. Throws not_found. */
export async function listImportWarnings(
  ctx: Ctx,
  jobId: string,
  page: number,
  limit: number,
): Promise<{ warnings: ShownWarning[]; total: number }> {
  const [[job], [file], warnings] = await ctx.db.batch([
    selectJob(ctx.db, jobId, "leads"),
    selectFileOfJob(ctx.db, jobId),
    selectNotes(ctx.db, jobId, "warnings", limit, (page - 1) * limit),
  ]);
  if (!job) throw noSuchJob();
  const headers = file ? readHeaders(file.headers) : [];
  const shown = items<StoredWarning>(warnings).map(([row, code, column, value]) => showWarning({ row, code, column, value }, headers));
  return { warnings: shown, total: job.warned };
}

export function showWarning({ row, code, column: at, value }: RowWarning, headers: readonly string[]): ShownWarning {
  const column = at === null ? null : (headers[at] ?? null);
  return { row, column, code, value, warning: renderCellWarning({ code, value }, column ?? `column ${(at ?? 0) + 1}`) };
}

/** An import of events with its first 1,000 errors. One round trip. Throws not_found. */
export async function requireEventImport(ctx: Ctx, jobId: string): Promise<EventImport> {
  const { job, errors } = await requireJob(ctx, jobId, "events");
  return { ...job, errors };
}

async function requireJob(ctx: Ctx, jobId: string, kind: JobKind) {
  const [[job], [file], errors, conflicts, undo, kept] = await ctx.db.batch([
    selectJob(ctx.db, jobId, kind),
    selectFileOfJob(ctx.db, jobId),
    selectNotes(ctx.db, jobId, "errors", NOTES_SHOWN_MAX),
    selectNotes(ctx.db, jobId, "conflicts", NOTES_SHOWN_MAX),
    ...undoStatements(ctx.db, jobId),
  ]);
  if (!job) throw noSuchJob();
  const headers = file ? readHeaders(file.headers) : [];
  return {
    job,
    errors: showErrors(items(errors), headers),
    conflicts: items<StoredConflict>(conflicts).map(([row, kind, value, lead_id]) => ({ row, kind, value, lead_id })),
    undo: readUndo(undo, kept),
  };
}

export const showErrors = (errors: readonly StoredError[], headers: readonly string[]): ShownError[] =>
  errors.map(([row, code, column, value]) => ({
    row,
    error: ROW_ERRORS[code],
    value,
    column: column === null ? null : (headers[column] ?? null),
  }));

/** Stops an import of leads; chunks already committed stay. One round trip. Throws forbidden, not_found, conflict (the job has ended). */
export const cancelImportJob = (ctx: Ctx, jobId: string): Promise<ImportJob> => cancelJob(ctx, jobId, "leads");

/** Stops an import of events, as `cancelImportJob` does one of leads. */
export const cancelEventImport = (ctx: Ctx, jobId: string): Promise<ImportJob> => cancelJob(ctx, jobId, "events");

async function cancelJob(ctx: Ctx, job_id: string, kind: JobKind): Promise<ImportJob> {
  requireRole(ctx, "editor");
  const jobId = parseInput(JobId, job_id);
  const now = ctx.now();
  const { before, after } = await queryGroups(ctx.db, {
    before: [selectJob(ctx.db, jobId, kind)],
    writes: [endJob(ctx.db, jobId, "cancelled", now, kind), releaseFile(ctx.db, jobId, now)],
    after: [selectJob(ctx.db, jobId, kind)],
  });
  const [was] = before;
  const [job] = after;
  if (!was || !job) throw noSuchJob();
  if (was.status === "completed" || was.status === "failed") throw new AppError("conflict", `The job has ended already: ${was.status}`);
  return job;
}

export const noSuchJob = (): AppError => new AppError("not_found", "Job ID does not exist or not accessible");

const items = <Item>(rows: readonly { item: string }[]): Item[] => rows.map(({ item }) => JSON.parse(item));
