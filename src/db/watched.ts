/**
 * What a statement that changes leads ends with, after `RETURNING`: whether the unit watches a segment. Its `UnitDb` then has the unit's
 * lane check the changed leads, which database triggers have queued in the same commit.
 */
export const WATCHED_SQL = "EXISTS (SELECT 1 FROM segment_watches WHERE unit = ?1 AND active = 1) AS watched";
