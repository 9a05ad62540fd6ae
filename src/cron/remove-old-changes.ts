import { removeOldChanges } from "../core/changes";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 1;

export async function removeOldChangesOfLeads(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    const removed = await removeOldChanges(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old changes of leads removed", commits: removed });
  }
}
