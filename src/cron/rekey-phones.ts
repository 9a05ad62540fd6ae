/** Reads phones again by the region that their org unit has now: slice by slice, as far as a tick's statements go. */
import { rekeyPhones } from "../core/leads";
import { findRegionChanges, type RegionChange, saveRekeyed } from "../core/org-units";
import { logLine } from "../log";
import { openCaller, openSystem } from "../open-context";
import type { StatementBudget } from "../statement-budget";

/** Left to the exports. */
const STATEMENTS_KEPT = 100;

export async function rekeyChangedRegions(env: Env, tick: StatementBudget): Promise<void> {
  const { directory, now } = openCaller(env, { kind: "system" }, "cron");
  const budget = tick.keeping(STATEMENTS_KEPT);
  budget.count(1);
  for (const change of await findRegionChanges(directory, now())) {
    if (!budget.hasRoom()) return;
    await rekeyUnit(env, change, budget);
  }
}

async function rekeyUnit(env: Env, change: RegionChange, budget: StatementBudget): Promise<void> {
  const { directory, ...system } = await openSystem(env, change.unit, `rekey-${change.unit}`);
  const ctx = budget.counted({ directory, ...system });
  let after: string | null = change.after;
  const done = { leads: 0, conflicts: 0 };
  while (after !== null && budget.hasRoom()) {
    const slice = await rekeyPhones(ctx, change.former, after);
    after = slice.last;
    budget.count(1);
    done.leads += slice.leads;
    done.conflicts += slice.conflicts;
    // false: the region has been changed again, and the work begins anew
    if (!(await saveRekeyed(directory, change, after))) break;
  }
  logLine({ level: "info", message: "phones read by another region", unit: change.unit, ...done, finished: after === null });
}
