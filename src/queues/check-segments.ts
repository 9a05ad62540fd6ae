/** What a unit's lane does for the unit's watched segments. */
import { settleMemberships } from "../core/memberships";
import { logError } from "../log";
import { flushMetrics, openSystem } from "../open-context";
import { openStatementBudget } from "../statement-budget";

/** After a failure; the sweep looks for the same work each minute. */
const RETRY_MS = 5_000;

/** Returns when the lane has to check again, in ms; null: not before something changes. Never throws. */
export async function checkUnitSegments(env: Env, unit: number, until: number): Promise<number | null> {
  try {
    const budget = openStatementBudget();
    const ctx = budget.counted(await openSystem(env, unit, `segments-${unit}`));
    const { outcome, next_at } = await settleMemberships(ctx, () => Date.now() < until && budget.hasRoom());
    return outcome === "continue" ? Date.now() : next_at;
  } catch (error) {
    logError("segments not checked", error, { unit });
    return Date.now() + RETRY_MS;
  } finally {
    await flushMetrics(env);
  }
}
