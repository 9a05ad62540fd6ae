/** Work of the cron: sources that are due. Over all org units of one database. */
import type { ShardDb } from "../../../db/client";

const SOURCES_PER_TICK = 500;

export const findDueSources = (db: ShardDb, now: number): Promise<{ unit: number; source_id: string }[]> =>
  db.all(
    "SELECT unit, source_id FROM import_sources WHERE active = 1 AND next_poll_at <= ?1 ORDER BY next_poll_at LIMIT ?2",
    now,
    SOURCES_PER_TICK,
  );
