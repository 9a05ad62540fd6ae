/** Takes deliveries that were held while the database was away. */
import { listHeld, readHeld, receiveDelivery, requireSourceOfToken } from "../core/inbound";
import { AppError, isUnavailable } from "../errors";
import { logError, logLine } from "../log";
import { openAuth, openFiles, openSystem, toDomainError } from "../open-context";
import type { StatementBudget } from "../statement-budget";

const HELD_PER_TICK = 50;
/** Left to the jobs after it. */
const STATEMENTS_KEPT = 250;

export async function takeHeldDeliveries(env: Env, tick: StatementBudget): Promise<void> {
  const budget = tick.keeping(STATEMENTS_KEPT);
  const files = openFiles(env);
  for (const { key, unit } of await listHeld(files, HELD_PER_TICK)) {
    if (!budget.hasRoom()) return;
    const held = await readHeld(files, key);
    if (!held) continue;
    try {
      const ctx = budget.counted(await openSystem(env, unit, `held-${unit}`, "event"));
      const source = await requireSourceOfToken(ctx, await openAuth(env, null), held.token);
      const { outcome } = await receiveDelivery(ctx, source, held.delivery);
      logLine({ level: "info", message: "held delivery taken", unit, outcome });
    } catch (thrown) {
      const error = toDomainError(thrown);
      // the database is still away
      if (isUnavailable(error)) return;
      // this unit's quota of the day is used up: the others' deliveries do not wait for it
      if (error instanceof AppError && error.code === "rate_limited") continue;
      logError("held delivery refused", error, { unit });
    }
    await files.delete(key);
  }
}
