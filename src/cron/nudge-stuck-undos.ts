import { findStuckUndos } from "../core/undo";
import { logLine } from "../log";
import { openShards, outbox } from "../open-context";

export async function nudgeStuckUndos(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const undos = await findStuckUndos(db, Date.now());
    for (const undo of undos) await outbox(env).undo(undo);
    if (undos.length > 0) logLine({ level: "warn", message: "stuck undos nudged", undos: undos.length });
  }
}
