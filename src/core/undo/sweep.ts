/** Work of the cron: undos without a sign of life, and rows of the journal that are too old to be undone. Over all org units of one database. */
import type { ShardDb } from "../../db/client";
import { DAY_MS } from "../../time";
import { STUCK_AFTER_SECONDS, UNDO_DAYS } from "./limits";

const UNDOS_PER_SWEEP = 500;
const ROWS_PER_ROUND = 200;
const ROUNDS_PER_SWEEP = 20;
const JOB = "undo_journal";

/** Undos whose newest row and newest run are both older than a minute: their message was lost or their run died. */
export const findStuckUndos = (db: ShardDb, now: number): Promise<{ unit: number; operation_id: string }[]> =>
  db.all(
    `SELECT u.unit, u.operation_id FROM undos u
     WHERE u.status IN ('queued', 'in_progress') AND ?1 > max(u.requested_at, coalesce(u.run_at, 0), coalesce(
       (SELECT max(c.committed_at) FROM undo_chunks c WHERE c.unit = u.unit AND c.operation_id = u.operation_id), 0))
     LIMIT ?2`,
    now - STUCK_AFTER_SECONDS * 1000,
    UNDOS_PER_SWEEP,
  );

type KeyRow = { unit: number; operation_id: string; chunk_no: number; part: number; written_at: number };
const START: readonly [number, string, number, number] = [-1, "", -1, -1];

/**
 * Walks on through a database's journal, at most 4,000 rows of it, and removes those that are older than 30 days, but for undos that run;
 * returns how many. The table has no index by time: it would cost every row a second written one.
 */
export async function removeOldJournal(db: ShardDb, now: number): Promise<number> {
  const before = now - UNDO_DAYS * DAY_MS;
  let position = await readPosition(db);
  let removed = 0;
  for (let round = 0; round < ROUNDS_PER_SWEEP; round++) {
    const rows = await db.all<KeyRow>(
      `SELECT unit, operation_id, chunk_no, part, written_at FROM undo_journal WHERE (unit, operation_id, chunk_no, part) > (?1, ?2, ?3, ?4)
       ORDER BY unit, operation_id, chunk_no, part LIMIT ?5`,
      ...position,
      ROWS_PER_ROUND,
    );
    const old = rows.filter(({ written_at }) => written_at <= before);
    await removeRows(db, old);
    removed += old.length;
    const last = rows[ROWS_PER_ROUND - 1];
    position = last ? [last.unit, last.operation_id, last.chunk_no, last.part] : START;
    if (!last) break;
  }
  await writePosition(db, position);
  return removed;
}

async function removeRows(db: ShardDb, rows: readonly KeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.run(
    `DELETE FROM undo_journal WHERE (unit, operation_id, chunk_no, part) IN
       (SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?1))
     AND NOT EXISTS (SELECT 1 FROM undos u WHERE u.unit = undo_journal.unit AND u.operation_id = undo_journal.operation_id
       AND u.status IN ('queued', 'in_progress'))`,
    JSON.stringify(rows.map(({ unit, operation_id, chunk_no, part }) => [unit, operation_id, chunk_no, part])),
  );
}

async function readPosition(db: ShardDb): Promise<readonly [number, string, number, number]> {
  const [row] = await db.all<{ position: string }>("SELECT position FROM sweep_positions WHERE job = ?1", JOB);
  return row ? (JSON.parse(row.position) as [number, string, number, number]) : START;
}

const writePosition = (db: ShardDb, position: readonly [number, string, number, number]): Promise<void> =>
  db.run(
    "INSERT INTO sweep_positions (job, position) VALUES (?1, ?2) ON CONFLICT (job) DO UPDATE SET position = excluded.position",
    JOB,
    JSON.stringify(position),
  );
