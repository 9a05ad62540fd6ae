/** Entries of watch lists that move between leads: by a merge, and back. */
import type { Statement, UnitDb } from "../../context";

export type WatchRow = {
  lead_id: string;
  watcher: string;
  watch_id: string;
  prediction: string | null;
  prediction_notes: string | null;
  score: number;
  watched_at: number;
};

/** Who watches these leads. */
export const selectWatchesOf = (db: UnitDb, leadIds: readonly string[]): Statement<WatchRow> =>
  db.sql(
    `SELECT w.lead_id, w.watcher, w.watch_id, w.prediction, w.prediction_notes, w.score, w.watched_at
     FROM json_each(?2) r CROSS JOIN watched_leads w ON w.unit = ?1 AND w.lead_id = r.value`,
    JSON.stringify(leadIds),
  );

/** Whoever watches one of the sources watches the target. An entry about the target itself stays as it is. */
export const moveAllWatches = (db: UnitDb, target: string, sources: readonly string[]): Statement<never>[] => [
  db.sql(
    "UPDATE OR IGNORE watched_leads SET lead_id = ?2 WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?3))",
    target,
    JSON.stringify(sources),
  ),
  db.sql("DELETE FROM watched_leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))", JSON.stringify(sources)),
];

/** Gives entries back to the leads that they were about; one that was removed since stays removed. `before` includes the target's own. */
export function returnWatches(db: UnitDb, target: string, before: readonly WatchRow[]): Statement<never>[] {
  const own = new Set(before.filter(({ lead_id }) => lead_id === target).map(({ watcher }) => watcher));
  const moved = before.filter(({ lead_id }) => lead_id !== target);
  // of two sources' entries of one watcher the first one moved
  const first = new Map(moved.toReversed().map((row) => [row.watcher, row.watch_id]));
  // those first that are copied from the target's entry: it may move after them
  const copied = moved.filter(({ watcher, watch_id }) => own.has(watcher) || first.get(watcher) !== watch_id);
  return [
    ...copied.map((row) =>
      db.sql<never>(
        `INSERT INTO watched_leads (unit, watcher, watch_id, lead_id, prediction, prediction_notes, score, watched_at)
         SELECT ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM watched_leads WHERE unit = ?1 AND lead_id = ?2 AND watcher = ?3 ON CONFLICT DO NOTHING`,
        target,
        row.watcher,
        row.watch_id,
        row.lead_id,
        row.prediction,
        row.prediction_notes,
        row.score,
        row.watched_at,
      ),
    ),
    ...moved
      .filter((row) => !copied.includes(row))
      .map((row) =>
        db.sql<never>(
          "UPDATE watched_leads SET lead_id = ?5 WHERE unit = ?1 AND lead_id = ?2 AND watcher = ?3 AND watch_id = ?4",
          target,
          row.watcher,
          row.watch_id,
          row.lead_id,
        ),
      ),
  ];
}
