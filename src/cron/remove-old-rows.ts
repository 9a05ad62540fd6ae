import { removeOldRows as remove } from "../core/trim";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 290;

export async function removeOldRows(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    for (const [table, rows] of Object.entries(await remove(db, Date.now()))) {
      logLine({ level: "info", message: "old rows removed", table, rows });
    }
  }
}
