import type { ShardDb } from "../../db/client";
import type { Correction } from "./correction";
import { reconcileEventCounts } from "./event-counts";
import { reconcileLeadCounts } from "./lead-counts";
import { reconcileScores } from "./scores";

/**
 * Counts again what counters are kept of, some rows a tick, and corrects those that are off; returns what was corrected. A counter that
 * changes while its rows are being counted in several slices is left to the next round.
 */
export async function reconcileCounts(db: ShardDb): Promise<Correction[]> {
  return [...(await reconcileLeadCounts(db)), ...(await reconcileEventCounts(db)), ...(await reconcileScores(db))];
}
