import { removeExpiredFiles } from "../core/imports";
import { logLine } from "../log";
import { openFiles, openShards } from "../open-context";

export async function removeExpiredPreviews(env: Env): Promise<void> {
  for (const db of openShards(env)) {
    const removed = await removeExpiredFiles(db, openFiles(env), Date.now());
    if (removed > 0) logLine({ level: "info", message: "expired import files removed", files: removed });
  }
}
