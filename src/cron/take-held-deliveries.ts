/** Takes deliveries that were held while the database was away. */
import { listHeld, listHoldingUnits, readHeld, receiveDelivery, requireSourceOfToken } from "../core/inbound";
import { AppError, isUnavailable } from "../errors";
import { logError, logLine } from "../log";
import { openAuth, openFiles, openSystem, toDomainError } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { fromAnywhere } from "./from-anywhere";

const HELD_PER_TICK = 50;
/** Left to the jobs after it. */
const STATEMENTS_KEPT = 250;

export async function takeHeldDeliveries(env: Env, tick: StatementBudget): Promise<void> {
  const budget = tick.keeping(STATEMENTS_KEPT);
  const units = fromAnywhere(await listHoldingUnits(openFiles(env))).slice(0, HELD_PER_TICK);
  for (const unit of units) {
    if (!(await takeOfUnit(env, unit, Math.floor(HELD_PER_TICK / units.length), budget))) return;
  }
}

/** Returns false when the tick has to end: the database is still away, or no statements are left. */
async function takeOfUnit(env: Env, unit: number, limit: number, budget: StatementBudget): Promise<boolean> {
  const files = openFiles(env);
  for (const key of await listHeld(files, unit, limit)) {
    if (!budget.hasRoom()) return false;
    const held = await readHeld(files, key);
    if (!held) continue;
    try {
      const ctx = budget.counted(await openSystem(env, unit, `held-${unit}`, "event"));
      const source = await requireSourceOfToken(ctx, await openAuth(env, null), held.token);
      const { outcome } = await receiveDelivery(ctx, source, held.delivery);
      logLine({ level: "info", message: "held delivery taken", unit, outcome });
    } catch (thrown) {
      const error = toDomainError(thrown);
      if (isUnavailable(error)) return false;
      // the unit's daily quota is used up: other units' deliveries do not wait for it
      if (error instanceof AppError && error.code === "rate_limited") return true;
      logError("held delivery refused", error, { unit });
    }
    await files.delete(key);
  }
  return true;
}
