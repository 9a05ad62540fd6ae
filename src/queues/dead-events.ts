/**
 * Messages of events that no attempt could settle. Their events are processed once more; what the database does not take is spilled to R2,
 * from where the cron replays it. Malformed messages and those of unknown org units go to dead_letters.
 */
import { spillEvents } from "../core/events";
import { logError, logLine } from "../log";
import { laneOf, openFiles, outbox } from "../open-context";
import { consumeDeadLetter } from "./dead-letters";
import { type Deadline, openDeadline } from "./deadline";
import { groupByUnit } from "./group-by-unit";
import { allLeft, type DeadWork, type LeftOver } from "./left-over";
import { type EventMessage, isEventMessage } from "./messages";
import { settle } from "./settle";

/** Half of the attempts that wrangler.toml allows: beyond the last one the queue would drop the message. */
const ATTEMPTS_BEFORE_REQUEUE = 50;
/** How long a batch waits for its units: what is not settled by then is spilled. */
const BATCH_WAIT_MS = 20_000;

/** The lanes of the units work all at once, so that no unit delays its neighbours. */
export async function consumeDeadEvents(batch: MessageBatch, env: Env, waitMs = BATCH_WAIT_MS): Promise<void> {
  const deadline = openDeadline(waitMs);
  const lanes = Map.groupBy(groupByUnit(batch.messages), ([first]) => (isEventMessage(first?.body) ? first.body.unit : null));
  const consumeLane = async (groups: readonly Message[][]) => {
    for (const messages of groups) await settle(batch.queue, messages, () => settleOrSpill(env, batch.queue, messages, deadline));
  };
  await Promise.all([...lanes.values()].map(consumeLane));
  deadline.close();
}

async function settleOrSpill(env: Env, queue: string, messages: readonly Message[], deadline: Deadline): Promise<void> {
  const [first] = messages;
  if (!first) return;
  if (!isEventMessage(first.body)) return consumeDeadLetter(env, first, queue);
  const { unit } = first.body;
  const events = messages.flatMap((message) => (message.body as EventMessage).events);
  const found = await leftOver(env, { unit, events, request_id: first.id }, deadline);
  if (found === "unknown_unit") {
    for (const message of messages) await consumeDeadLetter(env, message, queue);
    return;
  }
  const ids = new Set(found.left);
  const left = events.filter(({ event_id }) => ids.has(event_id));
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

async function leftOver(env: Env, work: DeadWork, deadline: Deadline): Promise<LeftOver> {
  const all = allLeft(work);
  if (deadline.isOver()) return all;
  const settled: Promise<LeftOver> = laneOf(env, work.unit).settle(work, deadline.at);
  return deadline.orElse(settled, all).catch((error: unknown) => {
    logError("events not processed", error, { unit: work.unit, events: work.events.length });
    return all;
  });
}
