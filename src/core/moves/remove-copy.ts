/** Removes the superfluous copy: the old one after the switch, or the new one of a failed move. */
import { filledIn } from "./copy";
import { after, type MoveRun, type Progress, positionOf, SLICE_ROWS, SLICES_PER_TURN } from "./move";
import { deleteSlice } from "./rows";
import { closeSide, dbOf, setState, writeAs, writing } from "./sides";
import { stayUnit } from "./store";
import type { Side } from "./triggers";

/** The old database refuses late writes for this long after the switch. */
const REFUSED_MS = 24 * 3_600_000;

/** The unit's rows in the database that it has left. */
export async function sweep(run: MoveRun): Promise<Progress> {
  const left = await removeSlices(run, "from");
  if (left !== null) return { position: left };
  await closeSide(run, run.to);
  const { move, now } = run;
  return { step: "close", position: null, removed_at: now(), due_at: (move.switched_at ?? 0) + REFUSED_MS };
}

/** Ends a move that failed: the unit stays where it is. */
export async function undo(run: MoveRun): Promise<Progress> {
  if (run.move.position === null) {
    await stayUnit(run.directory, run.move);
    await closeSide(run, run.from);
    if (!(await isPrepared(run))) return { step: "close", removed_at: run.now() };
    await setState(run, "to", ["arriving", "live"], "removing");
  }
  const left = await removeSlices(run, "to");
  if (left !== null) return { position: left };
  return { step: "close", position: null, removed_at: run.now() };
}

export async function close(run: MoveRun): Promise<Progress> {
  for (const db of [run.from, run.to]) await closeSide(run, db);
  return { closed_at: run.now() };
}

/** Where to continue, as JSON; null when nothing is left. */
async function removeSlices(run: MoveRun, side: Side): Promise<string | null> {
  const { move } = run;
  const db = dbOf(run, side);
  let position = await positionOf(run, () => filledIn(db, move.unit));
  for (let slices = 0; slices < SLICES_PER_TURN && position.tables.length > 0; slices++) {
    const [table = ""] = position.tables;
    const state = side === "from" ? "fenced" : "removing";
    const [, , deleted = []] = await writeAs(run, side, state, writing(run, side, table, [deleteSlice(table, move.unit)]));
    if (deleted.length < SLICE_ROWS) position = after(position, null);
  }
  if (position.tables.length > 0) return JSON.stringify(position);
  await run.from.run("DELETE FROM move_changes WHERE move_id = ?1", move.move_id);
  return null;
}

async function isPrepared({ to, move }: MoveRun): Promise<boolean> {
  return (await to.all("SELECT 1 AS n FROM move_sides WHERE move_id = ?1 AND side = 'to'", move.move_id)).length > 0;
}
