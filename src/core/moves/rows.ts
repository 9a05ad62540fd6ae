/** SQL that reads and writes rows of any table of a unit. Pure. */
import type { Sql, SqlRow, SqlValue } from "../../context";
import { jsonArrays } from "../../db/batch";
import { ROW_BYTES } from "../../db/row-bytes";
import { type Key, quoted, selectSlice, shapeOf } from "../../db/table-slices";
import { SLICE_BYTES, SLICE_ROWS } from "./move";
import { MOVED_TABLES } from "./triggers";

/** A row with longer JSON is passed value by value: escaped within one JSON parameter it could exceed what D1 accepts. */
const ROW_CHARS_IN_JSON_MAX = 400_000;

/** The names of the tables in which the unit has rows. One row, a column for each table. */
export const FILLED_TABLES = `SELECT ${MOVED_TABLES.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE unit = ?1) AS ${table}`).join(", ")}`;

/** The unit's rows after a key, as many as make up a slice. */
export const sliceAfter = (table: string, unit: number, after: Key | null): Sql =>
  selectSlice({ table, where: "unit = ?1", scope: unit, after, rowsMax: SLICE_ROWS, bytesMax: SLICE_BYTES });

/** `last`: null for the end of the table. Parameters from `?2`. */
function rangeSql(table: string, after: Key | null, last: Key | null): { condition: string; params: SqlValue[] } {
  const key = quoted(shapeOf(table).key);
  const params: SqlValue[] = [];
  const bound = (sign: string, values: Key | null): string => {
    if (values === null) return "";
    const places = values.map((value) => `?${params.push(value) + 1}`).join(", ");
    return ` AND (${key}) ${sign} (${places})`;
  };
  return { condition: `unit = ?1${bound(">", after)}${bound("<=", last)}`, params };
}

/** The unit's rows between two keys, the first excluded. At most two slices: where there are more, something is wrong. */
export function selectRange(table: string, unit: number, after: Key | null, last: Key | null): Sql {
  const { columns, key } = shapeOf(table);
  const { condition, params } = rangeSql(table, after, last);
  return {
    text: `SELECT ${quoted(columns)} FROM ${table} WHERE ${condition} ORDER BY ${quoted(key)} LIMIT ${2 * SLICE_ROWS}`,
    params: [unit, ...params],
  };
}

/** Replaces all rows of a range by the given ones. */
export function replaceRange(table: string, unit: number, after: Key | null, last: Key | null, rows: readonly SqlRow[]): Sql[] {
  const { condition, params } = rangeSql(table, after, last);
  return [{ text: `DELETE FROM ${table} WHERE ${condition}`, params: [unit, ...params] }, ...insertRows(table, rows)];
}

const keyValues = (table: string): string =>
  shapeOf(table)
    .key.map((_, at) => `j.value->>${at}`)
    .join(", ");

/** The existing rows with these keys. */
export function selectKeys(table: string, keys: readonly Key[]): Sql {
  return {
    text: `SELECT ${columnsOf(table)} FROM json_each(?1) j CROSS JOIN ${table} t ON ${isAt(table)}`,
    params: [JSON.stringify(keys)],
  };
}

/** The size of the row of each key, in the order of the keys; null for a key without a row. */
export const selectSizes = (table: string, keys: readonly Key[]): Sql => ({
  text: `SELECT (SELECT ${ROW_BYTES[table]} FROM ${table} t WHERE ${isAt(table)}) AS bytes FROM json_each(?1) j ORDER BY j.key`,
  params: [JSON.stringify(keys)],
});

const columnsOf = (table: string): string =>
  shapeOf(table)
    .columns.map((column) => `t."${column}"`)
    .join(", ");

const isAt = (table: string): string =>
  shapeOf(table)
    .key.map((column, at) => `t."${column}" = j.value->>${at}`)
    .join(" AND ");

/** Replaces all rows with these keys by the given ones. */
export function replaceKeys(table: string, unit: number, keys: readonly Key[], rows: readonly SqlRow[]): Sql[] {
  const text = `DELETE FROM ${table} WHERE unit = ?1 AND (${quoted(shapeOf(table).key)}) IN (SELECT ${keyValues(table)} FROM json_each(?2) j)`;
  return [{ text, params: [unit, JSON.stringify(keys)] }, ...insertRows(table, rows)];
}

/** A row replaces another one that has its place in a unique index: that one has changed since it was copied, so its change is recorded. */
function insertRows(table: string, rows: readonly SqlRow[]): Sql[] {
  const { columns } = shapeOf(table);
  const into = `INSERT OR REPLACE INTO ${table} (${quoted(columns)})`;
  const small: string[] = [];
  const large: Sql[] = [];
  for (const row of rows) {
    const values = columns.map((column) => row[column] ?? null);
    const json = JSON.stringify(values);
    if (json.length <= ROW_CHARS_IN_JSON_MAX) small.push(json);
    else large.push({ text: `${into} VALUES (${columns.map((_, at) => `?${at + 1}`).join(", ")})`, params: values });
  }
  const text = `${into} SELECT ${columns.map((_, at) => `value->>${at}`).join(", ")} FROM json_each(?1)`;
  return [...jsonArrays(small).map((json) => ({ text, params: [json] })), ...large];
}

/** Deletes some of the unit's rows; returns a row for each. */
export function deleteSlice(table: string, unit: number): Sql {
  const key = quoted(shapeOf(table).key);
  return {
    text: `DELETE FROM ${table} WHERE unit = ?1 AND (${key}) IN (SELECT ${key} FROM ${table} WHERE unit = ?1 LIMIT ${SLICE_ROWS}) RETURNING 1 AS n`,
    params: [unit],
  };
}
