/** SQL of how far channels have been notified of changes of leads. */
import type { Statement, UnitDb } from "../../context";
import type { ShardDb } from "../../db/client";
import type { FeedPosition } from "../changes";

export type FeedRow = FeedPosition & {
  channel_id: string;
  /** JSON array of NotificationEvent */
  events: string;
  /** deliveries that have not ended, counted up to a limit */
  pending: number;
};

const SUBSCRIBES = `EXISTS (SELECT 1 FROM notification_channels c CROSS JOIN json_each(c.events) e
  WHERE c.unit = ?1 AND c.channel_id = ?2 AND e.value LIKE 'lead.%')`;

/**
 * For the batch that writes or deletes a channel, after that statement. A channel that subscribes to events of leads is notified of commits
 * from now on; any other channel of none.
 */
export const syncFeed = (db: UnitDb, channelId: string): [begin: Statement<never>, end: Statement<never>] => [
  db.sql(
    `INSERT INTO change_feeds (unit, channel_id, seq, done)
     SELECT ?1, ?2, coalesce((SELECT max(seq) FROM change_log WHERE unit = ?1), 0) + 1, 0 WHERE ${SUBSCRIBES}
     ON CONFLICT (unit, channel_id) DO NOTHING`,
    channelId,
  ),
  db.sql(`DELETE FROM change_feeds WHERE unit = ?1 AND channel_id = ?2 AND NOT ${SUBSCRIBES}`, channelId),
];

/** Channels that have not been notified of every commit. */
export const selectFeeds = (db: UnitDb, pendingMax: number): Statement<FeedRow> =>
  db.sql(
    `SELECT f.channel_id, f.seq, f.done, c.events, (SELECT count(*) FROM (SELECT 1 FROM deliveries d INDEXED BY deliveries_pending
       WHERE d.unit = ?1 AND d.channel_id = f.channel_id AND d.status = 'pending' LIMIT ?2)) AS pending
     FROM change_feeds f CROSS JOIN notification_channels c ON c.unit = ?1 AND c.channel_id = f.channel_id
     WHERE f.unit = ?1 AND f.seq <= (SELECT max(seq) FROM change_log WHERE unit = ?1)`,
    pendingMax,
  );

/** Moves forward only: another run may be ahead. */
export const moveFeed = (db: UnitDb, channelId: string, { seq, done }: FeedPosition): Statement<never> =>
  db.sql(
    "UPDATE change_feeds SET seq = ?3, done = ?4 WHERE unit = ?1 AND channel_id = ?2 AND (seq, done) < (?3, ?4)",
    channelId,
    seq,
    done,
  );

/** Units with a channel that has not been notified of every commit, of a whole database: one row for each. */
export const findUnitsToNotify = (db: ShardDb): Promise<{ unit: number }[]> =>
  db.all(
    `SELECT DISTINCT f.unit FROM change_feeds f
     WHERE f.seq <= (SELECT c.seq FROM change_log c WHERE c.unit = f.unit ORDER BY c.seq DESC LIMIT 1)`,
  );
