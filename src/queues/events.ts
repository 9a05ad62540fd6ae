/**
 * Puts ingested events on their timelines. Messages of one org unit are processed together; one that failed is retried alone, and finally
 * event by event, so that nothing delays its neighbours. What still fails goes on to `dead-events.ts`.
 */
import { processEvents } from "../core/events";
import { openSystem, outbox } from "../open-context";
import { openStatementBudget, type StatementBudget } from "../statement-budget";
import { groupByUnit } from "./group-by-unit";
import { type EventMessage, isEventMessage } from "./messages";
import { settle } from "./settle";

const ATTEMPTS_TOGETHER = 1;
const ATTEMPTS_WHOLE = 3;

export async function consumeEvents(batch: MessageBatch, env: Env): Promise<void> {
  const budget = openStatementBudget();
  for (const messages of groupByUnit(batch.messages, (message) => message.attempts > ATTEMPTS_TOGETHER)) {
    const fits = budget.hasRoom() || !isEventMessage(messages[0]?.body);
    await settle(batch.queue, messages, () => (fits ? consumeTogether(env, messages, budget) : handBack(env, messages)));
  }
}

/** Queues messages again, for another invocation: a retry would use up one of their attempts. */
async function handBack(env: Env, messages: readonly Message[]): Promise<void> {
  for (const message of messages) await outbox(env).events(bodyOf(message));
}

async function consumeTogether(env: Env, messages: readonly Message[], budget: StatementBudget): Promise<void> {
  const [first] = messages;
  if (!first) return;
  const { unit } = bodyOf(first);
  const ctx = budget.counted(await openSystem(env, unit, first.id));
  const events = messages.flatMap((message) => bodyOf(message).events);
  const parts = first.attempts > ATTEMPTS_WHOLE ? events.map((event) => [event]) : [events];
  const failures: unknown[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0 && !budget.hasRoom()) {
      if (failures.length === 0) await ctx.outbox.events({ unit, events: parts.slice(index).flat() });
      break;
    }
    await processEvents(ctx, part, { silent: false }).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

const bodyOf = (message: Message): EventMessage => message.body as EventMessage;
