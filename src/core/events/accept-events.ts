/** Accepts events: validates them and sends them to the queue. No table is touched (ingest contract). */

import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { utf8Bytes } from "../../text";
import { type EventInput, type EventProblem, type QueuedEvent, readEvent } from "./event";
import { remember } from "./recently-taken";

/** A queue message is at most 128 KB, and one event may fill it. */
const MESSAGE_BYTES_MAX = 120_000;

export type Verdict = { event_id: string | null; problems: readonly EventProblem[] };

/** Queues one event. Throws invalid_request, too_large (metadata over 100 KB), unavailable (the queue failed). */
export async function acceptEvent(ctx: Ctx, input: EventInput): Promise<QueuedEvent> {
  const event = readEvent(input, ctx.unit, ctx.now());
  if (Array.isArray(event)) throw refusal(event);
  await send(ctx, [event]);
  return event;
}

/** Queues the valid events; returns a verdict for each input, in order. */
export async function acceptEvents(ctx: Ctx, inputs: readonly (EventInput | EventProblem[])[]): Promise<Verdict[]> {
  const now = ctx.now();
  const read = inputs.map((input) => (Array.isArray(input) ? input : readEvent(input, ctx.unit, now)));
  const messages = packed(read.filter((event): event is QueuedEvent => !Array.isArray(event)));
  const sent = await Promise.allSettled(messages.map((events) => send(ctx, events)));
  const lost = new Set(messages.filter((_, index) => sent[index]?.status === "rejected").flat());
  return read.map((event, index) => {
    if (Array.isArray(event)) return { event_id: sentId(inputs[index]), problems: event };
    return { event_id: event.event_id, problems: lost.has(event) ? [{ path: "", message: "could not be queued; send it again" }] : [] };
  });
}

async function send(ctx: Ctx, events: readonly QueuedEvent[]): Promise<void> {
  try {
    await ctx.outbox.events({ unit: ctx.unit.unit, events });
    for (const { event_id } of events) remember(ctx, event_id);
  } catch (error) {
    logError("events not queued", error, { request_id: ctx.requestId, events: events.length });
    throw new AppError("unavailable", "The event could not be queued; send it again in a moment");
  }
}

/** The events in as few messages as possible, in order. */
function packed(events: readonly QueuedEvent[]): QueuedEvent[][] {
  const messages: QueuedEvent[][] = [];
  let bytes = MESSAGE_BYTES_MAX;
  for (const event of events) {
    const size = utf8Bytes(JSON.stringify(event)) + 1;
    const last = messages.at(-1);
    if (last && bytes + size <= MESSAGE_BYTES_MAX) {
      last.push(event);
      bytes += size;
    } else {
      messages.push([event]);
      bytes = size;
    }
  }
  return messages;
}

function refusal(problems: readonly EventProblem[]): AppError {
  const detail = problems.map(({ path, message }) => (path ? `${path} ${message}` : message)).join("; ");
  return new AppError(
    problems.some(({ too_large }) => too_large) ? "too_large" : "invalid_request",
    detail,
    problems.map(({ path, message }) => ({ path, message })),
  );
}

const sentId = (input: EventInput | EventProblem[] | undefined): string | null =>
  input === undefined || Array.isArray(input) ? null : (input.event_id ?? null);
