/** A move's rows in its two databases. Every write of a move is guarded by its turn there: a run that was overtaken changes nothing. */
import type { ShardDb, Sql, SqlRow } from "../../context";
import { CommitConflict, guardSql } from "../../db/commit";
import { d1Failure } from "../../db/failure";
import { LostTurn, type MoveRun } from "./move";
import { createTriggers, type Side, TRIGGERS_PER_SIDE } from "./triggers";

/** A batch stays below what D1 documents for one. */
const STATEMENTS_PER_BATCH = 90;

type SideState = "capturing" | "fenced" | "arriving" | "live" | "removing" | "closed";

export const dbOf = (run: MoveRun, side: Side): ShardDb => (side === "from" ? run.from : run.to);

/** Creates both sides and their triggers, and ends the sides of the unit's earlier moves. Can be repeated. */
export async function openSides(run: MoveRun): Promise<void> {
  const { move_id, unit, turn } = run.move;
  for (const [side, state] of [
    ["from", "capturing"],
    ["to", "arriving"],
  ] as const) {
    await dbOf(run, side).batch([
      // ids sort by time: a late run of an earlier move does not end a later move
      { text: "UPDATE move_sides SET state = 'closed' WHERE unit = ?1 AND move_id < ?2", params: [unit, move_id] },
      {
        text: "INSERT INTO move_sides (move_id, side, unit, state, turn) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        params: [move_id, side, unit, state, turn],
      },
    ]);
    await inBatches(dbOf(run, side), createTriggers(run.move, side));
  }
}

/**
 * Takes over from earlier runs: from here on their writes fail. Before the switch it also lets the unit write again and closes the new
 * database to it: a switch that was interrupted starts over.
 */
export async function enterTurn(run: MoveRun): Promise<void> {
  const { move_id, turn, switched_at } = run.move;
  const before = switched_at === null ? 1 : 0;
  const text = `UPDATE move_sides SET turn = ?2, open = '', state = CASE WHEN ?3 AND state = 'fenced' THEN 'capturing'
      WHEN ?3 AND state = 'live' THEN 'arriving' ELSE state END WHERE move_id = ?1 AND turn < ?2`;
  for (const db of new Set([run.from, run.to])) await db.run(text, move_id, turn, before);
}

/** Whether every trigger is there: a migration that rebuilds a table drops those of the table. */
export async function hasAllTriggers(run: MoveRun): Promise<boolean> {
  const { move_id } = run.move;
  const text = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, ?2) = ?1";
  const counts = await Promise.all([run.from, run.to].map((db) => db.all<{ n: number }>(text, move_id, move_id.length)));
  return counts.every(([row]) => row?.n === TRIGGERS_PER_SIDE);
}

/** Throws LostTurn. */
export async function setState(run: MoveRun, side: Side, states: readonly SideState[], state: SideState): Promise<void> {
  const { move_id, turn } = run.move;
  const changed = await dbOf(run, side).all(
    `UPDATE move_sides SET state = ?4, open = '' WHERE move_id = ?1 AND side = ?2 AND turn = ?3
       AND state IN (SELECT value FROM json_each(?5)) RETURNING 1 AS n`,
    move_id,
    side,
    turn,
    state,
    JSON.stringify([...states, state]),
  );
  if (changed.length === 0) throw new LostTurn(`${move_id} is no longer ${states.join(" or ")}`);
}

/** The move's own writes to one table, to be part of `writeAs`. */
export const writing = ({ move }: MoveRun, side: Side, table: string, statements: readonly Sql[]): Sql[] => [
  { text: "UPDATE move_sides SET open = ?3 WHERE move_id = ?1 AND side = ?2", params: [move.move_id, side, table] },
  ...statements,
];

/** Commits writes if the run still has the turn and the side is in this state; returns their rows. Throws LostTurn. */
export async function writeAs(run: MoveRun, side: Side, state: SideState, writes: readonly Sql[]): Promise<SqlRow[][]> {
  const { move_id, turn } = run.move;
  const lost = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM move_sides WHERE move_id = ?1 AND side = ?2 AND state = ?3 AND turn = ?4)";
  const guard: Sql = { text: guardSql(lost), params: [move_id, side, state, turn] };
  try {
    return await dbOf(run, side).batch([guard, ...writes, ...writing(run, side, "", [])]);
  } catch (error) {
    const failure = d1Failure(error);
    if (failure instanceof CommitConflict && failure.table === "commit_guards") throw new LostTurn(`the turn of ${move_id} is over`);
    throw failure;
  }
}

/** Ends a side: its triggers do nothing any more, and are dropped. */
export async function closeSide({ move }: MoveRun, db: ShardDb): Promise<void> {
  const { move_id } = move;
  await db.run("UPDATE move_sides SET state = 'closed' WHERE move_id = ?1", move_id);
  const text = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, ?2) = ?1";
  const triggers = await db.all<{ name: string }>(text, move_id, move_id.length);
  await inBatches(
    db,
    triggers.map(({ name }) => `DROP TRIGGER IF EXISTS "${name}"`),
  );
}

async function inBatches(db: ShardDb, texts: readonly string[]): Promise<void> {
  for (let at = 0; at < texts.length; at += STATEMENTS_PER_BATCH) {
    await db.batch(texts.slice(at, at + STATEMENTS_PER_BATCH).map((text) => ({ text, params: [] })));
  }
}
