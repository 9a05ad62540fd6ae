import { removeExpiredFiles, removeExpiredPlans, removeExpiredUploads } from "../core/imports";
import { logLine } from "../log";
import { openFiles } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 50;

export async function removeExpiredPreviews(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    // plans first: a plan that is gone never looks for its file
    await removeExpiredPlans(db, openFiles(env), Date.now());
    await removeExpiredUploads(db, openFiles(env), Date.now());
    const removed = await removeExpiredFiles(db, openFiles(env), Date.now());
    if (removed > 0) logLine({ level: "info", message: "expired import files removed", files: removed });
  }
}
