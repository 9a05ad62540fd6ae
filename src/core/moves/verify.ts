/** Compares every row in both databases, value by value, while the unit is read and written. */
import type { SqlRow } from "../../context";
import { lastKeyOf } from "../../db/table-slices";
import { applyChanges, differingKeys } from "./catch-up";
import { findFilledTables } from "./copy";
import { after, type MoveRun, type Position, type Progress, positionOf, SLICES_PER_TURN } from "./move";
import { selectRange, sliceAfter } from "./rows";

const DIFFERING_ROUNDS_MAX = 3;

export async function verify(run: MoveRun): Promise<Progress> {
  let position = await positionOf(run, () => findFilledTables(run));
  for (let slices = 0; slices < SLICES_PER_TURN && position.tables.length > 0; slices++) {
    await applyChanges(run);
    position = await compareSlice(run, position);
  }
  if (position.tables.length > 0) return { position: JSON.stringify(position) };
  if (position.differing === 0) return { step: "switch", position: null };
  const differing_rounds = run.move.differing_rounds + 1;
  if (differing_rounds < DIFFERING_ROUNDS_MAX) return { step: "catch_up", position: null, differing_rounds };
  return { step: "undo", status: "failed", position: null, error: `${position.differing} rows differ after they have been copied` };
}

/** Rows that differ without a recorded change are recorded as changed, so that they are copied again. */
async function compareSlice(run: MoveRun, position: Position): Promise<Position> {
  const { move, from, to } = run;
  const [table = ""] = position.tables;
  // in one transaction, so that every row that has changed since it was copied is among the changes
  const [rows = [], changes = []] = await from.batch([
    sliceAfter(table, move.unit, position.after),
    { text: "SELECT key FROM move_changes WHERE move_id = ?1 AND name = ?2", params: [move.move_id, table] },
  ]);
  const last = lastKeyOf(table, rows);
  const range = selectRange(table, move.unit, position.after, last);
  const copied = await to.all<SqlRow>(range.text, ...range.params);
  const known = new Set(changes.map(({ key }) => JSON.stringify(JSON.parse(String(key)))));
  const differing = differingKeys(table, rows, copied).filter((key) => !known.has(key));
  if (differing.length > 0) await copyAgain(run, table, differing);
  return after({ ...position, differing: position.differing + differing.length }, last);
}

async function copyAgain({ move, from }: MoveRun, table: string, keys: readonly string[]): Promise<void> {
  const text = "INSERT INTO move_changes (move_id, name, key) SELECT ?1, ?2, value FROM json_each(?3)";
  await from.run(text, move.move_id, table, JSON.stringify(keys));
}
