import { selectUnitsWithWork } from "../core/memberships";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

/** Lanes check what changes at once, and wake by themselves for what is due: this is for nudges and alarms that were lost. */
export async function checkDueSegments(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    for (const { unit } of await selectUnitsWithWork(db, Date.now())) await outbox(env).changes({ unit });
  }
}
