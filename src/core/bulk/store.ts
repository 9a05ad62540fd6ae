/** SQL of bulk jobs. */
import type { Statement, UnitDb } from "../../context";
import { guardSql } from "../../db/commit";
import type { BulkAction, BulkStatus } from "../../vocabulary";
import { LEAD_COLUMNS, type LeadRow } from "../leads";

export type BulkJobRow = {
  job_id: string;
  action: BulkAction;
  status: BulkStatus;
  target: string;
  change: string | null;
  requested_by: string;
  client: string | null;
  total: number | null;
  processed: number;
  written: number;
  refused: number;
  slices: number;
  after: string;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
};

const COLUMNS =
  "job_id, action, status, target, change, requested_by, client, total, processed, written, refused, slices, after, created_at, updated_at, completed_at";

export const selectJob = (db: UnitDb, jobId: string): Statement<BulkJobRow> =>
  db.sql(`SELECT ${COLUMNS} FROM bulk_jobs WHERE unit = ?1 AND job_id = ?2`, jobId);

/** Newest first: ids begin with the time. */
export const selectJobs = (db: UnitDb, limit: number): Statement<BulkJobRow> =>
  db.sql(`SELECT ${COLUMNS} FROM bulk_jobs WHERE unit = ?1 ORDER BY job_id DESC LIMIT ?2`, limit);

export const insertJob = (db: UnitDb, job: BulkJobRow): Statement<never> =>
  db.sql(
    `INSERT INTO bulk_jobs (unit, job_id, action, status, target, change, requested_by, total, processed, written, refused, slices, after,
       created_at, updated_at, client) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 0, '', ?9, ?9, ?10)`,
    job.job_id,
    job.action,
    job.status,
    job.target,
    job.change,
    job.requested_by,
    job.total,
    job.created_at,
    job.client,
  );

/** The leads of a list of ids in its order, as far as they fit `bytes`, the first one always. `at`: a lead's place in the list. */
export const selectListed = (db: UnitDb, ids: readonly string[], bytes: number): Statement<LeadRow & { at: number }> =>
  db.sql(
    `SELECT q.at, ${LEAD_COLUMNS} FROM (
       SELECT r.key AS at, x.lead_id, sum(octet_length(x.profile)) OVER (ORDER BY r.key) - octet_length(x.profile) AS before
       FROM json_each(?2) r CROSS JOIN leads x ON x.unit = ?1 AND x.lead_id = r.value) q
     CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = q.lead_id WHERE q.before < ?3 ORDER BY q.at`,
    JSON.stringify(ids),
    bytes,
  );

export type Slice = { processed: number; written: number; refused: number; after: string; done: boolean };

/** Marks a slice as committed. Rolls its batch back (CommitConflict on `commit_guards`) when it is committed already. */
export const markSlice = (db: UnitDb, { job_id, slices }: BulkJobRow, slice: Slice, now: number): Statement<never>[] => [
  db.sql(
    guardSql(
      "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM bulk_jobs WHERE unit = ?1 AND job_id = ?2 AND slices = ?3 AND completed_at IS NULL)",
    ),
    job_id,
    slices,
  ),
  db.sql(
    `UPDATE bulk_jobs SET slices = slices + 1, processed = processed + ?3, written = written + ?4, refused = refused + ?5, after = ?6,
       updated_at = ?7, status = iif(?8, 'completed', 'in_progress'), completed_at = iif(?8, ?7, NULL) WHERE unit = ?1 AND job_id = ?2`,
    job_id,
    slice.processed,
    slice.written,
    slice.refused,
    slice.after,
    now,
    slice.done ? 1 : 0,
  ),
];
