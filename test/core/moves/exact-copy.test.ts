/** A unit that moves is the same afterwards, value by value, in every table. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { SqlRow, SqlValue } from "../../../src/context";
import { MOVED_TABLES } from "../../../src/core/moves/triggers";
import { shapeOf } from "../../../src/db/table-slices";
import { mintUnitTenant } from "../../support/events";
import { beginMove, dump, expectNothingLeft, isClosed, isRemoved, isSwitched, runUntil, testWorld } from "../../support/moves";

/** JSON, as many columns hold it and the columns that SQLite computes read it. */
const TEXT = JSON.stringify({ text: "ä 😀 \" ' \\ \n\t\u0000 \u2028 '); DROP TABLE leads; --", null: null });
const REALS = [0.1, 1 / 3, 2.2250738585072014e-308, 1.7976931348623157e308, 5e-324, -123456.78901234567, 4503599627370495.5, 1e21];
const ROWS = 3;

type Column = { name: string; type: string; notnull: number; dflt_value: string | null; hidden: number };

/** Rows with hard values, in every table that can belong to a unit. */
async function fill(unit: number): Promise<void> {
  let reals = 0;
  for (const table of MOVED_TABLES) {
    const { key } = shapeOf(table);
    const { results } = await env.DB.prepare(`SELECT * FROM pragma_table_xinfo('${table}')`).all<Column>();
    const columns = results.filter(({ hidden }) => hidden === 0);
    const rows = key.length === 1 ? 1 : ROWS;
    for (let at = 0; at < rows; at++) {
      const value = ({ name, type, notnull }: Column): SqlValue => {
        if (name === "unit") return unit;
        if (type.toLowerCase() === "integer") return at === 2 ? Number.MAX_SAFE_INTEGER : at;
        if (key.includes(name)) return `${at} é\n'"`;
        if (type.toLowerCase() === "real") return REALS[reals++ % REALS.length] ?? 0;
        return at === 1 && notnull === 0 ? null : at === 2 ? JSON.stringify({ long: `"\\\u0001${"x".repeat(1_000)}` }) : TEXT;
      };
      // unique: each row its own
      const own = (column: Column): SqlValue =>
        ["event_id", "metadata_key", "token_hash", "mapping_hash", "reverses"].includes(column.name) ? `${table} ${at}` : value(column);
      const names = columns.map(({ name }) => `"${name}"`).join(", ");
      const places = columns.map((_, place) => `?${place + 1}`).join(", ");
      await env.DB.prepare(`INSERT OR REPLACE INTO ${table} (${names}) VALUES (${places})`)
        .bind(...columns.map(own))
        .run();
    }
  }
}

const differences = (left: Record<string, SqlRow[]>, right: Record<string, SqlRow[]>): string[] =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (table) => JSON.stringify(left[table]) !== JSON.stringify(right[table]),
  );

it("every table is copied exactly, a large row, a text that JSON escapes and the last bit of a number included", {
  timeout: 240_000,
}, async () => {
  const { unit, organization_id } = await mintUnitTenant();
  await fill(unit);
  const large = JSON.stringify({ text: '"\\'.repeat(400_000) });
  await env.DB.prepare("UPDATE saved_filters SET criteria = ?2 WHERE unit = ?1 AND filter_id LIKE '1%'").bind(unit, large).run();
  const before = await dump(env.DB, unit);
  expect(Object.keys(before).sort()).toEqual([...MOVED_TABLES].sort());

  const world = testWorld();
  const { move_id } = await beginMove(world, organization_id, 1);
  const switched = await runUntil(world, move_id, isSwitched);
  expect(switched).toMatchObject({ status: "completed", step: "sweep", error: null, differing_rounds: 0 });
  expect(switched.rows_copied).toBe(Object.values(before).flat().length);
  expect(differences(await dump(env.DB_1, unit), before)).toEqual([]);
  // kept for what began before the switch
  expect(differences(await dump(env.DB, unit), before)).toEqual([]);

  await runUntil(world, move_id, isRemoved);
  expect(await dump(env.DB, unit)).toEqual({});
  expect(differences(await dump(env.DB_1, unit), before)).toEqual([]);
  await expectNothingLeft(env.DB, await runUntil(world, move_id, isClosed));

  const back = await beginMove(world, organization_id, 0);
  await runUntil(world, back.move_id, isClosed);
  expect(differences(await dump(env.DB, unit), before)).toEqual([]);
  await expectNothingLeft(env.DB_1, back);
});
