import { removeOldMerges } from "../core/merging";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 60;

export async function removeOldMergeJournals(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) await removeOldMerges(db, Date.now());
}
