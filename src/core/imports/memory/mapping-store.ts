/** SQL of remembered mappings. */
import type { Statement, UnitDb } from "../../../context";

/** `headers`: JSON array; `mapping`: JSON of a SuggestedMapping */
export type MappingRow = {
  mapping_id: string;
  name: string;
  headers: string;
  mapping: string;
  used_count: number;
  created_at: number;
  used_at: number;
};

/** The least recently used beyond these are forgotten. */
const MAPPINGS_KEPT_MAX = 200;
const COLUMNS = "mapping_id, name, headers, mapping, used_count, created_at, used_at";

/** A name that somebody gave stays. */
export const rememberMapping = (
  db: UnitDb,
  { mapping_id, name, headers, mapping }: Pick<MappingRow, "mapping_id" | "name" | "headers" | "mapping">,
  now: number,
): Statement<never>[] => [
  db.sql(
    `INSERT INTO import_mappings (unit, mapping_id, name, headers, mapping, used_count, created_at, used_at)
     VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)
     ON CONFLICT (unit, mapping_id) DO UPDATE SET headers = ?4, mapping = ?5, used_count = used_count + 1, used_at = ?6`,
    mapping_id,
    name,
    headers,
    mapping,
    now,
  ),
  db.sql(
    `DELETE FROM import_mappings WHERE unit = ?1 AND mapping_id IN (
       SELECT mapping_id FROM import_mappings WHERE unit = ?1 ORDER BY used_at DESC, mapping_id LIMIT -1 OFFSET ${MAPPINGS_KEPT_MAX})`,
  ),
];

export const selectMapping = (db: UnitDb, mappingId: string): Statement<MappingRow> =>
  db.sql(`SELECT ${COLUMNS} FROM import_mappings WHERE unit = ?1 AND mapping_id = ?2`, mappingId);

/** The last used first. */
export const selectMappings = (db: UnitDb, limit: number, offset: number): Statement<MappingRow> =>
  db.sql(`SELECT ${COLUMNS} FROM import_mappings WHERE unit = ?1 ORDER BY used_at DESC, mapping_id LIMIT ?2 OFFSET ?3`, limit, offset);

export const countMappings = (db: UnitDb): Statement<{ total: number }> =>
  db.sql("SELECT count(*) AS total FROM import_mappings WHERE unit = ?1");

/** Null leaves a field as it is. */
export const updateMapping = (
  db: UnitDb,
  mappingId: string,
  { name, mapping }: { name: string | null; mapping: string | null },
): Statement<MappingRow> =>
  db.sql(
    `UPDATE import_mappings SET name = coalesce(?3, name), mapping = coalesce(?4, mapping)
     WHERE unit = ?1 AND mapping_id = ?2 RETURNING ${COLUMNS}`,
    mappingId,
    name,
    mapping,
  );

export const deleteMappingRow = (db: UnitDb, mappingId: string): Statement<{ mapping_id: string }> =>
  db.sql("DELETE FROM import_mappings WHERE unit = ?1 AND mapping_id = ?2 RETURNING mapping_id", mappingId);
