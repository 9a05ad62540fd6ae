/** Work of the cron: plans without a sign of life, and expired ones. Over all org units of one database. */
import type { ShardDb } from "../../../db/client";
import { STUCK_AFTER_SECONDS } from "../limits";
import { planPrefix, removeObjects } from "./plan-objects";

const PLANS_PER_SWEEP = 100;
/** A plan may be started, or its run end, at the last moment: both take less than this. */
const PLAN_GRACE_SECONDS = 600;

/** Plans that are not completed and whose latest run began more than a minute ago. */
export const findStuckPlans = (db: ShardDb, now: number): Promise<{ unit: number; plan_id: string }[]> =>
  db.all(
    "SELECT unit, plan_id FROM import_plans WHERE status = 'in_progress' AND max(created_at, abs(coalesce(run_at, 0))) < ?1 LIMIT ?2",
    now - STUCK_AFTER_SECONDS * 1000,
    PLANS_PER_SWEEP,
  );

/** Removes plans ten minutes after they expire, once their job, if any, has ended: objects before rows, so that a crash in between leaves a row for the next tick. */
export async function removeExpiredPlans(db: ShardDb, files: R2Bucket, now: number): Promise<number> {
  const expired = await db.all<{ unit: number; plan_id: string }>(
    `SELECT p.unit, p.plan_id FROM import_plans p WHERE p.expires_at <= ?1 AND NOT EXISTS (
       SELECT 1 FROM import_jobs j WHERE j.unit = p.unit AND j.job_id = p.job_id AND j.status IN ('queued', 'in_progress'))
     ORDER BY p.expires_at LIMIT ?2`,
    now - PLAN_GRACE_SECONDS * 1000,
    PLANS_PER_SWEEP,
  );
  if (expired.length === 0) return 0;
  for (const { unit, plan_id } of expired) await removeObjects(files, planPrefix(unit, plan_id));
  const keys = JSON.stringify(expired.map(({ unit, plan_id }) => [unit, plan_id]));
  await db.run("DELETE FROM import_plans WHERE (unit, plan_id) IN (SELECT value->>0, value->>1 FROM json_each(?1))", keys);
  return expired.length;
}
