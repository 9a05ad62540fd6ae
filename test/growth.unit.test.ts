/** Everything that grows has an owner: each table of the schema is in the operations guide, with what trims it. */
import { readdirSync, readFileSync } from "node:fs";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, it } from "vitest";
import { OLD_ROWS } from "../src/core/trim/old-rows";
import * as schema from "../src/db/schema";

const guide = readFileSync("src/http/docs/guides/operations.md", "utf8");
const rows = (/## What grows\n([\s\S]*?)\n## /.exec(guide)?.[1] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| what"))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const names = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
const tables = Object.values(schema as Record<string, unknown>)
  .filter((table) => is(table, SQLiteTable))
  .map((table) => getTableConfig(table as SQLiteTable).name);

it("the table of the operations guide has each table of the schema once, and no other", () => {
  const listed = rows.flatMap(([, what = ""]) =>
    /R2 `|Durable Object/.test(what) && !what.startsWith("`") ? [] : names(what.split(", R2")[0]),
  );
  expect(listed.toSorted()).toEqual(tables.toSorted());
});

it("each cron job that it names exists, and what rows are kept for is what the job keeps", () => {
  const cron = readdirSync("src/cron").map((file) => readFileSync(`src/cron/${file}`, "utf8"));
  for (const [, what = "", , trimmedBy = "", after = ""] of rows) {
    for (const job of trimmedBy.includes("cron") ? names(trimmedBy.split(";")[0]) : []) {
      expect(
        cron.some((text) => text.includes(`function ${job}(`)),
        job,
      ).toBe(true);
      if (job !== "removeOldRows") continue;
      for (const table of names(what)) if (OLD_ROWS[table]) expect(after, table).toBe(`${OLD_ROWS[table].keptDays} days`);
    }
  }
  const trimmed = rows.filter(([, , , by = ""]) => by.includes("removeOldRows")).flatMap(([, what]) => names(what));
  expect(trimmed).toEqual(expect.arrayContaining(Object.keys(OLD_ROWS)));
});
