/**
 * What a statement that changes leads ends with, after `RETURNING`: whether the unit watches a segment. Its `UnitDb` then has the unit's
 * lane check the changed leads, which database triggers have queued in the same commit.
 */
export const WATCHED_SQL = "EXISTS (SELECT 1 FROM segment_watches WHERE unit = ?1 AND active = 1) AS watched";

/** As `WATCHED_SQL`, for statements that log changes: also whether a channel of the unit is notified of them. */
export const FOLLOWED_SQL = `EXISTS (SELECT 1 FROM change_feeds WHERE unit = ?1) OR ${WATCHED_SQL}`;
