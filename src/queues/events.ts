/**
 * Puts ingested events on their timelines. Messages of one org unit are processed together; one that failed is retried alone, and finally
 * event by event, so that nothing delays its neighbours. Events that can never be processed end in the feed of rejected events.
 */
import { processEvents, rejectEvents } from "../core/events";
import { AppError } from "../errors";
import { openSystem, outbox } from "../open-context";
import { consumeDeadLetter } from "./dead-letters";
import type { EventMessage } from "./messages";
import { settle } from "./settle";
import { openStatementBudget, type StatementBudget } from "./statement-budget";

const EVENTS_PER_COMMIT_MAX = 500;
const ATTEMPTS_TOGETHER = 1;
const ATTEMPTS_WHOLE = 3;

export async function consumeEvents(batch: MessageBatch, env: Env): Promise<void> {
  const budget = openStatementBudget();
  for (const messages of groups(batch.messages)) {
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

/** Groups messages to be processed together: of one unit, on their first attempt, up to EVENTS_PER_COMMIT_MAX events. */
function groups(messages: readonly Message[]): Message[][] {
  const done: Message[][] = [];
  const open = new Map<number, { messages: Message[]; events: number }>();
  for (const message of messages) {
    if (message.attempts > ATTEMPTS_TOGETHER || !isEventMessage(message.body)) {
      done.push([message]);
      continue;
    }
    const { unit, events } = message.body;
    const group = open.get(unit);
    if (group && group.events + events.length <= EVENTS_PER_COMMIT_MAX) {
      group.messages.push(message);
      group.events += events.length;
    } else {
      if (group) done.push(group.messages);
      open.set(unit, { messages: [message], events: events.length });
    }
  }
  return [...done, ...[...open.values()].map((group) => group.messages)];
}

/**
 * A message that no attempt could settle: each of its events that is on no timeline is rejected and kept. Malformed messages and those of
 * unknown units go to dead_letters.
 */
export async function consumeDeadEvents(env: Env, message: Message, queue: string): Promise<void> {
  if (!isEventMessage(message.body)) return consumeDeadLetter(env, message, queue);
  const { unit, events } = message.body;
  try {
    await rejectEvents(await openSystem(env, unit, message.id), events, "The event could not be processed");
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    await consumeDeadLetter(env, message, queue);
  }
}

const isEventMessage = (body: unknown): body is EventMessage => {
  const { unit, events } = (body ?? {}) as Partial<EventMessage>;
  return typeof unit === "number" && Array.isArray(events);
};

const bodyOf = (message: Message): EventMessage => message.body as EventMessage;
