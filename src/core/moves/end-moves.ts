import { logLine } from "../../log";
import type { MoveWorld } from "./move";
import { runMove } from "./run-move";
import { findActiveMovesOf, hurryMove } from "./store";

/**
 * Ends the moves of an organization that is deleted, so that each of its units is in one database alone. Returns whether that is done; false
 * when `until` (in ms) came first: calling it again goes on.
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
