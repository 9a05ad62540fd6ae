/** SQL that keeps up which segments are watched: active ones with an active trigger. */
import type { Statement, UnitDb } from "../../context";

const IS_WATCHED = `EXISTS (SELECT 1 FROM segments WHERE unit = ?1 AND segment_id = ?2 AND active = 1)
  AND EXISTS (SELECT 1 FROM triggers INDEXED BY triggers_living WHERE unit = ?1 AND active = 1 AND deleted_at IS NULL
    AND kind = 'segment' AND condition ->> '$.segment_id' = ?2)`;

const SUMS_ACCOUNTS = `(SELECT EXISTS (SELECT 1 FROM json_tree(s.rules) r WHERE r.key = 'type' AND r.value IN ('account_score', 'account_level'))
  FROM segments s WHERE s.unit = ?1 AND s.segment_id = ?2)`;

export const WATCH_SQL = {
  begin: `INSERT INTO segment_watches (unit, segment_id, active, since, scan_after, sums_accounts) SELECT ?1, ?2, 1, ?3, '', ${SUMS_ACCOUNTS} WHERE ${IS_WATCHED}
    ON CONFLICT (unit, segment_id) DO UPDATE SET active = 1, since = excluded.since, scan_after = '', sums_accounts = excluded.sums_accounts
    WHERE active = 0 OR ?4`,
  end: `UPDATE segment_watches SET active = 0 WHERE unit = ?1 AND segment_id = ?2 AND active = 1 AND NOT (${IS_WATCHED})`,
} as const;

/**
 * Begins or ends to watch a segment, whichever its triggers need: after the statements that write the segment or its triggers. `anew`: the
 * rules are others, so the members are recorded again.
 */
export const syncWatch = (db: UnitDb, segmentId: string, now: number, anew = false): Statement<never>[] => [
  db.sql(WATCH_SQL.begin, segmentId, now, anew ? 1 : 0),
  db.sql(WATCH_SQL.end, segmentId),
];

/**
 * Goes around the statements of a batch that change scores but must notify nobody: the leads that they queue are only recorded. A lead that
 * was queued before them, for another reason, still notifies.
 */
export const silenceQueue = (db: UnitDb, leadIds: readonly string[]): { before: Statement<never>; after: Statement<never> } => {
  const json = JSON.stringify(leadIds);
  const OF = "WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))";
  return {
    before: db.sql(`UPDATE segment_queue SET silent = -1 ${OF} AND silent = 0`, json),
    after: db.sql(`UPDATE segment_queue SET silent = iif(silent = -1, 0, 1) ${OF}`, json),
  };
};
