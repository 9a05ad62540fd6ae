/** Columns mapped with `unless_edited_by: person` leave a field alone if a person wrote it last. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays, queryGroups } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { readSources, type StoredSources, supersededKeys, wasEditedByPerson } from "../leads";
import { rivalKeys } from "./plan-chunk";
import type { RowPlanner } from "./plan-rows";
import type { ResolvedRow } from "./resolve-rows";

export const SPARE_SQL = {
  writers: `SELECT l.lead_id, l.version, l.sources, (SELECT json_group_array(e.key) FROM json_each(l.profile) e) AS keys
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value`,
  versionsHold: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.key AND l.version = r.value)",
  ),
} as const;

type WritersRow = { lead_id: string; version: number; sources: string | null; keys: string };

/** A cell that is not written; `field` is the profile field. */
export type SparedCell = { row: number; field: string };

/**
 * A planner whose rows spare what people wrote. One D1 round trip more for a chunk with such columns and known leads. `spared`: of the attempt
 * that was planned last.
 */
export function sparingEdits(db: UnitDb, planner: RowPlanner): { planner: RowPlanner; spared: () => SparedCell[] } {
  let spared: SparedCell[] = [];
  let versions: Record<string, number> = {};
  return {
    spared: () => spared,
    planner: {
      ...planner,
      async spare(rows) {
        spared = [];
        const leads = await loadWriters(db, rows);
        versions = Object.fromEntries(Array.from(leads, ([id, { version }]) => [id, version]));
        return rows.map((row) => {
          const lead = leads.get(row.lead_id);
          const result = lead ? spareEdits(row, lead.isEdited) : { row, fields: [] };
          spared.push(...result.fields.map((field) => ({ row: row.input.row, field })));
          return result.row;
        });
      },
      guards: () => [...(planner.guards?.() ?? []), ...versionsHold(db, versions)],
    },
  };
}

/** The row without the cells whose field, or a field that its value would remove, was edited. Pure. */
function spareEdits(row: ResolvedRow, isEdited: (field: string) => boolean): { row: ResolvedRow; fields: string[] } {
  const fields = (row.input.guarded ?? []).filter((field) => rivalKeys(field).some(isEdited));
  if (fields.length === 0) return { row, fields };
  const patch = new Map(row.input.patch);
  const fills = new Map(row.input.fills);
  for (const field of fields) {
    patch.delete(field);
    fills.delete(field);
  }
  // what only a spared value would have removed stays
  const removed = new Set(supersededKeys((key) => (patch.get(key) ?? null) !== null));
  for (const key of fields.flatMap(rivalKeys)) if (patch.get(key) === null && !removed.has(key)) patch.delete(key);
  const { fills: _, ...input } = row.input;
  const patchJson = JSON.stringify(Object.fromEntries(patch));
  return { row: { ...row, input: { ...input, patch, patchJson, ...(fills.size > 0 ? { fills } : {}) } }, fields };
}

type Writers = { version: number; isEdited: (field: string) => boolean };

async function loadWriters(db: UnitDb, rows: readonly ResolvedRow[]): Promise<Map<string, Writers>> {
  const ids = new Set(rows.filter(({ isNew, input }) => !isNew && input.guarded).map(({ lead_id }) => JSON.stringify(lead_id)));
  if (ids.size === 0) return new Map();
  const { found } = await queryGroups(db, { found: jsonArrays([...ids]).map((json) => db.sql<WritersRow>(SPARE_SQL.writers, json)) });
  return new Map(found.map((row) => [row.lead_id, { version: row.version, isEdited: editedFields(readSources(row.sources), row.keys) }]));
}

/** The lead's creator counts for the fields that it has; a field that somebody removed is named by who removed it. */
function editedFields(sources: StoredSources, keys: string): (field: string) => boolean {
  const [, ...later] = sources;
  const known = new Set<string>([...(JSON.parse(keys) as string[]), ...later.flatMap(([, , , fields]) => fields)]);
  return (field) => known.has(field) && wasEditedByPerson(sources, field);
}

const versionsHold = (db: UnitDb, versions: Readonly<Record<string, number>>): Statement<never>[] =>
  Object.keys(versions).length === 0 ? [] : [db.sql(SPARE_SQL.versionsHold, JSON.stringify(versions))];
