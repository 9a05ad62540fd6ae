/**
 * Puts ingested events on their timelines. Each org unit's messages go to the unit's lane, all lanes at once, so that no unit delays its
 * neighbours. A message that failed is retried alone, and finally event by event. What still fails goes on to `dead-events.ts`.
 */
import { laneOf, outbox } from "../open-context";
import { type Deadline, openDeadline } from "./deadline";
import { groupByUnit } from "./group-by-unit";
import { type EventMessage, isEventMessage } from "./messages";
import type { UnitOutcome } from "./process-unit";
import { settle } from "./settle";

const ATTEMPTS_TOGETHER = 1;
const ATTEMPTS_WHOLE = 3;
/** How long a batch waits for its slowest unit: a commit takes well below a second as a rule. */
const BATCH_WAIT_MS = 20_000;

/** Settles every message within `waitMs`: those of units that are not done by then are retried. */
export async function consumeEvents(batch: MessageBatch, env: Env, waitMs = BATCH_WAIT_MS): Promise<void> {
  const deadline = openDeadline(waitMs);
  const groups = groupByUnit(batch.messages, (message) => message.attempts > ATTEMPTS_TOGETHER);
  const lanes = Map.groupBy(groups, ([first]) => (isEventMessage(first?.body) ? first.body.unit : null));
  await Promise.all([...lanes.values()].map((lane) => consumeLane(batch.queue, env, lane, deadline)));
  deadline.close();
}

/** The groups of one unit, one after the other. */
async function consumeLane(queue: string, env: Env, lane: readonly Message[][], deadline: Deadline): Promise<void> {
  for (const [index, messages] of lane.entries()) {
    const late = index > 0 && deadline.isOver() && messages.every(({ body }) => isEventMessage(body));
    await settle(queue, messages, () => (late ? handBack(env, messages) : consumeTogether(env, messages, deadline)));
  }
}

/** Queues messages again, for another invocation: a retry would use up one of their attempts. */
async function handBack(env: Env, messages: readonly Message[]): Promise<void> {
  for (const message of messages) await outbox(env).events(bodyOf(message));
}

async function consumeTogether(env: Env, messages: readonly Message[], deadline: Deadline): Promise<void> {
  const [first] = messages;
  if (!first) return;
  if (!isEventMessage(first.body)) throw new Error("The message holds no events");
  const { unit } = first.body;
  const work = {
    unit,
    events: messages.flatMap((message) => bodyOf(message).events),
    apart: first.attempts > ATTEMPTS_WHOLE,
    request_id: first.id,
  };
  const outcome: Promise<UnitOutcome> = laneOf(env, unit).process(work, deadline.at);
  const { failure } = await deadline.orElse(outcome, { failure: "The unit's lane was not done in time" });
  if (failure !== null) throw new Error(failure);
}

const bodyOf = (message: Message): EventMessage => message.body as EventMessage;
