import { removeOldAnswers } from "../core/idempotency";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 45;

export async function removeOldIdempotencyKeys(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    const removed = await removeOldAnswers(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old idempotency keys removed", keys: removed });
  }
}
