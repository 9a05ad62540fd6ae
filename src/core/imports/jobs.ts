import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import type { AliasKind, JobKind } from "../../vocabulary";
import { ROW_ERRORS, type RowErrorCode } from "./import-row";
import { NOTES_SHOWN_MAX } from "./limits";
import type { ImportMapping, StoredMapping } from "./mapping";
import {
  countJobs,
  endJob,
  type FileRow,
  type JobCounts,
  type JobRow,
  type JobSummary,
  releaseFile,
  selectFileOfJob,
  selectJob,
  selectJobs,
  selectNotes,
} from "./store";

export type ImportJob = JobSummary & JobCounts;
/** `column` is null where no single cell is to blame, or the file is no longer kept. */
export type ShownError = { row: number; error: string; value: string; column: string | null };
export type ShownConflict = { row: number; kind: AliasKind; value: string; lead_id: string };
export type EventImport = ImportJob & { errors: ShownError[] };
export type ImportJobDetail = ImportJob & { mapped: ImportMapping; errors: ShownError[]; conflicts: ShownConflict[] };

export type StoredError = [row: number, code: RowErrorCode, column: number | null, value: string];
type StoredConflict = [row: number, kind: AliasKind, value: string, owner: string];

/** Newest first. One round trip. */
export async function listImportJobs(ctx: Ctx, page: number, limit: number): Promise<{ jobs: ImportJob[]; total: number }> {
  const [jobs, count] = await ctx.db.batch([selectJobs(ctx.db, limit, (page - 1) * limit), countJobs(ctx.db)]);
  return { jobs: (jobs ?? []) as ImportJob[], total: Number(count?.[0]?.total ?? 0) };
}

/** An import of leads with its first 1,000 errors and conflicts. One round trip. Throws not_found. */
export async function requireImportJob(ctx: Ctx, jobId: string): Promise<ImportJobDetail> {
  const { job, ...notes } = await requireJob(ctx, jobId, "leads");
  return { ...job, ...notes, mapped: sentMapping(JSON.parse(job.mapping) as StoredMapping) };
}

/** An import of events with its first 1,000 errors. One round trip. Throws not_found. */
export async function requireEventImport(ctx: Ctx, jobId: string): Promise<EventImport> {
  const { job, errors } = await requireJob(ctx, jobId, "events");
  return { ...job, errors };
}

async function requireJob(ctx: Ctx, jobId: string, kind: JobKind) {
  const [jobs, files, errors, conflicts] = await ctx.db.batch([
    selectJob(ctx.db, jobId, kind),
    selectFileOfJob(ctx.db, jobId),
    selectNotes(ctx.db, jobId, "errors", NOTES_SHOWN_MAX),
    selectNotes(ctx.db, jobId, "conflicts", NOTES_SHOWN_MAX),
  ]);
  const job = jobs?.[0] as (JobRow & JobCounts) | undefined;
  if (!job) throw jobNotFound();
  const file = files?.[0] as FileRow | undefined;
  const headers = file ? (JSON.parse(file.headers) as string[]) : [];
  return {
    job,
    errors: items<StoredError>(errors).map(([row, code, column, value]) => ({
      row,
      error: ROW_ERRORS[code],
      value,
      column: column === null ? null : (headers[column] ?? null),
    })),
    conflicts: items<StoredConflict>(conflicts).map(([row, kind, value, lead_id]) => ({ row, kind, value, lead_id })),
  };
}

const sentMapping = ({ primary_identifier, field_mappings, alias_mappings }: StoredMapping): ImportMapping => ({
  primary_identifier,
  field_mappings,
  alias_mappings,
});

/** Stops an import of leads; chunks already committed stay. A job that has ended stays as it ended: conflict. */
export async function cancelImportJob(ctx: Ctx, jobId: string): Promise<ImportJob> {
  const now = ctx.now();
  const [before, , , after] = await ctx.db.batch([
    selectJob(ctx.db, jobId, "leads"),
    endJob(ctx.db, jobId, "cancelled", now, "leads"),
    releaseFile(ctx.db, jobId, now),
    selectJob(ctx.db, jobId, "leads"),
  ]);
  const was = before?.[0] as ImportJob | undefined;
  const job = after?.[0] as ImportJob | undefined;
  if (!was || !job) throw jobNotFound();
  if (was.status === "completed" || was.status === "failed") throw new AppError("conflict", `The job has ended already: ${was.status}`);
  return job;
}

export const jobNotFound = (): AppError => new AppError("not_found", "Job ID does not exist or not accessible");

const items = <Item>(rows: Record<string, unknown>[] | undefined): Item[] =>
  (rows ?? []).map((row) => JSON.parse(String(row.item)) as Item);
