/** SQL of uploaded files and import jobs. */

import type { Statement, UnitDb } from "../../context";
import type { JobKind, JobStatus, UploadFormat } from "../../vocabulary";
import type { Delimiter } from "../csv";
import { FAILED_ROWS_KEPT_SECONDS, STUCK_AFTER_SECONDS } from "./limits";

export type FileRow = {
  file_id: string;
  object_key: string;
  file_name: string;
  /** JSON: names of the columns */
  headers: string;
  delimiter: Delimiter;
  guarded: number;
  row_count: number;
  chunks: string;
  default_region: string | null;
  format: UploadFormat;
  created_at: number;
  expires_at: number;
  keep_until: number;
};

export type JobRow = JobSummary & { mapping: string };
/** `created_by`: an actor's id; `client`: the agent's, where an agent committed a plan */
export type ClaimedJob = JobRow & { created_by: string; client: string | null };

export type JobSummary = {
  job_id: string;
  file_id: string;
  file_name: string;
  kind: JobKind;
  status: JobStatus;
  total_rows: number;
  chunk_count: number;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  tried_chunk: number;
  tries: number;
  /** failed rows that have been brought in since */
  mended_count: number;
};

export type JobCounts = { created: number; changed: number; unchanged: number; failed: number; skipped: number; warned: number } & {
  /** of the upload; null when its file is no longer kept */
  format: UploadFormat | null;
};
export type CountedJobRow = JobRow & JobCounts;
/** `errors`: JSON of StoredError[] */
export type FailedChunkRow = { chunk_no: number; errors: string };

/** A running job keeps its file however long it runs. */
const HELD = 253_402_300_799_000; // the year 9999

/** Without the mapping: up to 200 KB a job, which no list shows. */
const JOB_COLUMNS =
  "j.job_id, j.file_id, j.file_name, j.kind, j.status, j.total_rows, j.chunk_count, j.created_at, j.started_at, j.completed_at, j.tried_chunk, j.tries, j.mended_count";
// counters are a sum over chunk rows, never an increment; a job that has ended keeps its sums
const countOf = (frozen: string, chunk: string) =>
  `coalesce(j.${frozen}, (SELECT sum(c.${chunk}) FROM import_chunks c WHERE c.unit = j.unit AND c.job_id = j.job_id), 0) AS ${chunk}`;
const COUNTS = [
  countOf("created_count", "created"),
  countOf("changed_count", "changed"),
  countOf("unchanged_count", "unchanged"),
  countOf("failed_count", "failed"),
  countOf("skipped_count", "skipped"),
  countOf("warned_count", "warned"),
  "(SELECT f.format FROM import_files f WHERE f.unit = j.unit AND f.file_id = j.file_id) AS format",
].join(", ");
const RUNNING = "status IN ('queued', 'in_progress')";

/** A file that is received again under its id replaces the row before, unless a job holds that. */
export const insertFile = (db: UnitDb, file: FileRow): Statement<never> =>
  db.sql(
    `INSERT INTO import_files (unit, file_id, object_key, file_name, headers, delimiter, guarded, row_count, chunks, default_region, created_at, expires_at, keep_until, format)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
     ON CONFLICT (unit, file_id) DO UPDATE SET file_name = excluded.file_name, headers = excluded.headers, delimiter = excluded.delimiter,
       guarded = excluded.guarded, row_count = excluded.row_count, chunks = excluded.chunks, default_region = excluded.default_region,
       format = excluded.format, expires_at = max(expires_at, excluded.expires_at), keep_until = max(keep_until, excluded.keep_until)
     WHERE keep_until <= expires_at`,
    file.file_id,
    file.object_key,
    file.file_name,
    file.headers,
    file.delimiter,
    file.guarded,
    file.row_count,
    file.chunks,
    file.default_region,
    file.created_at,
    file.expires_at,
    file.keep_until,
    file.format,
  );

export const selectFile = (db: UnitDb, fileId: string): Statement<FileRow> =>
  db.sql("SELECT * FROM import_files WHERE unit = ?1 AND file_id = ?2", fileId);

