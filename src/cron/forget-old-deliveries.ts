import { removeOldDeliveries } from "../core/notifications";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 60;

export async function forgetOldDeliveries(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    const removed = await removeOldDeliveries(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old deliveries removed", deliveries: removed });
  }
}
