import { removeUnusedTypes } from "../core/events";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 35;

export async function removeUnusedEventTypes(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    const removed = await removeUnusedTypes(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "unused event types removed", types: removed });
  }
}
