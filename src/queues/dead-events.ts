/**
 * Messages of events that no attempt could settle. Their events are processed once more; what the database does not take is spilled to R2,
 * from where the cron replays it. Malformed messages and those of unknown org units go to dead_letters.
 */
import { type QueuedEvent, settleEvents, spillEvents } from "../core/events";
import { AppError } from "../errors";
import { logError, logLine } from "../log";
import { openFiles, openSystem, outbox } from "../open-context";
import { openStatementBudget, type StatementBudget } from "../statement-budget";
import { consumeDeadLetter } from "./dead-letters";
import { groupByUnit } from "./group-by-unit";
import { type EventMessage, isEventMessage } from "./messages";
import { settle } from "./settle";

/** Half of the attempts that wrangler.toml allows: beyond the last one the queue would drop the message. */
const ATTEMPTS_BEFORE_REQUEUE = 50;

export async function consumeDeadEvents(batch: MessageBatch, env: Env): Promise<void> {
  const budget = openStatementBudget();
  for (const messages of groupByUnit(batch.messages))
    await settle(batch.queue, messages, () => settleOrSpill(env, batch.queue, messages, budget));
}

async function settleOrSpill(env: Env, queue: string, messages: readonly Message[], budget: StatementBudget): Promise<void> {
  const [first] = messages;
  if (!first) return;
  if (!isEventMessage(first.body)) return consumeDeadLetter(env, first, queue);
  const { unit } = first.body;
  const events = messages.flatMap((message) => (message.body as EventMessage).events);
  const left = await leftOver(env, unit, events, first.id, budget);
  if (left === "unknown_unit") {
    for (const message of messages) await consumeDeadLetter(env, message, queue);
    return;
  }
  try {
    await spillEvents(openFiles(env), unit, left);
    if (left.length > 0) logLine({ level: "warn", message: "events spilled", unit, events: left.length });
  } catch (error) {
    if (first.attempts < ATTEMPTS_BEFORE_REQUEUE) throw error;
    // neither D1 nor R2 for hours: as new messages the events wait on
    logError("events not spilled", error, { unit, events: left.length });
    for (const message of messages) await outbox(env).events(message.body as EventMessage);
  }
}

/** The events that are neither stored nor rejected. */
async function leftOver(
  env: Env,
  unit: number,
  events: readonly QueuedEvent[],
  requestId: string,
  budget: StatementBudget,
): Promise<readonly QueuedEvent[] | "unknown_unit"> {
  if (!budget.hasRoom()) return events;
  try {
    return await settleEvents(budget.counted(await openSystem(env, unit, requestId, "event")), events);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return "unknown_unit";
    logError("events not processed", error, { unit, events: events.length });
    return events;
  }
}
