/** Puts events on the queue, which is the only place that holds them until they are processed. */
import type { Ctx } from "../../context";
import { Unavailable } from "../../errors";
import { logError } from "../../log";
import { utf8Bytes } from "../../text";
import type { QueuedEvent } from "./event";
import { remember } from "./recently-taken";

/** A queue message is at most 128 KB, and one event may fill it. */
const MESSAGE_BYTES_MAX = 120_000;
/** What one commit takes at most. */
const MESSAGE_EVENTS_MAX = 500;
const OVERFULL_RETRY_SECONDS = 60;

/** Throws unavailable while more events wait than the operator allows. No D1 round trip; the queue is read every few seconds. */
export async function requireRoomForEvents(ctx: Ctx): Promise<void> {
  if (await ctx.outbox.eventsOverfull())
    throw new Unavailable("Too many events are waiting to be processed; send it again later", OVERFULL_RETRY_SECONDS);
}

/** Sends the events in as few messages as possible, in order; returns those that the queue did not take. */
export async function sendEvents(ctx: Ctx, events: readonly QueuedEvent[]): Promise<ReadonlySet<QueuedEvent>> {
  const lost = await Promise.all(packed(events).map(async (message) => ((await sent(ctx, message)) ? [] : message)));
  return new Set(lost.flat());
}

/** Sends one event; false when the queue did not take it. */
export const sendEvent = (ctx: Ctx, event: QueuedEvent): Promise<boolean> => sent(ctx, [event]);

async function sent(ctx: Ctx, events: readonly QueuedEvent[]): Promise<boolean> {
  try {
    await ctx.outbox.events({ unit: ctx.unit.unit, events });
    for (const { event_id } of events) remember(ctx, event_id);
    return true;
  } catch (error) {
    logError("events not queued", error, { request_id: ctx.requestId, events: events.length });
    return false;
  }
}

function packed(events: readonly QueuedEvent[]): QueuedEvent[][] {
  const messages: QueuedEvent[][] = [];
  let bytes = MESSAGE_BYTES_MAX;
  for (const event of events) {
    const size = utf8Bytes(JSON.stringify(event)) + 1;
    const last = messages.at(-1);
    if (last && bytes + size <= MESSAGE_BYTES_MAX && last.length < MESSAGE_EVENTS_MAX) {
      last.push(event);
      bytes += size;
    } else {
      messages.push([event]);
      bytes = size;
    }
  }
  return messages;
}
