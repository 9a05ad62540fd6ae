/**
 * Puts ingested events on their timelines. Each org unit's messages go to the unit's lane, all lanes at once, so that no unit delays its
 * neighbours. A message that failed is retried alone, and finally event by event. What still fails goes on to `dead-events.ts`.
 */
import { laneOf } from "../open-context";
import { type Deadline, openDeadline } from "./deadline";
import { groupByUnit } from "./group-by-unit";
import { type EventMessage, isEventMessage } from "./messages";
import type { UnitOutcome } from "./process-unit";
import { setAside } from "./set-aside";
import { settle } from "./settle";

const ATTEMPTS_TOGETHER = 1;
const ATTEMPTS_WHOLE = 3;
/** How many commits of one unit a batch waits for. */
const COMMITS_PER_BATCH = 2;
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

/**
 * The groups of one unit, one after the other. The lane takes two commits' worth of new events; the others are set aside, and so are all
 * that arrive while the lane replays them.
 */
async function consumeLane(queue: string, env: Env, lane: readonly Message[][], deadline: Deadline): Promise<void> {
  let commits = 0;
  let busy = false;
  const surplus: Message[] = [];
  for (const [index, messages] of lane.entries()) {
    const holdsEvents = messages.every(({ body }) => isEventMessage(body));
    const isNew = messages.every(({ attempts }) => attempts <= ATTEMPTS_TOGETHER);
    const isLate = index > 0 && deadline.isOver();
    if (holdsEvents && (busy || isLate || (isNew && commits === COMMITS_PER_BATCH))) surplus.push(...messages);
    else {
      if (isNew) commits += 1;
      await settle(queue, messages, async () => {
        if ((await consumeTogether(env, messages, deadline)) === "stored") return;
        busy = true;
        await putAside(env, messages);
      });
    }
  }
  if (surplus.length > 0) await settle(queue, surplus, () => putAside(env, surplus));
}

async function putAside(env: Env, messages: readonly Message[]): Promise<void> {
  const [first] = messages;
  if (first) await setAside(env, bodyOf(first).unit, messages.map(bodyOf));
}

async function consumeTogether(env: Env, messages: readonly Message[], deadline: Deadline): Promise<"stored" | "busy"> {
  const [first] = messages;
  if (!first) return "stored";
  if (!isEventMessage(first.body)) throw new Error("The message holds no events");
  const { unit } = first.body;
  const work = {
    unit,
    events: messages.flatMap((message) => bodyOf(message).events),
    apart: first.attempts > ATTEMPTS_WHOLE,
    request_id: first.id,
  };
  const outcome: Promise<UnitOutcome> = laneOf(env, unit).process(work, deadline.at);
  const { failure, busy } = await deadline.orElse(outcome, { failure: "The unit's lane was not done in time" });
  if (failure !== null) throw new Error(failure);
  return busy ? "busy" : "stored";
}

const bodyOf = (message: Message): EventMessage => message.body as EventMessage;
