import type { ShardDb } from "../../db/client";
import type { Correction } from "./correction";
import { reconcileEventCounts } from "./event-counts";
import { reconcileLeadCounts } from "./lead-counts";
import { reconcileScores } from "./scores";

/**
 * Recounts what stored counters count, some rows a tick, and corrects those that are off; returns the corrections. A counter that
 * changes while its rows are being counted in several slices waits for the next round.
 */
export async function reconcileCounts(db: ShardDb): Promise<Correction[]> {
  return [...(await reconcileLeadCounts(db)), ...(await reconcileEventCounts(db)), ...(await reconcileScores(db))];
}
