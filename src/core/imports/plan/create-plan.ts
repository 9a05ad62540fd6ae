import type { Ctx } from "../../../context";
import { newId, randomHex } from "../../../ids";
import { logError } from "../../../log";
import type { ImportMappingInput } from "../schemas";
import { prepareImport } from "../start-import";
import { newProgress } from "./progress";
import { runPlan } from "./run-plan";
import { type PlanDetail, requirePlan } from "./show-plan";
import { insertPlan, keepFileUntil } from "./store";

const PLAN_TTL_SECONDS = 24 * 3600;
/** A plan that takes longer continues in the queue. */
const INLINE_BUDGET_SECONDS = 5;

/**
 * Plans the import of a previewed file: what it would do to the leads of now, without writing any. Returns the plan, completed if that
 * takes no longer than 5 seconds. Keeps the file as long as the plan, 24 hours. Three D1 round trips, and three for each 1,000 rows.
 * Throws what `startImport` throws.
 */
export async function planImport(ctx: Ctx, file_id: string, given: ImportMappingInput | null): Promise<PlanDetail> {
  const { file, mapping, identity, created_fields } = await prepareImport(ctx, file_id, given);
  const now = ctx.now();
  const plan_id = newId("plan", now);
  const expires_at = now + PLAN_TTL_SECONDS * 1000;
  await ctx.db.batch([
    insertPlan(ctx.db, {
      plan_id,
      file_id: file.file_id,
      mapping: JSON.stringify(mapping),
      created_fields: JSON.stringify(created_fields),
      identity,
      seed: randomHex(16),
      progress: JSON.stringify(newProgress()),
      created_at: now,
      expires_at,
    }),
    keepFileUntil(ctx.db, file.file_id, expires_at),
  ]);
  const outcome = await runPlan(ctx, plan_id, now + INLINE_BUDGET_SECONDS * 1000).catch((error: unknown) => {
    logError("plan run failed", error, { plan_id });
    return "continue" as const;
  });
  if (outcome === "continue") await ctx.outbox.importPlan({ unit: ctx.unit.unit, plan_id });
  return requirePlan(ctx, plan_id);
}
