/**
 * Puts ingested events on their timelines. Messages of one org unit are worked on together; one that failed comes back alone, and at
 * last event by event, so that nothing holds its neighbours up. What can never be processed ends in the feed of rejected events.
 */
import { processEvents, rejectEvents } from "../core/events";
import { AppError } from "../errors";
import { openSystem } from "../open-context";
import { consumeDeadLetter } from "./dead-letters";
import type { EventMessage } from "./messages";
import { settle } from "./settle";

const EVENTS_PER_COMMIT_MAX = 500;
const ATTEMPTS_TOGETHER = 1;
const ATTEMPTS_WHOLE = 3;

export async function consumeEvents(batch: MessageBatch, env: Env): Promise<void> {
  for (const messages of groups(batch.messages)) await settle(batch.queue, messages, () => consumeTogether(env, messages));
}

async function consumeTogether(env: Env, messages: readonly Message[]): Promise<void> {
  const [first] = messages;
  if (!first) return;
  const ctx = await openSystem(env, bodyOf(first).unit, first.id);
  const events = messages.flatMap((message) => bodyOf(message).events);
  const parts = first.attempts > ATTEMPTS_WHOLE ? events.map((event) => [event]) : [events];
  const failures: unknown[] = [];
  for (const part of parts) await processEvents(ctx, part, { silent: false }).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Messages to be worked on together: of one unit, tried for the first time, not too many events. */
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
 * A message that no attempt could settle: each of its events that is on no timeline is rejected, with its content. One that is none, or
 * of a unit that there is not, has no such feed: the operator has it.
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
