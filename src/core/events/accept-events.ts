/** Accepts events: validates them and sends them to the queue. No table is touched (ingest contract). */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { yieldToEventLoop } from "../../event-loop";
import { count } from "../../metrics";
import { fieldProblems, parseInput, valueAt } from "../../validation";
import { requireRole } from "../auth";
import { inBatchTurn } from "./batch-turns";
import { type EventProblem, type QueuedEvent, readEvent } from "./event";
import { identified } from "./event-id";
import { eventInput, SentEvent, SentEvents } from "./schemas";
import { requireRoomForEvents, sendEvent, sendEvents } from "./send-events";

/** How many events of a batch are read before other requests get their turn. */
const EVENTS_PER_STEP = 100;

/** `event_id`: the one under which it is queued, or that a refused event was sent with. No problems: it is queued. */
export type Verdict = { event_id: string | null; problems: readonly EventProblem[] };

/**
 * Queues one event. `idempotencyKey` identifies it if it has no id of its own, or in addition to it. Throws forbidden, invalid_request,
 * too_large (metadata over 100 KB), conflict and RateLimited (a quota), unavailable (the queue failed or is overfull).
 */
export async function acceptEvent(ctx: Ctx, given: z.input<typeof SentEvent>, idempotencyKey?: string): Promise<QueuedEvent> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const event = readEvent(identified(ctx, eventInput(parseInput(SentEvent, given), idempotencyKey), now), ctx.unit, now);
  if (Array.isArray(event)) throw refusal(event);
  await requireRoomForEvents(ctx);
  await ctx.meter.requireStorage();
  await ctx.meter.takeEvents(1);
  if (!(await sendEvent(ctx, event))) {
    ctx.meter.returnEvents(1);
    throw notQueued();
  }
  count("events_ingested_total");
  return event;
}

/**
 * Queues the valid ones of at most 500 events; returns a verdict for each event, in order. Throws forbidden, invalid_request, conflict and
 * RateLimited (a quota), unavailable (the queue is overfull, or too many batches wait for their turn).
 */
export async function acceptEvents(ctx: Ctx, given: z.input<typeof SentEvents>): Promise<Verdict[]> {
  requireRole(ctx, "editor");
  const { events } = parseInput(SentEvents, given);
  await requireRoomForEvents(ctx);
  await ctx.meter.requireStorage();
  return inBatchTurn(ctx, events.length, () => queueValid(ctx, events));
}

async function queueValid(ctx: Ctx, events: readonly unknown[]): Promise<Verdict[]> {
  const now = ctx.now();
  const read: (QueuedEvent | EventProblem[])[] = [];
  for (const [index, sent] of events.entries()) {
    if (index > 0 && index % EVENTS_PER_STEP === 0) await yieldToEventLoop();
    read.push(readSent(sent, ctx, now));
  }
  const valid = read.filter((event): event is QueuedEvent => !Array.isArray(event));
  await ctx.meter.takeEvents(valid.length);
  const lost = await sendEvents(ctx, valid);
  ctx.meter.returnEvents(lost.size);
  count("events_ingested_total", valid.length - lost.size);
  return read.map((event, index) => {
    if (Array.isArray(event)) return { event_id: sentId(events[index]), problems: event };
    return { event_id: event.event_id, problems: lost.has(event) ? [{ path: "", message: "could not be queued; send it again" }] : [] };
  });
}

/**
 * Queues events that are read already: all of them, or it throws and the same ones are sent again. Throws conflict and RateLimited (a
 * quota), unavailable (the queue failed or is overfull).
 */
export async function acceptReadEvents(ctx: Ctx, events: readonly QueuedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await requireRoomForEvents(ctx);
  await ctx.meter.requireStorage();
  await ctx.meter.takeEvents(events.length);
  const lost = await sendEvents(ctx, events);
  ctx.meter.returnEvents(lost.size);
  count("events_ingested_total", events.length - lost.size);
  if (lost.size > 0) throw notQueued();
}

function readSent(sent: unknown, ctx: Ctx, now: number): QueuedEvent | EventProblem[] {
  const parsed = SentEvent.safeParse(sent);
  return parsed.success ? readEvent(identified(ctx, eventInput(parsed.data), now), ctx.unit, now) : fieldProblems(parsed.error, sent);
}

export const notQueued = (): AppError => new AppError("unavailable", "The event could not be queued; send it again in a moment");

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
