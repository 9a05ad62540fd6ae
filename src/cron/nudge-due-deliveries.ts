import { findDueDeliveries } from "../core/webhooks";
import { logError } from "../log";
import { openShards, outbox } from "../open-context";

export async function nudgeDueDeliveries(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const due = await findDueDeliveries(db, Date.now());
    await outbox(env)
      .deliveries(due)
      .catch((error) => logError("due deliveries not nudged", error, { deliveries: due.length }));
  }
}
