import { removeOldDeliveries } from "../core/notifications";
import { logLine } from "../log";
import { openShards } from "../open-context";

export async function forgetOldDeliveries(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const removed = await removeOldDeliveries(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old deliveries removed", deliveries: removed });
  }
}
