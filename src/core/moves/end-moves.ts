import { logLine } from "../../log";
import type { MoveWorld } from "./move";
import { runMove } from "./run-move";
import { findActiveMovesOf, hurryMove } from "./store";

/**
 * Ends the moves of an organization that is being deleted, so that each of its units is in one database only. Returns false when `until`
 * (in ms) came first; another call continues.
 */
export async function endMoves(world: MoveWorld, organizationId: string, until: number): Promise<boolean> {
  for (;;) {
    const [move] = await findActiveMovesOf(world.directory, organizationId);
    if (!move) return true;
    if (world.now() > until) return false;
    await hurryMove(world.directory, move.move_id, "The organization was deleted");
    await runMove(world, move.move_id, () => world.now() < until);
    logLine({ level: "info", message: "move of a deleted organization ended", move_id: move.move_id });
  }
}
