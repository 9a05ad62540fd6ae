/** The events of a lead and of the org unit, and their statistics (contract: events). */

import { z } from "@hono/zod-openapi";
import { eventStats, eventsAnalytics, listEvents, listEventsOfLead, listEventTypes, RANGES, type TimelineEvent } from "../../core/events";
import { isoTime } from "../../time";
import { SUPPRESSION_REASONS } from "../../vocabulary";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { Attributes, PageQuery, Timestamp } from "./schemas";

const tags = ["Events"];
const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";

const Range = z
  .enum(RANGES, { error: `must be one of: ${RANGES.join(", ")}` })
  .openapi({ description: "Days in UTC. The last days include today", example: "last_7d" });
const EventType = z.string().openapi({ description: "`page_view` and `Page View` are one type", example: "Page View" });

const Event = z.object({
  id: z.string(),
  lead_id: z.string(),
  event_type: z.string(),
  metadata: Attributes,
  suppression_reason: z
    .enum(SUPPRESSION_REASONS)
    .nullable()
    .openapi({ description: "Why the event neither scores nor fires; null for events that do" }),
  original_lead_id: z.string().nullable(),
  created_at: Timestamp.openapi({ description: "When it occurred" }),
});
const EventPage = z.object({ events: z.array(Event), total: z.number().int(), page: z.number().int(), limit: z.number().int() });
const PAGE_EXAMPLE = {
  events: [
    {
      id: "evt_0193f3a2c7b07aa18000c0ffee1234565e884898",
      lead_id: LEAD,
      event_type: "Page View",
      metadata: { path: "/pricing" },
      suppression_reason: null,
      original_lead_id: null,
      created_at: "2026-01-15T10:00:00.000Z",
    },
  ],
  total: 1,
  page: 1,
  limit: 25,
};

const list = unitRoute("/events", {
  operationId: "listEvents",
  method: "get",
  tags,
  summary: "List events, newest first",
  role: "viewer",
  request: {
    query: PageQuery.extend({
      event_type: EventType.optional(),
      range: Range.optional(),
      lead_id: z.string().optional().openapi({ example: LEAD }),
    }),
  },
  responses: { 200: jsonResponse("Events", EventPage, PAGE_EXAMPLE) },
  errors: { 410: "The lead of `lead_id` was merged into another one: `merged_into` is its id" },
});

const ofLead = unitRoute("/events/{leadId}", {
  operationId: "listEventsOfLead",
  method: "get",
  tags,
  summary: "List a lead's events, newest first",
  description: "Sorted by the events' own time, whenever they were received. Silent updates are not events and are not listed.",
  role: "viewer",
  request: {
    params: z.object({ leadId: z.string().openapi({ example: LEAD }) }),
    query: PageQuery.extend({ event_type: EventType.optional(), range: Range.optional() }),
  },
  responses: { 200: jsonResponse("Events", EventPage, PAGE_EXAMPLE) },
  errors: { 404: "Lead not found" },
});

const types = unitRoute("/event-types", {
  operationId: "listEventTypes",
  method: "get",
  tags,
  summary: "List event types",
  description: "Types are registered when they are first used, in the spelling used first. At most 1,000 are listed.",
  role: "viewer",
  responses: { 200: jsonResponse("Names", z.array(z.string()), ["Demo Request", "Page View"]) },
});

const stats = unitRoute("/event-stats", {
  operationId: "getEventStats",
  method: "get",
  tags,
  summary: "Get event statistics",
  role: "viewer",
  request: { query: z.object({ range: Range.optional() }) },
  responses: {
    200: jsonResponse(
      "Statistics of the range. Default: all time",
      z.object({
        total_events: z.number().int(),
        total_leads: z.number().int(),
        events_today: z.number().int(),
        events_this_week: z.number().int(),
        top_event_types: z.array(z.object({ event_type: z.string(), count: z.number().int() })),
      }),
      {
        total_events: 120,
        total_leads: 14,
        events_today: 8,
        events_this_week: 40,
        top_event_types: [{ event_type: "Page View", count: 90 }],
      },
    ),
  },
});

const analytics = unitRoute("/events-analytics", {
  operationId: "getEventsAnalytics",
  method: "get",
  tags,
  summary: "Count events by day and by type",
  role: "viewer",
  request: { query: z.object({ range: Range.default("last_30d"), event_type: EventType.optional() }) },
  responses: {
    200: jsonResponse(
      "Statistics of the range, newest day first",
      z.object({
        total_events: z.number().int(),
        unique_leads: z.number().int(),
        events_by_type: z.record(z.string(), z.number().int()).openapi({ description: "The 1,000 most frequent types" }),
        truncated: z.boolean().openapi({ description: "There are more types than events_by_type shows" }),
        daily_counts: z.array(z.object({ date: z.string(), count: z.number().int() })),
      }),
      {
        total_events: 98,
        unique_leads: 14,
        events_by_type: { "Page View": 98 },
        truncated: false,
        daily_counts: [{ date: "2026-01-15", count: 98 }],
      },
    ),
  },
});

export const events = createRouter()
  .openapi(list, async (c) => {
    const { page, limit, lead_id, ...filter } = c.req.valid("query");
    const ctx = c.get("ctx");
    const found =
      lead_id === undefined ? await listEvents(ctx, filter, page, limit) : await listEventsOfLead(ctx, lead_id, filter, page, limit);
    return c.json({ events: found.events.map(eventView), total: found.total, page, limit }, 200);
  })
  .openapi(ofLead, async (c) => {
    const { page, limit, ...filter } = c.req.valid("query");
    const found = await listEventsOfLead(c.get("ctx"), pathLead(c), filter, page, limit);
    return c.json({ events: found.events.map(eventView), total: found.total, page, limit }, 200);
  })
  .openapi(types, async (c) => c.json(await listEventTypes(c.get("ctx")), 200))
  .openapi(stats, async (c) => c.json(await eventStats(c.get("ctx"), c.req.valid("query").range), 200))
  .openapi(analytics, async (c) => {
    const { range, event_type } = c.req.valid("query");
    const { events_by_type, ...numbers } = await eventsAnalytics(c.get("ctx"), range, event_type);
    return c.json({ ...numbers, events_by_type: Object.fromEntries(events_by_type) }, 200);
  });

const eventView = (event: TimelineEvent) => ({
  id: event.event_id,
  lead_id: wireLeadId(event.lead_id),
  event_type: event.event_type,
  metadata: event.metadata,
  suppression_reason: event.suppression_reason,
  original_lead_id: event.original_lead_id && wireLeadId(event.original_lead_id),
  created_at: isoTime(event.occurred_at),
});
