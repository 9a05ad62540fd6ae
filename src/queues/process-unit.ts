/**
 * What a unit's lane does with the events that the consumer hands it. An invocation of its own: its CPU, its memory and its D1 statements
 * are the unit's alone.
 */
import { processEvents, type QueuedEvent, sendEvents } from "../core/events";
import { logError } from "../log";
import { flushMetrics, logWork, openSystem } from "../open-context";
import { openStatementBudget } from "../statement-budget";

export type UnitWork = {
  unit: number;
  events: QueuedEvent[];
  /** one commit for each event: after attempts that failed, so that none stops the others */
  apart: boolean;
  /** of the first message, for the log */
  request_id: string;
};

/** Crosses RPC, so the failure is text. `busy`: the lane did nothing, since older events of the unit wait in R2. */
export type UnitOutcome = { failure: string | null; busy?: true };

/** Stores the events of one unit. Never throws: an error would lose its class on the way to the caller. */
export async function processUnit(env: Env, work: UnitWork): Promise<UnitOutcome> {
  const startedAt = Date.now();
  try {
    await storeAll(env, work);
    logWork(env, "events processed", { unit: work.unit, events: work.events.length, ms: Date.now() - startedAt });
    return { failure: null };
  } catch (error) {
    logError("unit's events not processed", error, { unit: work.unit, request_id: work.request_id, events: work.events.length });
    const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { failure };
  } finally {
    await flushMetrics(env);
  }
}

async function storeAll(env: Env, { unit, events, apart, request_id }: UnitWork): Promise<void> {
  const budget = openStatementBudget();
  const ctx = budget.counted(await openSystem(env, unit, request_id, "event"));
  const failures: unknown[] = [];
  const left: QueuedEvent[] = [];
  const parts = apart ? events.map((event) => [event]) : [events];
  for (const [index, part] of parts.entries()) {
    if (index > 0 && !budget.hasRoom()) left.push(...part);
    else {
      const store = processEvents(ctx, part, { silent: false, waits: true }, () => budget.hasRoom());
      await store.then(
        (done) => left.push(...done.left),
        (error: unknown) => failures.push(error),
      );
    }
  }
  if (failures.length > 0) throw failures[0];
  // for another invocation: a retry would use up an attempt
  if ((await sendEvents(ctx, left)).size > 0) throw new Error("events for another invocation not queued");
}
