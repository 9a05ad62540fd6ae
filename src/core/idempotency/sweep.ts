/** Removes answers that nobody gets any longer. */
import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import { ANSWER_KEPT_MS } from "./store";

const ROWS_PER_ROUND = 1_000;
const ROUNDS_PER_SWEEP = 20;
const JOB = "idempotency_keys";

type KeyRow = { unit: number; scope: string; key: string; created_at: number };
const START: readonly [number, string, string] = [-1, "", ""];

/**
 * Walks on through a database's answers, at most 20,000 of them, and removes those that are older than 48 hours; returns how many. The table
 * has no index by time: it would cost every answer a second written row.
 */
export async function removeOldAnswers(db: ShardDb, now: number): Promise<number> {
  let position = await readPosition(db, JOB, START);
  let removed = 0;
  for (let round = 0; round < ROUNDS_PER_SWEEP; round++) {
    const rows = await db.all<KeyRow>(
      `SELECT unit, scope, key, created_at FROM idempotency_keys WHERE (unit, scope, key) > (?1, ?2, ?3)
       ORDER BY unit, scope, key LIMIT ?4`,
      ...position,
      ROWS_PER_ROUND,
    );
    removed += await removeRows(
      db,
      rows.filter(({ created_at }) => created_at <= now - ANSWER_KEPT_MS),
      now,
    );
    const last = rows[ROWS_PER_ROUND - 1];
    position = last ? [last.unit, last.scope, last.key] : START;
    if (!last) break;
  }
  await writePosition(db, JOB, position);
  return removed;
}

async function removeRows(db: ShardDb, rows: readonly KeyRow[], now: number): Promise<number> {
  if (rows.length === 0) return 0;
  await db.run(
    `DELETE FROM idempotency_keys WHERE (unit, scope, key) IN (SELECT value->>0, value->>1, value->>2 FROM json_each(?1))
     AND created_at <= ?2`,
    JSON.stringify(rows.map(({ unit, scope, key }) => [unit, scope, key])),
    now - ANSWER_KEPT_MS,
  );
  return rows.length;
}
