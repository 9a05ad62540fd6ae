/** Event types: the keys of their metadata, and which of them are hidden (contract: event-types). */
import { z } from "@hono/zod-openapi";
import {
  type EventType as CoreEventType,
  changeEventType,
  EventTypeChange,
  listAllEventTypes,
  listEventProperties,
} from "../../core/events";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";

const tags = ["Events"];
const Params = z.object({ eventType: z.string().openapi({ example: "Page View" }) });
const NOT_FOUND = { 404: "Event type not found" };

const EventType = z.object({
  name: z.string(),
  hidden: z.boolean(),
  ou_event_count: z.number().int().openapi({ description: "Events of the type in the org unit" }),
  protected: z.boolean().openapi({ description: "One of the service's own types" }),
  deletable: z.boolean().openapi({ description: "Types are hidden, not deleted" }),
});
const EXAMPLE = { name: "Page View", hidden: false, ou_event_count: 90, protected: false, deletable: false };

const properties = unitRoute("/event-types/{eventType}/properties", {
  operationId: "listEventProperties",
  method: "get",
  tags,
  summary: "List the metadata keys of an event type",
  description: "Those of the type's newest events.",
  role: "viewer",
  request: { params: Params },
  responses: {
    200: jsonResponse("The keys", z.object({ event_type: z.string(), properties: z.array(z.string()) }), {
      event_type: "Page View",
      properties: ["path", "utm_source"],
    }),
  },
  errors: NOT_FOUND,
});

const list = unitRoute("/settings/ou/event-types", {
  operationId: "listEventTypeSettings",
  method: "get",
  tags,
  summary: "List event types with their settings",
  description: "Hidden ones, too. At most 1,000 are listed.",
  role: "viewer",
  responses: { 200: jsonResponse("Event types", z.array(EventType), [EXAMPLE]) },
});

const change = unitRoute("/settings/ou/event-types/{eventType}", {
  operationId: "changeEventType",
  method: "patch",
  tags,
  summary: "Hide an event type, or show it again",
  description: "A hidden type leaves lists and statistics, and no rule scores its new events. No event and no point already given is lost.",
  role: "editor",
  request: { params: Params, body: jsonBody(EventTypeChange, { hidden: true }) },
  responses: { 200: jsonResponse("The event type", EventType, { ...EXAMPLE, hidden: true }) },
  errors: NOT_FOUND,
});

export const eventTypes = createRouter()
  .openapi(properties, async (c) => c.json(await listEventProperties(c.get("ctx"), c.req.valid("param").eventType), 200))
  .openapi(list, async (c) => c.json((await listAllEventTypes(c.get("ctx"))).map(eventTypeView), 200))
  .openapi(change, async (c) =>
    c.json(eventTypeView(await changeEventType(c.get("ctx"), c.req.valid("param").eventType, c.req.valid("json"))), 200),
  );

/** Written by the service itself. */
const OWN_TYPES = new Set(["lead_merged", "DECAY"]);

const eventTypeView = ({ name, hidden, event_count }: CoreEventType) => ({
  name,
  hidden,
  ou_event_count: event_count,
  protected: OWN_TYPES.has(name),
  deletable: false,
});
