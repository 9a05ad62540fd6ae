import { removeOldChanges } from "../core/changes";
import { logLine } from "../log";
import { openShards } from "../open-context";

export async function removeOldChangesOfLeads(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const removed = await removeOldChanges(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old changes of leads removed", commits: removed });
  }
}
