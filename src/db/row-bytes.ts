/** How many bytes the rows of a table hold, as SQL made from the schema. */
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "./schema";

/** What a row has beside its own: the CSV copy of an upload, whose length is where its last chunk ends. */
const ELSEWHERE: Record<string, string> = {
  import_files: "coalesce(json_extract(chunks, '$[#-1][0]') + json_extract(chunks, '$[#-1][1]'), 0)",
};
const NUMBER_BYTES = 8;

/** SQL of the bytes of a row, by table: its texts, and eight for each number. Indexes and what SQLite computes do not count. */
export const ROW_BYTES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(schema as Record<string, unknown>)
    .filter((table) => is(table, SQLiteTable))
    .map((table) => {
      const columns = Object.values(getTableColumns(table)).filter(({ generated }) => generated === undefined);
      const texts = columns.filter((column) => column.getSQLType() === "text").map(({ name }) => `coalesce(octet_length("${name}"), 0)`);
      const name = getTableName(table);
      return [name, [...texts, (columns.length - texts.length) * NUMBER_BYTES, ELSEWHERE[name] ?? 0].join(" + ")];
    }),
);
