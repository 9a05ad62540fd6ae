/** The columns and keys of the tables, from the schema: for statements that treat all tables alike. */
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "./schema";

export type TableShape = {
  /** stored columns only, none that SQLite computes */
  columns: readonly string[];
  /** the primary key */
  key: readonly string[];
};

export const TABLE_SHAPES: Readonly<Record<string, TableShape>> = Object.fromEntries(
  Object.values(schema as Record<string, unknown>)
    .filter((table) => is(table, SQLiteTable))
    .map((table) => {
      const { name, columns, primaryKeys } = getTableConfig(table as SQLiteTable);
      const own = columns.filter(({ primary }) => primary);
      const key = (primaryKeys[0]?.columns ?? own).map((column) => column.name);
      return [name, { columns: columns.filter(({ generated }) => generated === undefined).map((column) => column.name), key }];
    }),
);
