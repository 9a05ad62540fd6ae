import type { UnitDb } from "../../context";
import { type FeedChange, placed, readFeedChange } from "./change";
import { type FeedPosition, selectBounds, selectNotified } from "./store";

export type FollowedChange = FeedChange & { commit: number };

/**
 * At most `limit` changes that webhooks are notified of, from a position on, and the position after them. `commit` grows with every
 * commit, and a lead changes once in a commit. One D1 round trip.
 */
export async function followChanges(
  db: UnitDb,
  from: FeedPosition,
  limit: number,
): Promise<{ changes: FollowedChange[]; next: FeedPosition }> {
  const [[bounds], rows] = await db.batch([selectBounds(db), selectNotified(db, from, limit + 1)]);
  const all = placed(rows, from);
  const page = all.slice(0, limit);
  const after = all[limit];
  const next = after ? { seq: after.row.seq, done: after.place } : { seq: Math.max(from.seq, (bounds?.newest ?? 0) + 1), done: 0 };
  return { changes: page.map(({ row, place }) => ({ ...readFeedChange(row, place), commit: row.seq })), next };
}
