/** A move as its steps see it. */
import type { Directory, ShardDb } from "../../context";
import type { Key } from "../../db/table-slices";
import type { MoveRow } from "./store";

export type Move = MoveRow;

/** Where moves read and write; the directory is in the first database. */
export type MoveWorld = { directory: Directory; shards: readonly ShardDb[]; now(): number };

/** One turn of a move. */
export type MoveRun = MoveWorld & { move: Move; from: ShardDb; to: ShardDb };

/** What a step changes in the move's row. `due_at` in the future: the next step waits until then. */
export type Progress = Partial<
  Pick<Move, "status" | "step" | "position" | "rows_copied" | "differing_rounds" | "due_at" | "error" | "removed_at" | "closed_at">
>;

/** Where a step that walks through tables continues: the remaining tables, and the last key read in the first of them. */
export type Position = { tables: readonly string[]; after: Key | null; differing: number };

/** Slices between two looks at the clock: seconds of work, and fewer than 500 statements in each database. */
export const SLICES_PER_TURN = 8;
/** A slice fits into one parameter; an isolate's memory holds many. */
export const SLICE_ROWS = 1_000;
export const SLICE_BYTES = 450_000;

/** Another run has taken over the move: this one has to stop. */
export class LostTurn extends Error {}

/** The position after a slice whose last key is `last`; null: the table has no more rows. */
export const after = (position: Position, last: Key | null): Position =>
  last ? { ...position, after: last } : { ...position, tables: position.tables.slice(1), after: null };

export async function positionOf({ move }: MoveRun, begin: () => Promise<readonly string[]>): Promise<Position> {
  return move.position === null ? { tables: await begin(), after: null, differing: 0 } : (JSON.parse(move.position) as Position);
}
