import { findDueSources } from "../core/imports";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

export async function pollDueSources(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    for (const source of await findDueSources(db, Date.now())) await outbox(env).importSource(source);
  }
}
