/** Sends rejected events to the queue again, as they were. An event leaves the feed in the batch that stores it. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { isoTime, parseIsoTime } from "../../time";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { notQueued } from "./accept-events";
import type { QueuedEvent } from "./event";
import { RejectedSelection } from "./schemas";
import { requireRoomForEvents, sendEvents } from "./send-events";
import { type RejectedKey, selectRejectedBefore, selectRejectedById } from "./store";

const EVENTS_PER_CALL_MAX = 5_000;
/** At 120 KB an event, what one page may take in memory. */
const PAGE_EVENTS_MAX = 100;

/** `next_before`: where the next call goes on, in RFC 3339; null when nothing is left. */
export type Replay = { queued: number; not_found: string[]; next_before: string | null };

/** Throws forbidden, not_found (the event is not in the feed), unavailable (the queue failed). One D1 round trip. */
export async function replayRejectedEvent(ctx: Ctx, eventId: string): Promise<void> {
  const { queued } = await replayRejectedEvents(ctx, { event_ids: [eventId] });
  if (queued === 0) throw new AppError("not_found", "No rejected event has this id");
}

/** At most 500 events by id, or 5,000 by time: a D1 round trip for each 100. Throws forbidden, invalid_request, unavailable. */
export async function replayRejectedEvents(ctx: Ctx, given: z.input<typeof RejectedSelection>): Promise<Replay> {
  requireRole(ctx, "editor");
  const { event_ids, before } = parseInput(RejectedSelection, given);
  await requireRoomForEvents(ctx);
  return event_ids ? replayById(ctx, [...new Set(event_ids)]) : replayBefore(ctx, parseIsoTime(before ?? ""));
}

async function replayById(ctx: Ctx, eventIds: readonly string[]): Promise<Replay> {
  const replay: Replay = { queued: 0, not_found: [], next_before: null };
  for (let from = 0; from < eventIds.length; from += PAGE_EVENTS_MAX) {
    const page = eventIds.slice(from, from + PAGE_EVENTS_MAX);
    const rows = (await ctx.db.batch(selectRejectedById(ctx.db, page))).flat();
    const sent = await send(ctx, rows);
    replay.queued += sent.length;
    const found = new Set(sent.map(({ event_id }) => event_id));
    replay.not_found.push(...page.filter((id) => !found.has(id)));
  }
  return replay;
}

async function replayBefore(ctx: Ctx, before: number): Promise<Replay> {
  const replay: Replay = { queued: 0, not_found: [], next_before: null };
  let cursor: RejectedKey = { refused_at: before, event_id: "" };
  while (replay.queued < EVENTS_PER_CALL_MAX) {
    const rows = await ctx.db.all(selectRejectedBefore(ctx.db, cursor, PAGE_EVENTS_MAX));
    const last = rows.at(-1);
    if (!last) return replay;
    replay.queued += (await send(ctx, rows)).length;
    if (rows.length < PAGE_EVENTS_MAX) return replay;
    cursor = last;
  }
  // events of the same millisecond may be left: some are replayed twice, and count once
  return { ...replay, next_before: isoTime(cursor.refused_at + 1) };
}

async function send(ctx: Ctx, rows: readonly { event: string }[]): Promise<QueuedEvent[]> {
  const events = rows.map(({ event }) => JSON.parse(event) as QueuedEvent);
  if ((await sendEvents(ctx, events)).size > 0) throw notQueued();
  return events;
}
