/** Ingest (contract: ingest): one event, a batch, and receipts. The verbs parse the events; the routes only document them. */

import { z } from "@hono/zod-openapi";
import { acceptEvent, acceptEvents, METADATA_BYTES_MAX, requireReceipt, SentEvent, SentEvents } from "../../core/events";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { documented, readJson, roundedOrNull, wireLeadId } from "./adapter";
import { ExplainFlag, Explanation, explanation } from "./explain";

const tags = ["Ingest"];
/** Metadata may fill 100 KB, escapes and spaces not counted. */
const EVENT_BODY_BYTES_MAX = 3 * METADATA_BYTES_MAX;
const BATCH_BODY_BYTES_MAX = 5 * 1024 * 1024;
const EVENT_ID = "evt_0193f3a2c7b07aa18000c0ffee1234565e884898";

const ingest = unitRoute("/ingest", {
  operationId: "acceptEvent",
  method: "post",
  tags,
  summary: "Queue an event",
  description:
    "Returns as soon as the event is queued. With your own `event_id` or `Idempotency-Key` it counts once, however often it is sent. Its receipt reports the outcome.",
  role: "editor",
  stores: true,
  bodyBytesMax: EVENT_BODY_BYTES_MAX,
  parameters: [
    {
      in: "header",
      name: "Idempotency-Key",
      description: "Identifies the event if it has no event_id",
      schema: { type: "string", pattern: "^[!-~]{1,128}$" },
    },
  ],
  request: {
    body: jsonBody(documented(SentEvent), {
      alias_kind: "email",
      alias: "user@example.com",
      event_type: "Page View",
      metadata: { path: "/pricing", utm_source: "google" },
    }),
  },
  responses: {
    202: jsonResponse("Queued", z.object({ message: z.string(), event_id: z.string() }), {
      message: "Event queued for processing",
      event_id: EVENT_ID,
    }),
  },
  errors: {
    400: "Required fields are missing, a value is invalid, or `active OU not set`",
    413: "metadata is over 100 KB",
    503: "The event could not be queued: send it again",
  },
});

const ingestBatch = unitRoute("/ingest/batch", {
  operationId: "acceptEvents",
  method: "post",
  tags,
  summary: "Queue up to 500 events",
  description: "Returns a verdict for each event, in the order they were sent; an invalid event does not stop the others.",
  role: "editor",
  stores: true,
  bodyBytesMax: BATCH_BODY_BYTES_MAX,
  request: {
    body: jsonBody(
      documented(
        SentEvents.extend({
          events: SentEvents.shape.events.meta({ items: { type: "object", description: "As the body of POST /ingest" } }),
        }),
      ),
      { events: [{ event_id: "order-4711-paid", alias_kind: "email", alias: "user@example.com", event_type: "Purchase" }] },
    ),
  },
  responses: {
    202: jsonResponse(
      "Verdicts",
      z.object({
        results: z.array(
          z.object({ event_id: z.string().nullable(), status: z.enum(["queued", "rejected"]), error: z.string().optional() }),
        ),
      }),
      {
        results: [
          { event_id: "order-4711-paid", status: "queued" },
          { event_id: null, status: "rejected", error: "event_type: is required" },
        ],
      },
    ),
  },
  errors: { 503: "Too many events are waiting: send them again after Retry-After" },
});

const Receipt = z.object({
  event_id: z.string(),
  status: z.enum(["queued", "processed", "duplicate", "rejected"]),
  lead_id: z.string().nullable(),
  score_before: z.number().nullable(),
  score_after: z.number().nullable(),
  triggers_fired: z.array(z.object({ kind: z.string(), id: z.string(), name: z.string() })),
  lag_ms: z.number().int().nullable().openapi({ description: "Milliseconds from the 202 to the commit on the timeline" }),
  duplicate_of: z.string().optional(),
  error: z.string().optional(),
  explain: z
    .union([Explanation, z.null()])
    .optional()
    .openapi({ description: "With `explain=true`: how the event's lead was found; null until it is processed" }),
});

const getReceipt = unitRoute("/ingest/receipts/{event_id}", {
  operationId: "getReceipt",
  method: "get",
  tags,
  summary: "Get the receipt of an event",
  role: "viewer",
  request: { params: z.object({ event_id: z.string().openapi({ example: EVENT_ID }) }), query: z.object({ explain: ExplainFlag }) },
  responses: {
    200: jsonResponse("The receipt", Receipt, {
      event_id: EVENT_ID,
      status: "processed",
      lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
      score_before: 45,
      score_after: 55,
      triggers_fired: [{ kind: "milestone", id: "trg_0193f3a2c7b07aa18000c0ffee123456", name: "Hot lead" }],
      lag_ms: 840,
    }),
  },
  errors: { 404: "No event with this id has been processed; one with an id of your own may still be queued" },
});

export const ingestRoutes = createRouter()
  .openapi(ingest, async (c) => {
    const { event_id } = await acceptEvent(c.get("ctx"), await readJson(c), c.req.header("Idempotency-Key"));
    return c.json({ message: "Event queued for processing", event_id }, 202);
  })
  .openapi(ingestBatch, async (c) => {
    const verdicts = await acceptEvents(c.get("ctx"), await readJson(c));
    const results = verdicts.map(({ event_id, problems }) => {
      if (problems.length === 0) return { event_id, status: "queued" as const };
      return {
        event_id,
        status: "rejected" as const,
        error: problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "),
      };
    });
    return c.json({ results }, 202);
  })
  .openapi(getReceipt, async (c) => {
    const explain = c.req.valid("query").explain === "true";
    const receipt = await requireReceipt(c.get("ctx"), c.req.valid("param").event_id, { explain });
    const nothing = { lead_id: null, score_before: null, score_after: null, triggers_fired: [], lag_ms: null };
    if (receipt.status !== "processed") return c.json({ ...nothing, ...receipt, ...(explain && { explain: null }) }, 200);
    const { resolution, ...processed } = receipt;
    const scores = { score_before: roundedOrNull(processed.score_before), score_after: roundedOrNull(processed.score_after) };
    const explained = resolution && { explain: explanation(resolution.matched_by, resolution.refused, resolution.attached) };
    return c.json({ ...processed, ...scores, lead_id: wireLeadId(processed.lead_id), ...explained }, 200);
  });
