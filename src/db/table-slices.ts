/** Rows of any table in the order of its primary key, some at a time. */
import type { Sql, SqlRow, SqlValue } from "../context";
import { ROW_BYTES } from "./row-bytes";
import { TABLE_SHAPES, type TableShape } from "./table-shapes";

export type Key = (string | number)[];

/** `where`: SQL whose `?1` is `scope`. `after`: the last key of the slice before. */
export type SliceQuery = { table: string; where: string; scope: SqlValue; after: Key | null; rowsMax: number; bytesMax: number };

export function shapeOf(table: string): TableShape {
  const shape = TABLE_SHAPES[table];
  if (!shape) throw new Error(`no such table: ${table}`);
  return shape;
}

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** As many rows as fit into `bytesMax`, and one at least if there is any. */
export function selectSlice({ table, where, scope, after, rowsMax, bytesMax }: SliceQuery): Sql {
  const { columns, key } = shapeOf(table);
  const places = key.map((_, at) => `?${at + 4}`).join(", ");
  const text = `SELECT ${quoted(columns)} FROM (
      SELECT *, row_number() OVER (ORDER BY ${quoted(key)}) AS _at, sum(_bytes) OVER (ORDER BY ${quoted(key)}) AS _sum FROM (
        SELECT ${quoted(columns)}, ${ROW_BYTES[table]} AS _bytes FROM ${table} WHERE ${where} ${after ? `AND (${quoted(key)}) > (${places})` : ""}
        ORDER BY ${quoted(key)} LIMIT ?2))
    WHERE _at = 1 OR _sum <= ?3 ORDER BY _at`;
  return { text, params: [scope, rowsMax, bytesMax, ...(after ?? [])] };
}

export const keyOf = (table: string, row: SqlRow): Key => shapeOf(table).key.map((column) => row[column] ?? 0);

/** The key of the slice's last row; null when the table has no more. */
export const lastKeyOf = (table: string, rows: readonly SqlRow[]): Key | null => {
  const last = rows.at(-1);
  return last ? keyOf(table, last) : null;
};
