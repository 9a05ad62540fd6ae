import { removeOldAnswers } from "../core/idempotency";
import { logLine } from "../log";
import { openShards } from "../open-context";

export async function removeOldIdempotencyKeys(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const removed = await removeOldAnswers(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old idempotency keys removed", keys: removed });
  }
}
