/** SQL of a chunk: the row that marks it as committed, and what its leads are planned from. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { type AliasOwner, ownerStatements, PROFILE_BYTES_MAX } from "../leads";
import type { RowError, RowInput, RowWarning } from "./import-row";
import { type LeadDiff, rivalKeys } from "./plan-chunk";
import type { ResolvedRow, RowConflict } from "./resolve-rows";
import { WIDE_PROFILE_SQL, writesColumns } from "./targets/targets";

/** Conflicts that a chunk keeps for its job; alias_conflicts has them all. */
const CONFLICTS_SHOWN_MAX = 500;

/** Warnings that a chunk keeps for its job: at most 1 MB in one value. */
const WARNINGS_KEPT_MAX = 2_000;

const diffsSql = (
  profile: string,
): string => `SELECT r.value->>0 AS at, octet_length(l.profile) AS bytes, json_array_length(l.aliases) AS aliases,
      CASE WHEN octet_length(l.profile) + octet_length(r.value->2) > ${PROFILE_BYTES_MAX} THEN octet_length(json_patch(l.profile, r.value->2)) END AS merged,
      (SELECT json_group_array(p.key) FROM json_each(r.value->2) p
       WHERE json_extract(${profile}, '$."' || p.key || '"') IS NOT p.value
         OR json_type(${profile}, '$."' || p.key || '"') IN ('object', 'array')) AS changed,
      (SELECT json_group_array(p.value) FROM json_each(r.value->3) p
       WHERE coalesce(json_extract(${profile}, '$."' || p.value || '"'), '') <> '') AS filled
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>1`;

export const SQL = {
  diffs: diffsSql("l.profile"),
  wideDiffs: diffsSql(WIDE_PROFILE_SQL),
  fillsStillBlank: guardSql(
    `SELECT 1 FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0
     WHERE EXISTS (SELECT 1 FROM json_each(r.value->1) p WHERE coalesce(json_extract(${WIDE_PROFILE_SQL}, '$."' || p.value || '"'), '') <> '')`,
  ),
  jobStillRuns: guardSql(
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM import_jobs WHERE unit = ?1 AND job_id = ?2 AND status = 'in_progress')",
  ),
  insertChunk: `INSERT INTO import_chunks (unit, job_id, chunk_no, created, changed, unchanged, failed, errors, conflicts, committed_at,
      skipped, warned, warnings)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,
} as const;

/** Statements that return which leads own the aliases of these rows. */
export const rowOwnerStatements = (db: UnitDb, inputs: readonly RowInput[]): Statement<AliasOwner>[] =>
  ownerStatements(
    db,
    inputs.flatMap(({ primary, aliases }) => [primary, ...aliases]),
  );

/** How stored leads differ from the rows that identify them, by the row's position. One round trip; none when every lead is new. */
export async function loadDiffs(db: UnitDb, rows: readonly ResolvedRow[]): Promise<Map<number, LeadDiff>> {
  const items: string[] = [];
  let wide = false;
  for (const [at, { isNew, lead_id, input }] of rows.entries()) {
    if (isNew) continue;
    wide ||= writesColumns(input);
    const probed = input.fills ? `,${JSON.stringify([...input.fills.keys()].flatMap(rivalKeys))}` : "";
    items.push(`[${at},"${lead_id}",${input.patchJson}${probed}]`);
  }
  const statements = jsonArrays(items).map((json) => db.sql<DiffRow>(wide ? SQL.wideDiffs : SQL.diffs, json));
  if (statements.length === 0) return new Map();
  const found = await db.batch(statements);
  return new Map(
    found.flat().map(({ at, changed, filled, ...diff }) => [at, { ...diff, changed: textSet(changed), filled: textSet(filled) }]),
  );
}

/** Rolls a chunk back when a field that its plan fills has a value by now. */
export const fillsStillBlank = (db: UnitDb, fills: ReadonlyMap<string, readonly string[]>): Statement<never>[] =>
  jsonArrays(Array.from(fills, (fill) => JSON.stringify(fill))).map((json) => db.sql(SQL.fillsStillBlank, json));

/** `changed`, `filled`: JSON of keys */
type DiffRow = Omit<LeadDiff, "changed" | "filled"> & { at: number; changed: string; filled: string };

function textSet(json: string): ReadonlySet<string> {
  const texts: string[] = JSON.parse(json);
  return new Set(texts);
}

export type ChunkResult = {
  job_id: string;
  chunk_no: number;
  /** `skipped` are part of `unchanged` */
  counts: { created: number; changed: number; unchanged: number; skipped?: number };
  errors: readonly RowError[];
  warnings?: readonly RowWarning[];
  conflicts: readonly RowConflict[];
  now: number;
};

/** Marks a chunk as committed. Rolls its batch back when the chunk is committed already or its job no longer runs. */
export const chunkMark = (
  db: UnitDb,
  { job_id, chunk_no, counts, errors, warnings = [], conflicts, now }: ChunkResult,
): Statement<never>[] => [
  db.sql(SQL.jobStillRuns, job_id),
  db.sql(
    SQL.insertChunk,
    job_id,
    chunk_no,
    counts.created,
    counts.changed,
    counts.unchanged,
    errors.length,
    errors.length === 0 ? null : JSON.stringify(errors.map(({ row, code, column, value }) => [row, code, column, value])),
    conflicts.length === 0
      ? null
      : JSON.stringify(conflicts.slice(0, CONFLICTS_SHOWN_MAX).map(({ row, kind, value, owner }) => [row, kind, value, owner])),
    now,
    counts.skipped ?? 0,
    warnings.length,
    warnings.length === 0
      ? null
      : JSON.stringify(warnings.slice(0, WARNINGS_KEPT_MAX).map(({ row, code, column, value }) => [row, code, column, value])),
  ),
];
