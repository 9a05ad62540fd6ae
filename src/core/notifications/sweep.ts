/** Periodic work over all org units: deliveries that are due without a message, and old ones to remove. */
import type { ShardDb } from "../../db/client";
import { DUE_GRACE_SECONDS, FINISHED_KEPT_SECONDS } from "./limits";

const DELIVERIES_PER_SWEEP = 1000;
const REMOVED_PER_ROUND = 500;
const ROUNDS_PER_SWEEP = 20;

/** Overdue deliveries, oldest first: their message was lost or early, or their sender died. */
export const findDueDeliveries = (db: ShardDb, now: number): Promise<{ unit: number; delivery_id: string }[]> =>
  db.all(
    `SELECT unit, delivery_id FROM deliveries INDEXED BY deliveries_due
     WHERE status = 'pending' AND next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?2`,
    now - DUE_GRACE_SECONDS * 1000,
    DELIVERIES_PER_SWEEP,
  );

/** Removes deliveries that ended 30 days ago; returns how many. Attempts go first, so a crash in between leaves the delivery for the next run. */
export async function removeOldDeliveries(db: ShardDb, now: number): Promise<number> {
  const before = now - FINISHED_KEPT_SECONDS * 1000;
  let removed = 0;
  for (let round = 0; round < ROUNDS_PER_SWEEP; round++) {
    const old = await db.all<{ unit: number; delivery_id: string }>(
      "SELECT unit, delivery_id FROM deliveries INDEXED BY deliveries_finished WHERE finished_at <= ?1 ORDER BY finished_at LIMIT ?2",
      before,
      REMOVED_PER_ROUND,
    );
    if (old.length === 0) break;
    const keys = JSON.stringify(old.map(({ unit, delivery_id }) => [unit, delivery_id]));
    const listed = "(unit, delivery_id) IN (SELECT value->>0, value->>1 FROM json_each(?1))";
    await db.run(`DELETE FROM delivery_attempts WHERE ${listed}`, keys);
    // finished_at again: a replay may have reopened the delivery
    await db.run(`DELETE FROM deliveries WHERE ${listed} AND finished_at <= ?2`, keys, before);
    removed += old.length;
  }
  return removed;
}
