import { eraseLateWrites as erase } from "../core/erasure";
import { logLine } from "../log";
import { openErasedUnit, openFiles } from "../open-context";
import type { StatementBudget } from "../statement-budget";

/** Of a unit that is empty, or nearly: one for each table. */
const STATEMENTS_PER_UNIT = 100;

export async function eraseLateWrites(env: Env, budget: StatementBudget): Promise<void> {
  const work = {
    hasRoom: () => budget.hasRoom(STATEMENTS_PER_UNIT),
    open: (unit: Parameters<typeof openErasedUnit>[1]) => budget.counted(openErasedUnit(env, unit)),
  };
  const erased = await erase(openFiles(env), work, Date.now);
  if (erased > 0) logLine({ level: "warn", message: "late writes of deleted org units removed", erased });
}
