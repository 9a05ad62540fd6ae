/** What a unit's lane does after commits that change leads: it notifies the channels that subscribe, and checks the watched segments. */
import { settleMemberships } from "../core/memberships";
import { notifyOfChanges } from "../core/notifications";
import { logError } from "../log";
import { flushMetrics, openSystem } from "../open-context";
import { openStatementBudget } from "../statement-budget";

/** After a failure; the sweeps look for the same work each minute. */
const RETRY_MS = 5_000;
/** Left to the segments. */
const STATEMENTS_KEPT = 500;

/** Returns when the lane has to go on, in ms; null: not before something changes. Never throws. */
export async function followChanges(env: Env, unit: number, until: number, budget = openStatementBudget()): Promise<number | null> {
  const first = budget.keeping(STATEMENTS_KEPT);
  const inTime = () => Date.now() < until;
  const open = () => openSystem(env, unit, `lane-${unit}`);
  const times = [
    await orLater("channels not notified of changes", unit, async () =>
      notifyOfChanges(first.counted(await open()), () => inTime() && first.hasRoom()),
    ),
    await orLater("segments not checked", unit, async () => {
      const { outcome, next_at } = await settleMemberships(budget.counted(await open()), () => inTime() && budget.hasRoom());
      return outcome === "continue" ? Date.now() : next_at;
    }),
  ];
  await flushMetrics(env);
  return times.reduce((next, time) => (time === null || (next !== null && next < time) ? next : time), null);
}

async function orLater(message: string, unit: number, work: () => Promise<number | null>): Promise<number | null> {
  try {
    return await work();
  } catch (error) {
    logError(message, error, { unit });
    return Date.now() + RETRY_MS;
  }
}
