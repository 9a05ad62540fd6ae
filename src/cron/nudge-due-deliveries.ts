import { findDueDeliveries } from "../core/notifications";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

export async function nudgeDueDeliveries(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    await outbox(env).deliveries(await findDueDeliveries(db, Date.now()));
  }
}
