/** Work of the cron: jobs without a heartbeat, and expired files. Over all org units of one database. */
import type { ShardDb } from "../../db/client";
import { STUCK_AFTER_SECONDS } from "./limits";

const JOBS_PER_SWEEP = 500;
const FILES_PER_ROUND = 500;
const ROUNDS_PER_SWEEP = 20;
const FILE_GRACE_SECONDS = 60;

/** Running jobs whose newest chunk and newest run are both older than a minute: their message was lost or their run died. */
export const findStuckJobs = (db: ShardDb, now: number): Promise<{ unit: number; job_id: string }[]> =>
  db.all(
    `SELECT j.unit, j.job_id FROM import_jobs j
     WHERE j.status IN ('queued', 'in_progress') AND ?1 > max(j.created_at, abs(coalesce(j.run_at, 0)), coalesce(
       (SELECT c.committed_at FROM import_chunks c WHERE c.unit = j.unit AND c.job_id = j.job_id ORDER BY c.chunk_no DESC LIMIT 1), 0))
     LIMIT ?2`,
    now - STUCK_AFTER_SECONDS * 1000,
    JOBS_PER_SWEEP,
  );

/**
 * Removes expired files, objects before rows: a crash in between leaves rows, and the next tick removes the rest. Files stay for a minute
 * after they expire, so that a job which starts at the last moment finds its file. An object that another file still holds is left to that.
 */
export async function removeExpiredFiles(db: ShardDb, files: R2Bucket, now: number): Promise<number> {
  const before = now - FILE_GRACE_SECONDS * 1000;
  let removed = 0;
  for (let round = 0; round < ROUNDS_PER_SWEEP; round++) {
    const expired = await db.all<{ object_key: string; shared: 0 | 1 }>(
      // only files of one upload can share an object
      `SELECT object_key, instr(object_key, '/upl_') > 0 AND EXISTS (SELECT 1 FROM import_files o
         WHERE o.unit = import_files.unit AND o.object_key = import_files.object_key AND o.keep_until > ?1) AS shared
       FROM import_files WHERE keep_until <= ?1 ORDER BY keep_until LIMIT ?2`,
      before,
      FILES_PER_ROUND,
    );
    if (expired.length === 0) break;
    const keys = expired.map(({ object_key }) => object_key);
    const released = expired.flatMap(({ object_key, shared }) => (shared ? [] : [object_key]));
    if (released.length > 0) await files.delete(released);
    // checks keep_until again: a job may hold the file since
    await db.run(
      "DELETE FROM import_files WHERE keep_until <= ?1 AND object_key IN (SELECT value FROM json_each(?2))",
      before,
      JSON.stringify(keys),
    );
    removed += expired.length;
  }
  return removed;
}
