/**
 * Events of a unit that sends more than its lane takes at once. They go to R2, and the lane replays them from there, so that in the queue,
 * which all units share, one unit's backlog never delays another's events.
 */
import { type QueuedEvent, spillEvents } from "../core/events";
import { logError } from "../log";
import { laneOf, logWork, openFiles } from "../open-context";
import type { EventMessage } from "./messages";

/** One object in R2: a few commits. */
const EVENTS_PER_OBJECT_MAX = 1_000;
/** Connections that a Worker may have waiting for a response at once. */
const WRITES_AT_ONCE = 6;

/** Throws what R2 throws; some of the events may be stored by then, and still count once. */
export async function setAside(env: Env, unit: number, messages: readonly EventMessage[]): Promise<void> {
  const files = openFiles(env);
  const objects = packed(messages).values();
  const write = async () => {
    for (const events of objects) await spillEvents(files, unit, events);
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, write));
  logWork(env, "events set aside", { unit, events: messages.reduce((sum, { events }) => sum + events.length, 0) });
  try {
    await laneOf(env, unit).drain(unit);
  } catch (error) {
    // the cron wakes the lane
    logError("lane not woken", error, { unit });
  }
}

function packed(messages: readonly EventMessage[]): QueuedEvent[][] {
  const objects: QueuedEvent[][] = [];
  for (const { events } of messages) {
    const last = objects.at(-1);
    if (last && last.length + events.length <= EVENTS_PER_OBJECT_MAX) last.push(...events);
    else objects.push([...events]);
  }
  return objects;
}
