import { reconcileCounts as reconcile } from "../core/counts";
import { logLine } from "../log";
import { count } from "../metrics";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 270;

export async function reconcileCounts(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    for (const correction of await reconcile(db)) {
      count(`kept_counters_off_total{counter="${correction.counter}"}`);
      logLine({ level: "warn", message: "kept counter was off", ...correction });
    }
  }
}
