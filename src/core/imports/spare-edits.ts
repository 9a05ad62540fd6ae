/** Columns mapped with `unless_edited_by: person` leave alone what a person wrote last. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays, queryGroups } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { AliasKind } from "../../vocabulary";
import {
  aliasSource,
  consentSource,
  type LeadRow,
  readConsent,
  readSources,
  SOURCE_KEYS,
  supersededKeys,
  wasEditedByPerson,
} from "../leads";
import { type GuardedColumn, sourceOfKey } from "./guarded-columns";
import type { RowInput } from "./import-row";
import { rivalKeys } from "./plan-chunk";
import type { RowPlanner } from "./plan-rows";
import type { ResolvedRow } from "./resolve-rows";

export const SPARE_SQL = {
  writers: `SELECT l.lead_id, l.version, l.sources, l.status, l.owner_id, l.account_id, l.consent,
      (SELECT json_group_array(e.key) FROM json_each(l.profile) e) AS keys,
      (SELECT json_group_array(DISTINCT e.value->>0) FROM json_each(l.aliases) e) AS kinds
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value`,
  versionsHold: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.key AND l.version = r.value)",
  ),
} as const;

type WritersRow = Pick<LeadRow, "lead_id" | "version" | "status" | "owner_id" | "account_id" | "consent"> & {
  sources: string | null;
  /** JSON: keys of the profile, and kinds of aliases */
  keys: string;
  kinds: string;
};

/** A cell that is not written; `column` is its place in the file. */
export type SparedCell = { row: number; column: number };

/**
 * A planner whose rows spare what people wrote. One D1 round trip more for a chunk with such columns and known leads, two where it spares
 * aliases. `spared`: of the attempt that was planned last.
 */
export function sparingEdits(db: UnitDb, planner: RowPlanner): { planner: RowPlanner; spared: () => SparedCell[] } {
  let values: SparedCell[] = [];
  const aliases = new Map<string, SparedCell>();
  let versions: Record<string, number> = {};
  return {
    spared: () => [...values, ...aliases.values()],
    planner: {
      ...planner,
      async spare(rows) {
        values = [];
        const leads = await loadWriters(db, rows);
        versions = Object.fromEntries(Array.from(leads, ([id, { version }]) => [id, version]));
        const without = new Map<number, RowInput>();
        const kept = rows.map((row) => {
          const lead = leads.get(row.lead_id);
          const guarded = (lead && row.input.guarded) ?? [];
          const edited = guarded.filter((column) => lead && isEditedColumn(column, lead.isEdited));
          for (const column of sparedAliases(row, edited)) aliases.set(`${row.input.row}.${column}`, { row: row.input.row, column });
          const input = withoutAliases(row.input, edited);
          if (input !== row.input) without.set(row.input.row, input);
          const result = spareValues({ ...row, input }, edited);
          values.push(...result.columns.map((column) => ({ row: row.input.row, column })));
          return result.row;
        });
        return { rows: kept, without };
      },
      guards: () => [...(planner.guards?.() ?? []), ...versionsHold(db, versions)],
    },
  };
}

const isEditedColumn = ({ keys, aliases }: GuardedColumn, isEdited: (source: string) => boolean): boolean =>
  (aliases !== undefined && isEdited(aliasSource(aliases))) || keys.some((key) => rivalKeys(key).map(sourceOfKey).some(isEdited));

const isOf =
  (edited: readonly GuardedColumn[]) =>
  ({ column, kind }: RowInput["primary"]): boolean =>
    edited.some((guarded) => guarded.column === column && guarded.aliases === kind);

/** Columns whose aliases the row would attach. */
const sparedAliases = ({ attached, input }: ResolvedRow, edited: readonly GuardedColumn[]): number[] =>
  attached.filter((alias) => alias !== input.primary && isOf(edited)(alias)).map(({ column }) => column);

/** The input itself where it has none of them. */
function withoutAliases(input: RowInput, edited: readonly GuardedColumn[]): RowInput {
  const aliases = input.aliases.filter((alias) => !isOf(edited)(alias));
  return aliases.length === input.aliases.length ? input : { ...input, aliases };
}

/** The row without the cells whose field, or a field that its value would remove, was edited. Pure. */
function spareValues(row: ResolvedRow, edited: readonly GuardedColumn[]): { row: ResolvedRow; columns: number[] } {
  const patch = new Map(row.input.patch);
  const fills = new Map(row.input.fills);
  const columns = edited.filter(({ keys }) => keys.some((key) => patch.has(key) || fills.has(key))).map(({ column }) => column);
  const keys = edited.flatMap((guarded) => guarded.keys);
  if (keys.length === 0) return { row, columns };
  for (const key of keys) {
    patch.delete(key);
    fills.delete(key);
  }
  // what only a spared value would have removed stays
  const removed = new Set(supersededKeys((key) => (patch.get(key) ?? null) !== null));
  for (const key of keys.flatMap(rivalKeys)) if (patch.get(key) === null && !removed.has(key)) patch.delete(key);
  const { fills: _, ...input } = row.input;
  const patchJson = JSON.stringify(Object.fromEntries(patch));
  return { row: { ...row, input: { ...input, patch, patchJson, ...(fills.size > 0 ? { fills } : {}) } }, columns };
}

type Writers = { version: number; isEdited: (source: string) => boolean };

async function loadWriters(db: UnitDb, rows: readonly ResolvedRow[]): Promise<Map<string, Writers>> {
  const ids = new Set(rows.filter(({ isNew, input }) => !isNew && input.guarded).map(({ lead_id }) => JSON.stringify(lead_id)));
  if (ids.size === 0) return new Map();
  const { found } = await queryGroups(db, { found: jsonArrays([...ids]).map((json) => db.sql<WritersRow>(SPARE_SQL.writers, json)) });
  return new Map(found.map((row) => [row.lead_id, { version: row.version, isEdited: editedFields(row) }]));
}

/** The lead's creator counts for the fields that it has; a field that somebody removed is named by who removed it. */
function editedFields(row: WritersRow): (source: string) => boolean {
  const sources = readSources(row.sources);
  const [, ...later] = sources;
  const known = new Set<string>([...heldSources(row), ...later.flatMap(([, , , fields]) => fields)]);
  return (source) => known.has(source) && wasEditedByPerson(sources, source);
}

const heldSources = ({ keys, kinds, status, owner_id, account_id, consent }: WritersRow): string[] => [
  ...(JSON.parse(keys) as string[]),
  ...(JSON.parse(kinds) as AliasKind[]).map(aliasSource),
  ...(status === "new" ? [] : [SOURCE_KEYS.status]),
  ...(owner_id === null ? [] : [SOURCE_KEYS.owner_id]),
  ...(account_id === null ? [] : [SOURCE_KEYS.account_id]),
  ...Object.keys(readConsent(consent)).map(consentSource),
];

const versionsHold = (db: UnitDb, versions: Readonly<Record<string, number>>): Statement<never>[] =>
  Object.keys(versions).length === 0 ? [] : [db.sql(SPARE_SQL.versionsHold, JSON.stringify(versions))];
