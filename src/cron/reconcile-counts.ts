import { reconcileCounts as reconcile } from "../core/counts";
import { logLine } from "../log";
import { count } from "../metrics";
import { openShards } from "../open-context";

export async function reconcileCounts(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    for (const correction of await reconcile(db)) {
      count(`kept_counters_off_total{counter="${correction.counter}"}`);
      logLine({ level: "warn", message: "kept counter was off", ...correction });
    }
  }
}
