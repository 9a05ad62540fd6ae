/** SQL that reads the log of changes and trims it. */
import type { Statement, UnitDb } from "../../context";
import type { ShardDb } from "../../db/client";

/** `kind` and `next` are JSON. */
export type FeedRow = { seq: number; at: number; source: string; lead_id: string; kind: string };
export type HistoryRow = FeedRow & { actor: string; request_id: string; next: string };

/** Where a page of the feed begins: `done` changes of the commit `seq` have been read. */
export type FeedPosition = { seq: number; done: number };

const MIDDLE_AT = "coalesce((SELECT at FROM change_log WHERE unit = ?1 AND seq = (b.low + b.high) / 2), 0)";
const PAGE = (condition: string) => `SELECT c.seq, c.at, c.source, e.key AS lead_id, c.kinds -> (e.value ->> 0) AS kind
    FROM change_log c CROSS JOIN json_each(c.changes) e WHERE c.unit = ?1 AND c.seq >= ?2${condition} ORDER BY c.seq LIMIT ?3 OFFSET ?4`;
const OF_LEAD = (lead: string, member: number) => `c.changes ->> ('$."' || ${lead} || '"[${member}]')`;

export const CHANGES_SQL = {
  bounds: "SELECT (SELECT min(seq) FROM change_log WHERE unit = ?1) AS oldest, (SELECT max(seq) FROM change_log WHERE unit = ?1) AS newest",
  // the first commit of a time, by bisection: the log has no index by time, and needs none
  since: `WITH RECURSIVE b(low, high) AS (
      SELECT (SELECT min(seq) FROM change_log WHERE unit = ?1), (SELECT max(seq) + 1 FROM change_log WHERE unit = ?1)
      UNION ALL
      SELECT CASE WHEN ${MIDDLE_AT} < ?2 THEN (low + high) / 2 + 1 ELSE low END,
        CASE WHEN ${MIDDLE_AT} < ?2 THEN high ELSE (low + high) / 2 END FROM b WHERE low < high)
    SELECT low AS seq FROM b WHERE low >= high`,
  page: PAGE(""),
  notified: PAGE(" AND c.source ->> '$.silent' IS NULL"),
  // `next`: the changes before this one, of the lead and of those that it took in
  history: (start: string) => `WITH RECURSIVE walk(lead, seq) AS (
      ${start}
      UNION ALL
      SELECT n.value, ${OF_LEAD("n.value", 1)} FROM walk w CROSS JOIN change_log c ON c.unit = ?1 AND c.seq = w.seq
        CROSS JOIN json_each(json_insert(coalesce(c.kinds -> (${OF_LEAD("w.lead", 0)}) -> 2, '[]'), '$[#]', w.lead)) n
        WHERE ${OF_LEAD("n.value", 1)} IS NOT NULL
      ORDER BY 2 DESC LIMIT ?3)
    SELECT w.seq, w.lead AS lead_id, c.at, c.source, c.actor, c.request_id, c.kinds -> (${OF_LEAD("w.lead", 0)}) AS kind,
      (SELECT json_group_array(json_array(n.value, ${OF_LEAD("n.value", 1)}))
       FROM json_each(json_insert(coalesce(c.kinds -> (${OF_LEAD("w.lead", 0)}) -> 2, '[]'), '$[#]', w.lead)) n
       WHERE ${OF_LEAD("n.value", 1)} IS NOT NULL) AS next
    FROM walk w CROSS JOIN change_log c ON c.unit = ?1 AND c.seq = w.seq ORDER BY w.seq DESC`,
} as const;

export const selectBounds = (db: UnitDb): Statement<{ oldest: number | null; newest: number | null }> => db.sql(CHANGES_SQL.bounds);

/** Returns the number of the first commit at or after this time; if all are older, the newest number plus one. No row for an empty log. */
export const selectSince = (db: UnitDb, at: number): Statement<{ seq: number | null }> => db.sql(CHANGES_SQL.since, at);

export const selectPage = (db: UnitDb, { seq, done }: FeedPosition, limit: number): Statement<FeedRow> =>
  db.sql(CHANGES_SQL.page, seq, limit, done);

/** As `selectPage`, without silent changes. */
export const selectNotified = (db: UnitDb, { seq, done }: FeedPosition, limit: number): Statement<FeedRow> =>
  db.sql(CHANGES_SQL.notified, seq, limit, done);

/** A lead's newest changes, or those from `frontier` (pairs of a lead and a commit) on. */
export const selectHistory = (
  db: UnitDb,
  leadId: string,
  frontier: readonly (readonly [lead: string, seq: number])[] | null,
  limit: number,
): Statement<HistoryRow> =>
  frontier === null
    ? db.sql(
        CHANGES_SQL.history("SELECT lead_id, last_change FROM leads WHERE unit = ?1 AND lead_id = ?2 AND last_change IS NOT NULL"),
        leadId,
        limit,
      )
    : db.sql(CHANGES_SQL.history("SELECT value->>0, value->>1 FROM json_each(?2)"), JSON.stringify(frontier), limit);

/**
 * Removes at most `max` commits that are older than a time, the oldest of each unit first; a unit's newest always stays, since the next
 * one is numbered after it. Returns how many.
 */
export const deleteOldChanges = async (db: ShardDb, before: number, max: number): Promise<number> =>
  (
    await db.all(
      `DELETE FROM change_log WHERE (unit, seq) IN (
         WITH RECURSIVE units(unit) AS (
           SELECT min(unit) FROM change_log UNION ALL
           SELECT (SELECT min(unit) FROM change_log WHERE unit > u.unit) FROM units u WHERE u.unit IS NOT NULL)
         SELECT c.unit, c.seq FROM units u CROSS JOIN change_log c ON c.unit = u.unit
         WHERE (SELECT at FROM change_log WHERE unit = u.unit ORDER BY seq LIMIT 1) < ?1
           AND c.at < ?1 AND c.seq < (SELECT max(seq) FROM change_log WHERE unit = u.unit) LIMIT ?2) RETURNING 1 AS n`,
      before,
      max,
    )
  ).length;
