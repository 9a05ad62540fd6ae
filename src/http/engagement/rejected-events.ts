/** The feed of rejected events (contract: ingest), and their replay. */

import { z } from "@hono/zod-openapi";
import { listRejectedEvents, type QueuedEvent, RejectedSelection, replayRejectedEvent, replayRejectedEvents } from "../../core/events";
import { isoTime } from "../../time";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { PageQuery, Timestamp } from "./schemas";

const tags = ["Ingest"];
const EVENT_ID = "evt_0193f3a2c7b07aa18000c0ffee1234565e884898";

const listRejected = unitRoute("/ingest/rejected", {
  operationId: "listRejectedEvents",
  method: "get",
  tags,
  summary: "List rejected events, newest first",
  description: "Events that were accepted and could not be put on a timeline, with their content and the reason.",
  role: "viewer",
  request: { query: PageQuery },
  responses: {
    200: jsonResponse(
      "Rejected events",
      z.object({
        events: z.array(
          z.object({
            event_id: z.string(),
            error: z.string(),
            lead_id: z.string().nullable(),
            aliases: z.array(z.object({ alias_kind: z.string(), raw_value: z.string() })),
            event_type: z.string(),
            timestamp: Timestamp,
            metadata: z.record(z.string(), z.unknown()).nullable(),
            received_at: Timestamp,
            rejected_at: Timestamp,
          }),
        ),
        total: z.number().int(),
        page: z.number().int(),
        limit: z.number().int(),
      }),
      {
        events: [
          {
            event_id: EVENT_ID,
            error: "No lead has this lead_id in the org unit",
            lead_id: "ld_abc123",
            aliases: [],
            event_type: "Demo Request",
            timestamp: "2026-01-15T10:00:00.000Z",
            metadata: { product: "enterprise" },
            received_at: "2026-01-15T10:00:00.000Z",
            rejected_at: "2026-01-15T10:00:01.000Z",
          },
        ],
        total: 1,
        page: 1,
        limit: 25,
      },
    ),
  },
});

const ReplayResult = z.object({
  queued: z.number().int().openapi({ description: "Events that are queued again" }),
  not_found: z.array(z.string()).openapi({ description: "Ids that are not in the feed" }),
  next_before: Timestamp.nullable().openapi({ description: "Where to go on: send it as `before`. null: nothing is left" }),
});

const replayOne = unitRoute("/ingest/rejected/{event_id}/replay", {
  operationId: "replayRejectedEvent",
  method: "post",
  tags,
  summary: "Replay a rejected event",
  description: "Queues the event again as it was sent. It leaves the feed when it is stored; if it is rejected again, it stays.",
  role: "editor",
  request: { params: z.object({ event_id: z.string().openapi({ example: EVENT_ID }) }) },
  responses: { 202: jsonResponse("Queued", ReplayResult, { queued: 1, not_found: [], next_before: null }) },
  errors: { 404: "No rejected event has this id", 503: "The queue did not take the event: try again" },
});

const replayMany = unitRoute("/ingest/rejected/replay", {
  operationId: "replayRejectedEvents",
  method: "post",
  tags,
  summary: "Replay rejected events",
  description:
    "Queues up to 500 events by id, or those that were rejected before a time: 5,000 at a call, the newest first. They count once, however often they are replayed.",
  role: "editor",
  request: { body: jsonBody(RejectedSelection, { before: "2026-01-15T12:00:00Z" }) },
  responses: { 202: jsonResponse("Queued", ReplayResult, { queued: 312, not_found: [], next_before: null }) },
  errors: { 503: "The queue did not take the events: try again" },
});

export const rejectedEvents = createRouter()
  .openapi(listRejected, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { events, total } = await listRejectedEvents(c.get("ctx"), page, limit);
    return c.json(
      {
        events: events.map(({ event, reason, refused_at }) => ({ ...eventView(event), error: reason, rejected_at: isoTime(refused_at) })),
        total,
        page,
        limit,
      },
      200,
    );
  })
  .openapi(replayMany, async (c) => c.json(await replayRejectedEvents(c.get("ctx"), c.req.valid("json")), 202))
  .openapi(replayOne, async (c) => {
    await replayRejectedEvent(c.get("ctx"), c.req.valid("param").event_id);
    return c.json({ queued: 1, not_found: [], next_before: null }, 202);
  });

/** A queued event as it was sent. */
const eventView = ({ event_id, lead_id, aliases, event_type, occurred_at, metadata, received_at }: QueuedEvent) => ({
  event_id,
  lead_id: lead_id !== null && /^[0-9a-f]{32}$/.test(lead_id) ? wireLeadId(lead_id) : lead_id,
  aliases: aliases.map(([alias_kind, value, raw]) => ({ alias_kind, raw_value: raw ?? value })),
  event_type,
  timestamp: isoTime(occurred_at),
  metadata,
  received_at: isoTime(received_at),
});
