import { findUnitsToNotify } from "../core/notifications";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

/** Lanes notify of a commit at once. This covers lost nudges and alarms, and channels that had too many pending deliveries. */
export async function notifyOfChanges(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    for (const { unit } of await findUnitsToNotify(db)) await outbox(env).changes({ unit });
  }
}
