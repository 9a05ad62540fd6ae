import { findDueMoves } from "../core/moves";
import { openMoves, outbox } from "../open-context";

/** Moves whose run has died, and those that waited until now. */
export async function continueMoves(env: Env): Promise<void> {
  for (const move_id of await findDueMoves(openMoves(env))) await outbox(env).move({ move_id });
}
