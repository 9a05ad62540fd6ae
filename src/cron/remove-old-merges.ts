import { removeOldMerges } from "../core/merging";
import { openShards } from "../open-context";

export async function removeOldMergeJournals(env: Env): Promise<void> {
  for (const db of openShards(env)) await removeOldMerges(db, Date.now());
}
