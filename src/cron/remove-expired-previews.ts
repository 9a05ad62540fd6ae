import { removeExpiredFiles, removeExpiredPlans, removeExpiredUploads } from "../core/imports";
import { logLine } from "../log";
import { openFiles, openShards } from "../open-context";

export async function removeExpiredPreviews(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    // plans first: a plan that is gone never looks for its file
    await removeExpiredPlans(db, openFiles(env), Date.now());
    await removeExpiredUploads(db, openFiles(env), Date.now());
    const removed = await removeExpiredFiles(db, openFiles(env), Date.now());
    if (removed > 0) logLine({ level: "info", message: "expired import files removed", files: removed });
  }
}
