/** Work of the cron: merges without a heartbeat, and those that can no longer be undone. Over all org units of one database. */
import type { ShardDb } from "../../db/client";
import { DAY_MS, MINUTE_MS } from "../../time";
import { UNMERGE_DAYS } from "./merge";

const MERGES_PER_SWEEP = 500;
const MERGES_PER_ROUND = 100;
const ROUNDS_PER_SWEEP = 20;

/** Running merges whose newest slice is older than a minute: their message was lost or their run died. */
export async function findStuckMerges(db: ShardDb, now: number): Promise<{ unit: number; job_id: string }[]> {
  return db.all(
    `SELECT unit, merge_id AS job_id FROM merges INDEXED BY merges_running
     WHERE status IN ('running', 'undoing') AND run_at < ?1 LIMIT ?2`,
    now - MINUTE_MS,
    MERGES_PER_SWEEP,
  );
}

/** Removes the journals of merges that are older than 30 days, at most 2,000 of them; returns how many. The merged ids still find the target. */
export async function removeOldMerges(db: ShardDb, now: number): Promise<number> {
  let removed = 0;
  for (let round = 0; round < ROUNDS_PER_SWEEP; round++) {
    const old = await db.all<{ unit: number; merge_id: string }>(
      "SELECT unit, merge_id FROM merges WHERE merged_at < ?1 AND status IN ('done', 'undone') ORDER BY merged_at LIMIT ?2",
      now - UNMERGE_DAYS * DAY_MS,
      MERGES_PER_ROUND,
    );
    if (old.length === 0) break;
    const keys = JSON.stringify(old.map(({ unit, merge_id }) => [unit, merge_id]));
    // the journal first: a crash in between leaves the merge, and the next tick removes it
    for (const table of ["merge_journal", "merges"]) {
      await db.run(`DELETE FROM ${table} WHERE (unit, merge_id) IN (SELECT value->>0, value->>1 FROM json_each(?1))`, keys);
    }
    removed += old.length;
  }
  return removed;
}
