/** What a unit's lane does with events that no attempt could settle: each is tried once more, and stored or rejected if that is possible. */
import { settleEvents } from "../core/events";
import { AppError } from "../errors";
import { logError } from "../log";
import { flushMetrics, openSystem } from "../open-context";
import { openStatementBudget } from "../statement-budget";
import { allLeft, type DeadWork, type LeftOver } from "./left-over";

export async function settleUnit(env: Env, { unit, events, request_id }: DeadWork): Promise<LeftOver> {
  try {
    const budget = openStatementBudget();
    const left = await settleEvents(budget.counted(await openSystem(env, unit, request_id, "event")), events, () => budget.hasRoom());
    return allLeft({ events: [...left] });
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return "unknown_unit";
    logError("events not processed", error, { unit, events: events.length });
    return allLeft({ events });
  } finally {
    await flushMetrics(env);
  }
}
