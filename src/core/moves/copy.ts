/** The first step that takes long: all of the unit's rows, slice by slice, while the unit is read and written. */
import type { ShardDb } from "../../context";
import { lastKeyOf } from "../../db/table-slices";
import { after, type MoveRun, type Progress, positionOf, SLICES_PER_TURN } from "./move";
import { FILLED_TABLES, replaceRange, sliceAfter } from "./rows";
import { writeAs, writing } from "./sides";

/** The triggers exist before the first slice is read, so every change of a row that has been copied is recorded. */
export async function copy(run: MoveRun): Promise<Progress> {
  const { move } = run;
  let position = await positionOf(run, () => findFilledTables(run));
  let rows_copied = move.rows_copied;
  for (let slices = 0; slices < SLICES_PER_TURN && position.tables.length > 0; slices++) {
    const [table = ""] = position.tables;
    const slice = sliceAfter(table, move.unit, position.after);
    const rows = await run.from.all<Record<string, string | number | null>>(slice.text, ...slice.params);
    const last = lastKeyOf(table, rows);
    await writeAs(run, "to", "arriving", writing(run, "to", table, replaceRange(table, move.unit, position.after, last, rows)));
    rows_copied += rows.length;
    position = after(position, last);
  }
  if (position.tables.length === 0) return { rows_copied, step: "catch_up", position: null };
  return { rows_copied, position: JSON.stringify(position) };
}

/** Tables that have rows of the unit in either database. */
export async function findFilledTables({ move, from, to }: MoveRun): Promise<string[]> {
  const filled = await Promise.all([from, to].map((db) => filledIn(db, move.unit)));
  return [...new Set(filled.flat())];
}

export async function filledIn(db: ShardDb, unit: number): Promise<string[]> {
  const [row] = await db.all<Record<string, number>>(FILLED_TABLES, unit);
  return Object.entries(row ?? {}).flatMap(([table, isFilled]) => (isFilled ? [table] : []));
}
