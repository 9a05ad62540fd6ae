import type { ShardDb } from "../../db/client";

const STUCK_AFTER_MS = 60_000;
const JOBS_PER_SWEEP = 500;

/** Jobs that have not moved for a minute: their message was lost or their run died. */
export const findStuckBulkJobs = (db: ShardDb, now: number): Promise<{ unit: number; job_id: string }[]> =>
  db.all(
    "SELECT unit, job_id FROM bulk_jobs INDEXED BY bulk_jobs_active WHERE completed_at IS NULL AND updated_at < ?1 LIMIT ?2",
    now - STUCK_AFTER_MS,
    JOBS_PER_SWEEP,
  );