/** Inserts a job unless the same file runs with the same mapping: `selectRunningJob` finds that job then. */
export const insertJob = (
  db: UnitDb,
  job: Pick<JobRow, "job_id" | "file_id" | "file_name" | "kind" | "mapping" | "total_rows" | "chunk_count" | "created_at"> & {
    mapping_hash: string;
    created_by: string;
    client: string | null;
  },
): Statement<never> =>
  db.sql(
    `INSERT INTO import_jobs (unit, job_id, file_id, file_name, status, mapping, mapping_hash, total_rows, chunk_count, created_by, created_at, kind, client)
     VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
     ON CONFLICT (unit, mapping_hash) WHERE ${RUNNING} DO NOTHING`,
    job.job_id,
    job.file_id,
    job.file_name,
    job.mapping,
    job.mapping_hash,
    job.total_rows,
    job.chunk_count,
    job.created_by,
    job.created_at,
    job.kind,
    job.client,
  );

export const selectRunningJob = (db: UnitDb, mappingHash: string): Statement<JobSummary> =>
  db.sql(`SELECT ${JOB_COLUMNS} FROM import_jobs j WHERE j.unit = ?1 AND j.mapping_hash = ?2 AND j.${RUNNING}`, mappingHash);

/** Holds a file for the job that runs on it. */
export const holdFile = (db: UnitDb, fileId: string, jobId: string): Statement<never> =>
  db.sql(
    `UPDATE import_files SET keep_until = ${HELD} WHERE unit = ?1 AND file_id = ?2
       AND EXISTS (SELECT 1 FROM import_jobs j WHERE j.unit = ?1 AND j.job_id = ?3 AND j.${RUNNING})`,
    fileId,
    jobId,
  );

/** Releases a file that no job runs on: it is kept to the end of its preview's hour, and with failed rows for 7 days after its job's end. */
export const releaseFile = (db: UnitDb, jobId: string, now: number): Statement<never> =>
  db.sql(
    `UPDATE import_files SET keep_until = max(expires_at, ?3, coalesce((
         SELECT max(completed_at) + ?4 FROM import_jobs WHERE unit = ?1 AND file_id = import_files.file_id AND failed_count > 0), 0))
     WHERE unit = ?1 AND file_id = (SELECT file_id FROM import_jobs WHERE unit = ?1 AND job_id = ?2)
       AND NOT EXISTS (SELECT 1 FROM import_jobs WHERE unit = ?1 AND file_id = import_files.file_id AND ${RUNNING})`,
    jobId,
    now,
    FAILED_ROWS_KEPT_SECONDS * 1000,
  );

/**
 * Claims a job for a run and records the chunk that the run begins with. A run that failed counted itself; one that died is counted
 * here, by the next run. Returns the job; no row when it has ended.
 */
export const claimJob = (db: UnitDb, jobId: string, now: number): Statement<ClaimedJob> =>
  db.sql(
    `UPDATE import_jobs AS j SET status = 'in_progress', started_at = coalesce(started_at, ?3), run_at = ?3,
       tries = CASE WHEN run_at IS NULL OR tried_chunk <> next.chunk_no THEN 0 WHEN run_at BETWEEN 0 AND ?3 - ${STUCK_AFTER_SECONDS * 1000} THEN tries + 1 ELSE tries END,
       tried_chunk = next.chunk_no
     FROM (SELECT coalesce(max(chunk_no) + 1, 0) AS chunk_no FROM import_chunks WHERE unit = ?1 AND job_id = ?2) next
     WHERE j.unit = ?1 AND j.job_id = ?2 AND j.${RUNNING} RETURNING mapping, created_by, client, ${JOB_COLUMNS.replaceAll("j.", "")}`,
    jobId,
    now,
  );

export const selectFileOfJob = (db: UnitDb, jobId: string): Statement<FileRow> =>
  db.sql(
    "SELECT f.* FROM import_jobs j CROSS JOIN import_files f ON f.unit = j.unit AND f.file_id = j.file_id WHERE j.unit = ?1 AND j.job_id = ?2",
    jobId,
  );

