import type { ShardDb } from "../../db/client";
import { DAY_MS } from "../../time";
import { deleteOldChanges } from "./store";

/** How long a lead's history goes back. */
const CHANGES_KEPT_MS = 90 * DAY_MS;
const REMOVED_PER_SWEEP_MAX = 10_000;

/** Removes at most 10,000 commits of a database that are older than 90 days; returns how many. */
export const removeOldChanges = (db: ShardDb, now: number): Promise<number> =>
  deleteOldChanges(db, now - CHANGES_KEPT_MS, REMOVED_PER_SWEEP_MAX);
