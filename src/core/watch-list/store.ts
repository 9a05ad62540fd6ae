/** SQL of the watch list. */
import type { Statement, UnitDb } from "../../context";
import type { LeadScoreRow } from "../scoring";

export type Watch = {
  watch_id: string;
  lead_id: string;
  prediction: string | null;
  prediction_notes: string | null;
  /** of the lead, when it was watched first */
  score: number;
  watched_at: number;
};

const COLUMNS = "w.watch_id, w.lead_id, w.prediction, w.prediction_notes, w.score, w.watched_at";

export const WATCHED_SHOWN_MAX = 1_000;

type WatchedRow = Watch & { [Column in keyof Omit<LeadScoreRow, "lead_id">]: LeadScoreRow[Column] | null };

/** Latest first, each with its folded score. */
export const selectWatched = (db: UnitDb, watcher: string): Statement<WatchedRow> =>
  db.sql(
    `SELECT ${COLUMNS}, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM watched_leads w INDEXED BY watched_leads_by_watcher LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = w.lead_id
     WHERE w.unit = ?1 AND w.watcher = ?2 ORDER BY w.watched_at DESC, w.lead_id DESC LIMIT ${WATCHED_SHOWN_MAX}`,
    watcher,
  );

export const selectWatchedCount = (db: UnitDb, watcher: string): Statement<{ watched: number }> =>
  db.sql("SELECT count(*) AS watched FROM watched_leads INDEXED BY watched_leads_by_watcher WHERE unit = ?1 AND watcher = ?2", watcher);

export const selectWatch = (db: UnitDb, watcher: string, leadId: string): Statement<Watch> =>
  db.sql(`SELECT ${COLUMNS} FROM watched_leads w WHERE w.unit = ?1 AND w.lead_id = ?2 AND w.watcher = ?3`, leadId, watcher);

/** For an existing lead. A lead that is watched already keeps its entry, with the new prediction. */
export const insertWatch = (db: UnitDb, watcher: string, watch: Watch): Statement<never> =>
  db.sql(
    `INSERT INTO watched_leads (unit, lead_id, watcher, watch_id, prediction, prediction_notes, score, watched_at)
     SELECT ?1, l.lead_id, ?3, ?4, ?5, ?6, ?7, ?8 FROM leads l WHERE l.unit = ?1 AND l.lead_id = ?2
     ON CONFLICT (unit, lead_id, watcher) DO UPDATE SET prediction = excluded.prediction, prediction_notes = excluded.prediction_notes`,
    watch.lead_id,
    watcher,
    watch.watch_id,
    watch.prediction,
    watch.prediction_notes,
    watch.score,
    watch.watched_at,
  );

export const deleteWatch = (db: UnitDb, watcher: string, leadId: string): Statement<{ lead_id: string }> =>
  db.sql("DELETE FROM watched_leads WHERE unit = ?1 AND lead_id = ?2 AND watcher = ?3 RETURNING lead_id", leadId, watcher);
