/** SQL of saved filters. */
import type { Statement, UnitDb } from "../../context";

/** `criteria`: as they were sent */
export type SavedFilter = { filter_id: string; name: string; criteria: Record<string, unknown>; created_at: number };

export type FilterRow = Omit<SavedFilter, "criteria"> & { criteria: string };

export const selectFilters = (db: UnitDb): Statement<FilterRow> =>
  db.sql("SELECT filter_id, name, criteria, created_at FROM saved_filters WHERE unit = ?1 ORDER BY filter_id");

export const insertFilter = (db: UnitDb, filter: SavedFilter): Statement<never> =>
  db.sql(
    "INSERT INTO saved_filters (unit, filter_id, name, criteria, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    filter.filter_id,
    filter.name,
    JSON.stringify(filter.criteria),
    filter.created_at,
  );

export const deleteFilterRow = (db: UnitDb, filterId: string): Statement<{ filter_id: string }> =>
  db.sql("DELETE FROM saved_filters WHERE unit = ?1 AND filter_id = ?2 RETURNING filter_id", filterId);
