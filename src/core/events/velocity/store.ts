/** SQL of velocity filters and of the events that they look at. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import type { VelocityFilter, WatchedEvent } from "./filter";

type FilterRow = Omit<VelocityFilter, "keep_first" | "active"> & { keep_first: number; active: number };

const COLUMNS = "filter_id, event_type, type_key, threshold, window_ms, keep_first, active, created_at, updated_at";

export const readVelocityFilter = (row: FilterRow): VelocityFilter => ({
  ...row,
  keep_first: row.keep_first === 1,
  active: row.active === 1,
});

export const selectVelocityFilters = (db: UnitDb): Statement<FilterRow> =>
  db.sql(`SELECT ${COLUMNS} FROM velocity_filters WHERE unit = ?1 ORDER BY filter_id`);

export const selectActiveVelocityFilters = (db: UnitDb): Statement<FilterRow> =>
  db.sql(`SELECT ${COLUMNS} FROM velocity_filters WHERE unit = ?1 AND active = 1 ORDER BY filter_id`);

export const insertVelocityFilter = (db: UnitDb, filter: VelocityFilter): Statement<never> =>
  db.sql(
    `INSERT INTO velocity_filters (unit, ${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)`,
    filter.filter_id,
    filter.event_type,
    filter.type_key,
    filter.threshold,
    filter.window_ms,
    Number(filter.keep_first),
    Number(filter.active),
    filter.created_at,
  );

/** Returns the filter as it is then. */
export const updateVelocityFilter = (db: UnitDb, filterId: string, changes: Partial<VelocityFilter>, now: number): Statement<FilterRow> => {
  const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
  return db.sql(
    `UPDATE velocity_filters SET event_type = coalesce(?3, event_type), type_key = coalesce(?4, type_key),
       threshold = coalesce(?5, threshold), window_ms = coalesce(?6, window_ms), keep_first = coalesce(?7, keep_first),
       active = coalesce(?8, active), updated_at = max(?9, updated_at + 1)
     WHERE unit = ?1 AND filter_id = ?2 RETURNING ${COLUMNS}`,
    filterId,
    changes.event_type ?? null,
    changes.type_key ?? null,
    changes.threshold ?? null,
    changes.window_ms ?? null,
    flag(changes.keep_first),
    flag(changes.active),
    now,
  );
};

export const deleteVelocityFilterStatement = (db: UnitDb, filterId: string): Statement<{ filter_id: string }> =>
  db.sql("DELETE FROM velocity_filters WHERE unit = ?1 AND filter_id = ?2 RETURNING filter_id", filterId);

/**
 * `leads`: [lead id, first new event in ms]. For each filter, the lead's newest stored events of its type in the window before that event,
 * and since: as many as can matter, for beyond the threshold an event is one too many whatever came before. At most `rowsMax` for a
 * filter; -1: no limit.
 */
export const selectWatched = (
  db: UnitDb,
  leads: readonly (readonly [leadId: string, from: number])[],
  filters: readonly VelocityFilter[],
  addedMax: number,
  rowsMax: number,
): Statement<WatchedEvent & { lead_id: string }>[] =>
  filters.flatMap(({ type_key, threshold, window_ms }) =>
    jsonArrays(leads.map(([lead_id, from]) => JSON.stringify([lead_id, from - window_ms]))).map((json) =>
      db.sql<WatchedEvent & { lead_id: string }>(
        `SELECT e.lead_id, e.event_id, min(e.occurred_at, e.received_at) AS at, e.type_key FROM json_each(?2) r
         CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = r.value->>0 AND (e.occurred_at, e.event_id) IN (
           SELECT x.occurred_at, x.event_id FROM events x WHERE x.unit = ?1 AND x.lead_id = r.value->>0 AND x.occurred_at >= r.value->>1
             AND x.type_key = ?3 ORDER BY x.occurred_at DESC, x.event_id DESC LIMIT ?4) LIMIT ?5`,
        json,
        type_key,
        threshold + addedMax,
        rowsMax,
      ),
    ),
  );
