import type { Ctx } from "../../context";
import { deleteDeadLettersOf } from "./store";
import { UNIT_TABLES } from "./unit-tables";

/** A slice of the widest table is far below D1's 30 s. */
const ROWS_PER_SLICE = 2_000;

/** What was deleted so far: rows by table, and objects. */
export type Erased = { rows: Record<string, number>; objects: number };

/**
 * Deletes every row, object, dead letter and session of an org unit, slice by slice, and adds them to `erased`. Returns whether nothing is left; false
 * when `until` (in ms) came first: calling it again goes on. One D1 round trip for each 2,000 rows, one at least for each table.
 */
export async function eraseUnit(ctx: Ctx, until: number, erased: Erased): Promise<boolean> {
  for (const [table, key] of Object.entries(UNIT_TABLES)) {
    const columns = key.join(", ");
    const slice = ctx.db.sql<{ n: number }>(
      `DELETE FROM ${table} WHERE unit = ?1 AND (${columns}) IN (SELECT ${columns} FROM ${table} WHERE unit = ?1 LIMIT ?2) RETURNING 1 AS n`,
      ROWS_PER_SLICE,
    );
    for (let deleted = ROWS_PER_SLICE; deleted === ROWS_PER_SLICE; ) {
      if (ctx.now() > until) return false;
      deleted = (await ctx.db.all(slice)).length;
      if (deleted > 0) erased.rows[table] = (erased.rows[table] ?? 0) + deleted;
    }
  }
  const { unit } = ctx.unit;
  const letters = await deleteDeadLettersOf(ctx.directory, unit);
  if (letters > 0) erased.rows.dead_letters = (erased.rows.dead_letters ?? 0) + letters;
  for (const prefix of [`imports/${unit}/`, `spill/${unit}/`, `inbound/${unit}/`]) erased.objects += await eraseObjects(ctx.files, prefix);
  await ctx.live.forget(ctx.unit);
  return true;
}

/** Returns how many. */
export async function eraseObjects(files: R2Bucket, prefix: string): Promise<number> {
  let count = 0;
  for (;;) {
    const { objects } = await files.list({ prefix });
    if (objects.length === 0) return count;
    await files.delete(objects.map(({ key }) => key));
    count += objects.length;
  }
}
