/** SQL of a job's progress: its committed chunks are the log. */
import type { Statement, UnitDb } from "../../../context";
import type { JobKind, JobStatus } from "../../../vocabulary";
import type { JobSummary } from "../store";

/** Rows of a job so far. */
export type Sums = { created: number; changed: number; unchanged: number; failed: number };

/** `headers`: JSON, null when the file is no longer kept; `committed_at`: null before the first chunk */
export type FollowedRow = Pick<JobSummary, "status" | "total_rows" | "chunk_count" | "started_at"> &
  Sums & { headers: string | null; committed_at: number | null };

/** `errors`: JSON of StoredError[] */
export type ChunkRow = Sums & { chunk_no: number; errors: string | null; committed_at: number };

/** A job, with the sums of its chunks up to `last`. */
export const selectFollowed = (db: UnitDb, jobId: string, kind: JobKind, last: number): Statement<FollowedRow> =>
  db.sql(
    `SELECT j.status, j.total_rows, j.chunk_count, j.started_at, s.created, s.changed, s.unchanged, s.failed, s.committed_at,
       (SELECT f.headers FROM import_files f WHERE f.unit = j.unit AND f.file_id = j.file_id) AS headers
     FROM import_jobs j CROSS JOIN (SELECT coalesce(sum(created), 0) AS created, coalesce(sum(changed), 0) AS changed,
       coalesce(sum(unchanged), 0) AS unchanged, coalesce(sum(failed), 0) AS failed, max(committed_at) AS committed_at
       FROM import_chunks WHERE unit = ?1 AND job_id = ?2 AND chunk_no <= ?4) s
     WHERE j.unit = ?1 AND j.job_id = ?2 AND j.kind = ?3`,
    jobId,
    kind,
    last,
  );

export const selectState = (db: UnitDb, jobId: string): Statement<{ status: JobStatus; started_at: number | null }> =>
  db.sql("SELECT status, started_at FROM import_jobs WHERE unit = ?1 AND job_id = ?2", jobId);

/** The next chunks after `last`, in file order. */
export const selectChunksAfter = (db: UnitDb, jobId: string, last: number, limit: number): Statement<ChunkRow> =>
  db.sql(
    `SELECT chunk_no, created, changed, unchanged, failed, errors, committed_at FROM import_chunks
     WHERE unit = ?1 AND job_id = ?2 AND chunk_no > ?3 ORDER BY chunk_no LIMIT ?4`,
    jobId,
    last,
    limit,
  );
