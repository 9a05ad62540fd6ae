import type { Ctx } from "../../../context";
import { PLAN_ROWS_GONE, planPrefix, removeObjects } from "./plan-objects";
import { failOpenPlan } from "./store";

/** Deletes a plan's objects because they name an erased person; unless it was started, it fails. Returns how many objects. */
export async function failErasedPlan(ctx: Ctx, planId: string): Promise<number> {
  await ctx.db.batch([failOpenPlan(ctx.db, planId, PLAN_ROWS_GONE)]);
  return removeObjects(ctx.files, planPrefix(ctx.unit.unit, planId));
}
