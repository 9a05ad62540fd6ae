/** Inbound sources: addresses that forms and other services send leads to. */
import { z } from "@hono/zod-openapi";
import {
  type CreatedInboundSource,
  changeInboundSource,
  createInboundSource,
  deleteInboundSource,
  type InboundPayload,
  type InboundSource,
  InboundSourceChange,
  listInboundPayloads,
  listInboundSources,
  NewInboundSource,
  replayInboundPayload,
  requireInboundSource,
} from "../../core/inbound";
import { isoTime } from "../../time";
import { INBOUND_TYPES, PAYLOAD_OUTCOMES } from "../../vocabulary";
import { originOf } from "../address";
import { rememberAfter, remembering, withoutSecret } from "../idempotency";
import { shownOnce } from "../idempotency-document";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { Timestamp } from "./schemas";

const PATH = "/sources";
const tags = ["Inbound sources"];

const Source = z
  .object({
    source_id: z.string(),
    name: z.string(),
    type: z.enum(INBOUND_TYPES),
    has_secret: z.boolean().openapi({ description: "Whether signatures are verified" }),
    mapping: z.record(z.string(), z.string()),
    active: z.boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("InboundSource");
const CreatedSource = Source.extend(shownOnce("url", "The address for the sender, shown this once: whoever has it can send").shape).openapi(
  "CreatedInboundSource",
);

const EXAMPLE = {
  source_id: "inb_0193f3a2c7b07aa18000c0ffee123456",
  name: "Contact form",
  type: "typeform" as const,
  has_secret: true,
  mapping: { "/form_response/hidden/utm_source": "source" },
  active: true,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};

const Payload = z
  .object({
    payload_id: z.string(),
    received_at: Timestamp,
    deliveries: z.number().int().openapi({ description: "How often it was sent" }),
    payload: z.unknown().openapi({ description: "The body as it was read; a form as an object" }),
    outcome: z.enum(PAYLOAD_OUTCOMES),
    reason: z.string().nullable(),
    event_ids: z.array(z.string()).openapi({ description: "Each has a receipt: `GET /ingest/receipts/{event_id}`" }),
    fields: z
      .array(z.object({ pointer: z.string(), label: z.string(), value: z.unknown(), target: z.string().nullable() }))
      .openapi({ description: "What a mapping can name, and where each value goes now" }),
  })
  .openapi("InboundPayload");
const PAYLOAD_EXAMPLE = {
  payload_id: "pay_5d41402abc4b2a76b9719d911017c592",
  received_at: "2026-01-15T10:00:00.000Z",
  deliveries: 1,
  payload: { email: "ada@example.com", q4: "Enterprise" },
  outcome: "accepted" as const,
  reason: null,
  event_ids: ["inb_aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"],
  fields: [
    { pointer: "/email", label: "email", value: "ada@example.com", target: "_alias_email" },
    { pointer: "/q4", label: "q4", value: "Enterprise", target: null },
  ],
};

const NOT_FOUND = { 404: "Source not found" };
const params = z.object({ sourceId: z.string().openapi({ example: EXAMPLE.source_id }) });

const list = unitRoute(PATH, {
  operationId: "listInboundSources",
  method: "get",
  tags,
  summary: "List inbound sources",
  role: "viewer",
  responses: { 200: jsonResponse("The sources, oldest first", z.object({ sources: z.array(Source) }), { sources: [EXAMPLE] }) },
});

const create = unitRoute(PATH, {
  operationId: "createInboundSource",
  method: "post",
  tags,
  summary: "Create an inbound source",
  description:
    "Give its `url` to the sender. Each submission becomes an event on the timeline of its lead, whose aliases and fields are found by the sender's types of answers, by the names of questions as in imports, and by `mapping`. With a `secret` the sender's signature is verified.",
  idempotent: true,
  role: "editor",
  request: {
    body: jsonBody(NewInboundSource, { name: "Contact form", type: "typeform", secret: "s3cret", mapping: EXAMPLE.mapping }),
  },
  responses: {
    201: jsonResponse("The source", CreatedSource, { ...EXAMPLE, url: "https://leadedge.example.com/in/in_1_…" }),
  },
  errors: { 409: "The org unit has 50 sources" },
});

const get = unitRoute(`${PATH}/{sourceId}`, {
  operationId: "getInboundSource",
  method: "get",
  tags,
  summary: "Get an inbound source",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The source", Source, EXAMPLE) },
  errors: NOT_FOUND,
});

const change = unitRoute(`${PATH}/{sourceId}`, {
  operationId: "changeInboundSource",
  method: "patch",
  tags,
  summary: "Change an inbound source, switch it off or on",
  description: "Fields left out stay; a mapping is replaced whole. Other servers follow within 30 seconds.",
  role: "editor",
  request: { params, body: jsonBody(InboundSourceChange, { active: false }) },
  responses: { 200: jsonResponse("The source", Source, EXAMPLE) },
  errors: NOT_FOUND,
});

const remove = unitRoute(`${PATH}/{sourceId}`, {
  operationId: "deleteInboundSource",
  method: "delete",
  tags,
  summary: "Delete an inbound source",
  description: "With its payloads. What it has sent stays.",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

const payloads = unitRoute(`${PATH}/{sourceId}/payloads`, {
  operationId: "listInboundPayloads",
  method: "get",
  tags,
  summary: "List the last 20 payloads of a source, newest first",
  role: "editor",
  request: { params },
  responses: { 200: jsonResponse("The payloads", z.object({ payloads: z.array(Payload) }), { payloads: [PAYLOAD_EXAMPLE] }) },
  errors: NOT_FOUND,
});

const replay = unitRoute(`${PATH}/{sourceId}/payloads/{payloadId}/replay`, {
  operationId: "replayInboundPayload",
  method: "post",
  tags,
  summary: "Take a payload again",
  description:
    "With the mapping as it is now, once for each replay. The event is on the timeline once; where it is already, its lead gets the fields and aliases that the mapping names.",
  idempotent: true,
  role: "editor",
  stores: true,
  request: { params: params.extend({ payloadId: z.string().openapi({ example: PAYLOAD_EXAMPLE.payload_id }) }) },
  responses: { 202: jsonResponse("The payload with its new outcome", Payload, PAYLOAD_EXAMPLE) },
  errors: { 404: "Source or payload not found" },
});

const sourceView = ({ secret, created_at, updated_at, ...source }: InboundSource) => ({
  ...source,
  has_secret: secret !== null,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});
const payloadView = ({ received_at, ...payload }: InboundPayload) => ({ ...payload, received_at: isoTime(received_at) });

export const inboundSources = createRouter()
  .openapi(list, async (c) => c.json({ sources: (await listInboundSources(c.get("ctx"))).map(sourceView) }, 200))
  .openapi(create, async (c) => {
    const view = ({ source, token }: CreatedInboundSource) => ({
      ...sourceView(source),
      url: `${originOf(c)}/in/${token}`,
    });
    const remember = remembering(c, 201, (created: CreatedInboundSource) => withoutSecret(view(created), "url"));
    const created = await createInboundSource(c.get("ctx"), c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    c.header("Location", `${PATH}/${created.source.source_id}`);
    return c.json(view(created), 201);
  })
  .openapi(get, async (c) => c.json(sourceView(await requireInboundSource(c.get("ctx"), c.req.valid("param").sourceId)), 200))
  .openapi(change, async (c) =>
    c.json(sourceView(await changeInboundSource(c.get("ctx"), c.req.valid("param").sourceId, c.req.valid("json"))), 200),
  )
  .openapi(remove, async (c) => {
    await deleteInboundSource(c.get("ctx"), c.req.valid("param").sourceId);
    return c.body(null, 204);
  })
  .openapi(payloads, async (c) => {
    const found = await listInboundPayloads(c.get("ctx"), c.req.valid("param").sourceId);
    return c.json({ payloads: found.map(payloadView) }, 200);
  })
  .openapi(replay, async (c) => {
    const { sourceId, payloadId } = c.req.valid("param");
    rememberAfter(c);
    return c.json(payloadView(await replayInboundPayload(c.get("ctx"), sourceId, payloadId)), 202);
  });
