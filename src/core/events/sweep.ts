/** Work of the cron: event types without events. Over all org units of one database. */
import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import { DAY_MS } from "../../time";

/** A type that was sent by mistake, and whose leads are deleted, counts against the quota this long. */
const UNUSED_DAYS = 30;
const UNITS_PER_TICK_MAX = 10;
const JOB = "event_types";

/**
 * Removes types that no event has any more, and counters of days that are zero, once they are 30 days old; returns how many types. A hidden
 * type stays: hiding is a setting. Ten units a tick, three statements each, of which two read the unit's counters.
 */
export async function removeUnusedTypes(db: ShardDb, now: number): Promise<number> {
  const before = now - UNUSED_DAYS * DAY_MS;
  let done = await readPosition(db, JOB, 0);
  let removed = 0;
  for (let units = 0; units < UNITS_PER_TICK_MAX; units++) {
    const [next] = await db.all<{ unit: number | null }>("SELECT min(unit) AS unit FROM event_types WHERE unit > ?1", done);
    const unit = next?.unit ?? 0;
    done = unit;
    if (unit === 0) break;
    await db.run("DELETE FROM event_counts WHERE unit = ?1 AND day < ?2 AND count = 0", unit, Math.floor(before / DAY_MS));
    const types = await db.all<{ type_key: string }>(
      `DELETE FROM event_types WHERE unit = ?1 AND hidden = 0 AND first_seen_at < ?2
         AND type_key NOT IN (SELECT type_key FROM event_counts WHERE unit = ?1 AND count <> 0) RETURNING type_key`,
      unit,
      before,
    );
    removed += types.length;
  }
  await writePosition(db, JOB, done);
  return removed;
}
