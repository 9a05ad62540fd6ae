import { removeOldJournal } from "../core/undo";
import { logLine } from "../log";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 45;

export async function removeOldUndoJournal(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    const removed = await removeOldJournal(db, Date.now());
    if (removed > 0) logLine({ level: "info", message: "old undo journal removed", rows: removed });
  }
}
