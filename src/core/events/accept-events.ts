/** Accepts events: validates them and sends them to the queue. No table is touched (ingest contract). */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { utf8Bytes } from "../../text";
import { fieldProblems, parseInput, valueAt } from "../../validation";
import { requireRole } from "../auth";
import { type EventProblem, type QueuedEvent, readEvent } from "./event";
import { remember } from "./recently-taken";
import { eventInput, SentEvent, SentEvents } from "./schemas";

/** A queue message is at most 128 KB, and one event may fill it. */
const MESSAGE_BYTES_MAX = 120_000;

/** `event_id`: the one under which it is queued, or that a refused event was sent with. No problems: it is queued. */
export type Verdict = { event_id: string | null; problems: readonly EventProblem[] };

/**
 * Queues one event. `idempotencyKey` identifies it if it has no id of its own, or in addition to it. Throws forbidden, invalid_request,
 * too_large (metadata over 100 KB), unavailable (the queue failed).
 */
export async function acceptEvent(ctx: Ctx, given: z.input<typeof SentEvent>, idempotencyKey?: string): Promise<QueuedEvent> {
  requireRole(ctx, "editor");
  const event = readEvent(eventInput(parseInput(SentEvent, given), idempotencyKey), ctx.unit, ctx.now());
  if (Array.isArray(event)) throw refusal(event);
  await send(ctx, [event]);
  return event;
}

/** Queues the valid ones of at most 500 events; returns a verdict for each event, in order. Throws forbidden, invalid_request. */
export async function acceptEvents(ctx: Ctx, given: z.input<typeof SentEvents>): Promise<Verdict[]> {
  requireRole(ctx, "editor");
  const { events } = parseInput(SentEvents, given);
  const now = ctx.now();
  const read = events.map((sent) => readSent(sent, ctx, now));
  const messages = packed(read.filter((event): event is QueuedEvent => !Array.isArray(event)));
  const sent = await Promise.allSettled(messages.map((message) => send(ctx, message)));
  const lost = new Set(messages.filter((_, index) => sent[index]?.status === "rejected").flat());
  return read.map((event, index) => {
    if (Array.isArray(event)) return { event_id: sentId(events[index]), problems: event };
    return { event_id: event.event_id, problems: lost.has(event) ? [{ path: "", message: "could not be queued; send it again" }] : [] };
  });
}

function readSent(sent: unknown, { unit }: Ctx, now: number): QueuedEvent | EventProblem[] {
  const parsed = SentEvent.safeParse(sent);
  return parsed.success ? readEvent(eventInput(parsed.data), unit, now) : fieldProblems(parsed.error, sent);
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

function sentId(sent: unknown): string | null {
  const id = valueAt(sent, ["event_id"]);
  return typeof id === "string" ? id : null;
}