/** Ends a job and freezes its counters. Does nothing to a job that has ended, nor to one of another kind than the named. */
export const endJob = (
  db: UnitDb,
  jobId: string,
  status: "completed" | "failed" | "cancelled",
  now: number,
  kind?: JobKind,
): Statement<never> =>
  db.sql(
    `UPDATE import_jobs SET status = ?3, completed_at = ?4,
       created_count = s.created, changed_count = s.changed, unchanged_count = s.unchanged, failed_count = s.failed,
       skipped_count = s.skipped, warned_count = s.warned
     FROM (SELECT coalesce(sum(created), 0) AS created, coalesce(sum(changed), 0) AS changed, coalesce(sum(unchanged), 0) AS unchanged,
       coalesce(sum(failed), 0) AS failed, coalesce(sum(skipped), 0) AS skipped, coalesce(sum(warned), 0) AS warned FROM import_chunks WHERE unit = ?1 AND job_id = ?2) s
     WHERE unit = ?1 AND job_id = ?2 AND ${RUNNING} AND kind = coalesce(?5, kind)`,
    jobId,
    status,
    now,
    kind ?? null,
  );

export const selectJob = (db: UnitDb, jobId: string, kind: JobKind): Statement<CountedJobRow> =>
  db.sql(`SELECT j.mapping, ${JOB_COLUMNS}, ${COUNTS} FROM import_jobs j WHERE j.unit = ?1 AND j.job_id = ?2 AND j.kind = ?3`, jobId, kind);

export const selectJobs = (db: UnitDb, kind: JobKind, limit: number, offset: number): Statement<JobSummary & JobCounts> =>
  db.sql(
    `SELECT ${JOB_COLUMNS}, ${COUNTS} FROM import_jobs j WHERE j.unit = ?1 AND j.kind = ?2 ORDER BY j.job_id DESC LIMIT ?3 OFFSET ?4`,
    kind,
    limit,
    offset,
  );

export const countJobs = (db: UnitDb, kind: JobKind): Statement<{ total: number }> =>
  db.sql("SELECT count(*) AS total FROM import_jobs WHERE unit = ?1 AND kind = ?2", kind);

/** The errors, warnings or conflicts of a job's rows as JSON, in file order. */
export const selectNotes = (
  db: UnitDb,
  jobId: string,
  column: "errors" | "conflicts" | "warnings",
  limit: number,
  offset = 0,
): Statement<{ item: string }> =>
  db.sql(
    `SELECT e.value AS item FROM import_chunks c CROSS JOIN json_each(c.${column}) e
     WHERE c.unit = ?1 AND c.job_id = ?2 ORDER BY c.chunk_no, e.key LIMIT ?3 OFFSET ?4`,
    jobId,
    limit,
    offset,
  );

/** The next chunks with failed rows, from `fromChunk` on. */
export const selectFailedChunks = (db: UnitDb, jobId: string, fromChunk: number, limit: number): Statement<FailedChunkRow> =>
  db.sql(
    `SELECT chunk_no, errors FROM import_chunks WHERE unit = ?1 AND job_id = ?2 AND chunk_no >= ?3 AND failed > 0 ORDER BY chunk_no LIMIT ?4`,
    jobId,
    fromChunk,
    limit,
  );

/**
 * Ends a run that failed, so that no later run counts it as dead. `counts`: whether the failure counts against the next chunk. Of runs
 * at the same time only the latest counts.
 */
export const endFailedRun = (db: UnitDb, jobId: string, claimedAt: number, counts: boolean): Statement<never> =>
  db.sql(
    `UPDATE import_jobs AS j SET run_at = -run_at,
       tries = ?4 + CASE WHEN tried_chunk = next.chunk_no THEN tries ELSE 0 END, tried_chunk = next.chunk_no
     FROM (SELECT coalesce(max(chunk_no) + 1, 0) AS chunk_no FROM import_chunks WHERE unit = ?1 AND job_id = ?2) next
     WHERE j.unit = ?1 AND j.job_id = ?2 AND j.run_at = ?3 AND j.${RUNNING}`,
    jobId,
    claimedAt,
    counts ? 1 : 0,
  );

/** One row while a job is in progress. */
export const selectStillRuns = (db: UnitDb, jobId: string): Statement<{ 1: number }> =>
  db.sql("SELECT 1 FROM import_jobs WHERE unit = ?1 AND job_id = ?2 AND status = 'in_progress'", jobId);
