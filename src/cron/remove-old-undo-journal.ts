import { removeOldJournal } from "../core/undo";
import { logLine } from "../log";
import { openShards } from "../open-context";

export async function removeOldUndoJournal(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const removed = await removeOldJournal(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old undo journal removed", rows: removed });
  }
}
