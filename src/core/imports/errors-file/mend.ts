/** Rows that failed in an earlier import and have been brought in by its errors file. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import type { CsvRow } from "../../csv";
import type { RowError } from "../import-row";
import { readTrail, type TrailColumns } from "./trail";

/** By job; a file that was put together from more of them than this counts for these. */
const JOBS_PER_CHUNK_MAX = 10;

const SQL = {
  mendChunks: `UPDATE import_chunks AS c SET mended = (SELECT json_group_array(failed) FROM (
      SELECT m.value AS failed FROM json_each(coalesce(c.mended, '[]')) m
      UNION SELECT e.value->>0 FROM json_each(c.errors) e WHERE e.value->>0 IN (SELECT value FROM json_each(?3))))
    WHERE c.unit = ?1 AND c.job_id = ?2 AND c.failed > 0
      AND EXISTS (SELECT 1 FROM json_each(c.errors) e WHERE e.value->>0 IN (SELECT value FROM json_each(?3)))`,
  countMended: `UPDATE import_jobs SET mended_count = (SELECT coalesce(sum(json_array_length(c.mended)), 0) FROM import_chunks c
      WHERE c.unit = ?1 AND c.job_id = ?2) WHERE unit = ?1 AND job_id = ?2`,
} as const;

/**
 * For the batch that commits a chunk of an errors file: its rows that did not fail again no longer count as open in the jobs in which they
 * failed. A row counts once, however often it is brought in. Nothing for any other file.
 */
export function mendWrites(
  db: UnitDb,
  rows: readonly CsvRow[],
  errors: readonly Pick<RowError, "row">[],
  columns: TrailColumns | null,
): Statement<never>[] {
  if (columns === null) return [];
  const failed = new Set(errors.map(({ row }) => row));
  const mended = new Map<string, Set<number>>();
  for (const { row, cells } of rows) {
    if (failed.has(row)) continue;
    for (const earlier of readTrail(cells, columns)) {
      const known = mended.get(earlier.job_id);
      if (known) known.add(earlier.row);
      else if (mended.size < JOBS_PER_CHUNK_MAX) mended.set(earlier.job_id, new Set([earlier.row]));
    }
  }
  return [...mended].flatMap(([job_id, its]) => [
    ...jsonArrays([...its].map(String)).map((json) => db.sql<never>(SQL.mendChunks, job_id, json)),
    db.sql<never>(SQL.countMended, job_id),
  ]);
}
