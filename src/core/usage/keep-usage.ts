import type { CallerCtx, UsageLog } from "../../context";
import type { ShardDb } from "../../db/client";
import { usageDay } from "../../usage";
import { measureUnits } from "./measure";

/** A year and a month. */
const KEPT_DAYS = 400;
const REMOVED_PER_TICK_MAX = 10_000;

/** Records the size of the next units of a database; returns how many were counted. */
export async function keepUsage(ctx: Pick<CallerCtx, "directory" | "now">, log: UsageLog, db: ShardDb, shard: number): Promise<number> {
  const measured = await measureUnits(db, ctx.directory, shard);
  if (measured.length > 0) await log.record(usageDay(ctx.now()), measured);
  return measured.length;
}

/** Removes what is older than 400 days. No D1 statement. */
export const removeOldUsage = (log: UsageLog, now: number): Promise<unknown> =>
  log.removeBefore(usageDay(now) - KEPT_DAYS, REMOVED_PER_TICK_MAX);
