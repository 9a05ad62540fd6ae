import { selectUnitsWithWork } from "../core/memberships";
import { openShards, outbox } from "../open-context";

/** Lanes check what changes at once, and wake by themselves for what is due: this is for nudges and alarms that were lost. */
export async function checkDueSegments(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    for (const { unit } of await selectUnitsWithWork(db, Date.now())) await outbox(env).changes({ unit });
  }
}
