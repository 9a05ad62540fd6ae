/** Accepts what a client library sends in one request: each event is queued, a refused one as well, for the feed of rejected events. */
import type { Ctx } from "../../context";
import type { FieldProblem } from "../../errors";
import { count } from "../../metrics";
import { utf8Bytes } from "../../text";
import { requireRole } from "../auth";
import { jsonProblem, type Profile } from "../leads";
import { notQueued } from "./accept-events";
import { EVENT_TYPE_CHARS_MAX, type EventInput, isEventId, type QueuedEvent, readEvent } from "./event";
import { identified, newEventId } from "./event-id";
import { requireRoomForEvents, sendEvents } from "./send-events";

/** An event as it was sent, to be kept with its refusal. */
export type SentCall = { event_id: string | undefined; event_type: string; content: Profile | null };

/** `refused`: why the dialect cannot read it. */
export type Call = { sent: SentCall } & ({ input: EventInput } | { refused: string });

const REASON_CHARS_MAX = 1_000;
/** Of a refused event's content; more is left out of the feed. */
const CONTENT_BYTES_MAX = 64 * 1024;

/**
 * `now`: when they came, by which their times have been read. Queues the events of one request and returns how many are refused. No table is touched. All or nothing reaches the caller: where the
 * queue does not take some, the request is to be sent again. Throws forbidden, conflict and RateLimited (a quota), unavailable.
 */
export async function acceptCalls(ctx: Ctx, calls: readonly Call[], now: number): Promise<{ refused: number }> {
  requireRole(ctx, "editor");
  await requireRoomForEvents(ctx);
  await ctx.meter.requireStorage();
  const events = calls.map((call) => readCall(ctx, call, now));
  await ctx.meter.takeEvents(events.length);
  const lost = await sendEvents(ctx, events);
  ctx.meter.returnEvents(lost.size);
  count("events_ingested_total", events.length - lost.size);
  if (lost.size > 0) throw notQueued();
  return { refused: events.filter(({ refused }) => refused !== undefined).length };
}

function readCall(ctx: Ctx, call: Call, now: number): QueuedEvent {
  if ("refused" in call) return refusedEvent(ctx, call.sent, call.refused, now);
  const event = readEvent(identified(ctx, call.input, now), ctx.unit, now);
  return Array.isArray(event) ? refusedEvent(ctx, call.sent, reasonOf(event), now) : event;
}

const reasonOf = (problems: readonly FieldProblem[]): string =>
  problems.map(({ path, message }) => (path ? `${path} ${message}` : message)).join("; ");

function refusedEvent(ctx: Ctx, { event_id, event_type, content }: SentCall, reason: string, now: number): QueuedEvent {
  const storable = content !== null && jsonProblem(content) === null && utf8Bytes(JSON.stringify(content)) <= CONTENT_BYTES_MAX;
  return {
    event_id: event_id !== undefined && isEventId(event_id) ? event_id : newEventId(ctx, now),
    idempotency_key: null,
    lead_id: null,
    aliases: [],
    event_type: event_type.slice(0, EVENT_TYPE_CHARS_MAX).toWellFormed(),
    occurred_at: now,
    received_at: now,
    metadata: storable ? content : null,
    refused: reason.slice(0, REASON_CHARS_MAX).toWellFormed(),
  };
}
