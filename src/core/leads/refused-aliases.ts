import type { Ctx } from "../../context";
import type { RefusedAlias } from "./aliases/place";
import { selectRefused } from "./aliases/store";

/** The aliases that these leads were given and that other leads have: the open conflicts, by lead. One D1 round trip. */
export async function refusedAliases(ctx: Ctx, leadIds: readonly string[]): Promise<Map<string, RefusedAlias[]>> {
  const rows = await ctx.db.all(selectRefused(ctx.db, leadIds));
  return Map.groupBy(rows, ({ lead_id }) => lead_id);
}
