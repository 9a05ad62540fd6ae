import { findStuckUndos } from "../core/undo";
import { logLine } from "../log";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

export async function nudgeStuckUndos(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    const undos = await findStuckUndos(db, Date.now());
    for (const undo of undos) await outbox(env).undo(undo);
    if (undos.length > 0) logLine({ level: "warn", message: "stuck undos nudged", undos: undos.length });
  }
}
