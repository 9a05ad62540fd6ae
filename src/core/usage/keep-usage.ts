import type { CallerCtx, UsageLog } from "../../context";
import type { ShardDb } from "../../db/client";
import { usageDay } from "../../usage";
import { measureUnits } from "./measure";

/** A year and a month. */
const KEPT_DAYS = 400;
const REMOVED_PER_TICK_MAX = 10_000;

/** Records the size of the next units, and removes what is older than 400 days; returns how many units were counted. */
export async function keepUsage(ctx: Pick<CallerCtx, "directory" | "now">, log: UsageLog, shards: readonly ShardDb[]): Promise<number> {
  const today = usageDay(ctx.now());
  let units = 0;
  for (const [shard, db] of shards.entries()) {
    const measured = await measureUnits(db, ctx.directory, shard);
    if (measured.length > 0) await log.record(today, measured);
    units += measured.length;
  }
  await log.removeBefore(today - KEPT_DAYS, REMOVED_PER_TICK_MAX);
  return units;
}
