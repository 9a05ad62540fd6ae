import { findDueSources } from "../core/imports";
import { openShards, outbox } from "../open-context";

export async function pollDueSources(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    for (const source of await findDueSources(db, Date.now())) await outbox(env).importSource(source);
  }
}
