import { removeOldRows as remove } from "../core/trim";
import { logLine } from "../log";
import { openShards } from "../open-context";

export async function removeOldRows(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    for (const [table, rows] of Object.entries(await remove(db, Date.now()))) {
      logLine({ level: "info", message: "old rows removed", table, rows });
    }
  }
}
