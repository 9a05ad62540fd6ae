import { findDueDeliveries } from "../core/notifications";
import { openShards, outbox } from "../open-context";

export async function nudgeDueDeliveries(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    await outbox(env).deliveries(await findDueDeliveries(db, Date.now()));
  }
}
