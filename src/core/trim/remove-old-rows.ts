import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import { keptMs, OLD_ROWS, type OldRows } from "./old-rows";

const SLICE_ROWS = 1_000;
const SLICES_PER_TICK_MAX = 10;

/**
 * Walks on through each of the tables, at most 10,000 rows of each, and removes those that are old; returns how many, by table. The tables
 * have no index by time: it would cost every row one more written row.
 */
export async function removeOldRows(db: ShardDb, now: number): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (const [table, rows] of Object.entries(OLD_ROWS)) {
    const count = await walk(db, table, rows, now - keptMs(rows));
    if (count > 0) removed[table] = count;
  }
  return removed;
}

type Key = (string | number)[];
type Slice = Record<string, string | number> & { rows: number | null; old: number };

async function walk(db: ShardDb, table: string, { key, isOld }: OldRows, before: number): Promise<number> {
  const job = `old_rows ${table}`;
  let after = await readPosition<Key | null>(db, job, null);
  let removed = 0;
  for (let slices = 0; slices < SLICES_PER_TICK_MAX; slices++) {
    const slice = await readSlice(db, table, { key, isOld }, after, before);
    const last = slice?.rows ? key.map((column) => slice[column] ?? 0) : null;
    if (slice && last && slice.old > 0) {
      await removeSlice(db, table, { key, isOld }, { after, last }, before);
      removed += slice.old;
    }
    after = slice?.rows === SLICE_ROWS ? last : null;
    if (after === null) break;
  }
  await writePosition(db, job, after);
  return removed;
}

const places = (key: readonly string[], first: number): string => key.map((_, at) => `?${at + first}`).join(", ");

/** The next rows: how many, how many of them are old, and the key of the last. */
async function readSlice(db: ShardDb, table: string, { key, isOld }: Pick<OldRows, "key" | "isOld">, after: Key | null, before: number) {
  const columns = key.join(", ");
  const old = isOld.replace(":before", "?1");
  // with the one max(), the bare columns are those of the row that has it: the slice's last
  const sql = `SELECT max(at) AS rows, coalesce(sum(old), 0) AS old, ${columns} FROM (
      SELECT ${columns}, old, row_number() OVER (ORDER BY ${columns}) AS at FROM (
        SELECT ${columns}, coalesce(${old}, 0) AS old FROM ${table} ${after ? `WHERE (${columns}) > (${places(key, 3)})` : ""}
        ORDER BY ${columns} LIMIT ?2))`;
  const [slice] = await db.all<Slice>(sql, before, SLICE_ROWS, ...(after ?? []));
  return slice;
}

const removeSlice = (
  db: ShardDb,
  table: string,
  { key, isOld }: Pick<OldRows, "key" | "isOld">,
  { after, last }: { after: Key | null; last: Key },
  before: number,
): Promise<void> => {
  const columns = key.join(", ");
  const from = after ? `AND (${columns}) > (${places(key, key.length + 2)})` : "";
  const sql = `DELETE FROM ${table} WHERE (${columns}) <= (${places(key, 2)}) ${from} AND ${isOld.replace(":before", "?1")}`;
  return db.run(sql, before, ...last, ...(after ?? []));
};
