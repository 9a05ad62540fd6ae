/**
 * How much units store, counted by walking their tables: at most some slices a tick, unit after unit, from where the tick before ended. A
 * unit whose tables are small takes one statement.
 */
import type { Directory, UsageSnapshot } from "../../context";
import type { ShardDb } from "../../db/client";
import { ROW_BYTES } from "../../db/row-bytes";
import { readPosition, writePosition } from "../../db/sweep-position";
import { UNIT_TABLES } from "../erasure";
import { findNextUnit } from "./store";

/** A table with more rows is walked in slices. */
const SMALL_ROWS_MAX = 2_000;
const SLICE_ROWS = 5_000;
/** The cron jobs of a tick share the 1,000 statements that D1 allows in an invocation. */
const STATEMENTS_PER_TICK_MAX = 150;
/** Each is read once: far below a minute of the database in ten. */
const ROWS_PER_TICK_MAX = 200_000;
const JOB = "stored_bytes";

type Key = (string | number)[];
/** The unit after which the next one begins, and what of the current one is measured. */
type Position = { done: number; current: { unit: number; bytes: number; large: string[]; after: Key | null } | null };

/** Measures until the tick's share is used up or every unit of the database has had its turn; returns the units whose measure is complete. */
export async function measureUnits(db: ShardDb, directory: Directory, shard: number): Promise<UsageSnapshot[]> {
  const budget = { statements: STATEMENTS_PER_TICK_MAX, rows: ROWS_PER_TICK_MAX };
  const measured: UsageSnapshot[] = [];
  let position = await readPosition<Position>(db, JOB, { done: 0, current: null });
  while (budget.statements > 0 && budget.rows > 0) {
    const { done, current } = position;
    if (current && current.large.length > 0) {
      position = { done, current: await measureSlice(db, current, budget) };
      continue;
    }
    if (current) {
      measured.push({ unit: current.unit, leads: await countLeads(db, current.unit), stored_bytes: current.bytes });
      position = { done: current.unit, current: null };
      continue;
    }
    const unit = await findNextUnit(directory, shard, done);
    budget.statements -= 3;
    position = unit === null ? { done: 0, current: null } : { done, current: await measureSmall(db, unit, budget) };
    if (unit === null) break;
  }
  await writePosition(db, JOB, position);
  return measured;
}

type Budget = { statements: number; rows: number };
type Current = NonNullable<Position["current"]>;

const SMALL = `SELECT ${Object.keys(UNIT_TABLES)
  .map(
    (table) =>
      `(SELECT json_array(count(*), sum(bytes)) FROM (SELECT ${ROW_BYTES[table]} AS bytes FROM ${table} WHERE unit = ?1 LIMIT ${SMALL_ROWS_MAX})) AS ${table}`,
  )
  .join(", ")}`;

/** All tables of a unit, as far as they are small. */
async function measureSmall(db: ShardDb, unit: number, budget: Budget): Promise<Current> {
  const [row] = await db.all<Record<string, string>>(SMALL, unit);
  const current: Current = { unit, bytes: 0, large: [], after: null };
  for (const [table, json] of Object.entries(row ?? {})) {
    const [rows, bytes] = JSON.parse(json) as [number, number | null];
    budget.rows -= rows;
    if (rows === SMALL_ROWS_MAX) current.large.push(table);
    else current.bytes += bytes ?? 0;
  }
  return current;
}

/** The next rows of the first table that is not done. */
async function measureSlice(db: ShardDb, current: Current, budget: Budget): Promise<Current> {
  const [table = "", ...others] = current.large;
  const key = (UNIT_TABLES[table] ?? []).filter((column) => column !== "unit");
  const columns = key.join(", ");
  const places = key.map((_, at) => `?${at + 3}`).join(", ");
  // with the one max(), the bare columns are those of the row that has it: the slice's last
  const sql = `SELECT max(at) AS rows, sum(bytes) AS bytes, ${columns} FROM (
      SELECT ${columns}, bytes, row_number() OVER (ORDER BY ${columns}) AS at FROM (
        SELECT ${columns}, ${ROW_BYTES[table]} AS bytes FROM ${table} WHERE unit = ?1 ${current.after ? `AND (${columns}) > (${places})` : ""}
        ORDER BY ${columns} LIMIT ?2))`;
  const [slice] = await db.all<Record<string, string | number> & { rows: number | null; bytes: number | null }>(
    sql,
    current.unit,
    SLICE_ROWS,
    ...(current.after ?? []),
  );
  const rows = slice?.rows ?? 0;
  budget.statements -= 1;
  budget.rows -= rows;
  const bytes = current.bytes + (slice?.bytes ?? 0);
  if (!slice || rows < SLICE_ROWS) return { ...current, bytes, large: others, after: null };
  return { ...current, bytes, after: key.map((column) => slice[column] ?? 0) };
}

async function countLeads(db: ShardDb, unit: number): Promise<number> {
  const [row] = await db.all<{ leads: number }>("SELECT coalesce(sum(leads), 0) AS leads FROM lead_counts WHERE unit = ?1", unit);
  return row?.leads ?? 0;
}
