/** The columns and keys of the tables, from the schema: for statements that treat all tables alike. */
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "./schema";

export type TableShape = {
  /** stored columns only, none that SQLite computes */
  columns: readonly string[];
  /** those that must not be null */
  notNull: readonly string[];
  /** those of them that are of the key or have no default: a row has to name them */
  required: readonly string[];
  /** the primary key */
  key: readonly string[];
};

const namesOf = (columns: readonly { name: string }[]): string[] => columns.map(({ name }) => name);

export const TABLE_SHAPES: Readonly<Record<string, TableShape>> = Object.fromEntries(
  Object.values(schema as Record<string, unknown>)
    .filter((table) => is(table, SQLiteTable))
    .map((table) => {
      const { name, columns, primaryKeys } = getTableConfig(table as SQLiteTable);
      const own = columns.filter(({ primary }) => primary);
      const key = (primaryKeys[0]?.columns ?? own).map((column) => column.name);
      const stored = columns.filter(({ generated }) => generated === undefined);
      const notNull = stored.filter((column) => column.notNull);
      const shape: TableShape = {
        columns: namesOf(stored),
        notNull: namesOf(notNull),
        required: namesOf(notNull.filter(({ name, hasDefault }) => key.includes(name) || !hasDefault)),
        key,
      };
      return [name, shape];
    }),
);
