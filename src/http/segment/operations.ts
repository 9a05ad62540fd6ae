/** The operations as OpenAPI. */
import { z } from "@hono/zod-openapi";
import type { Router } from "../router";

const Success = z.object({ success: z.boolean() });
const Failure = z.object({ success: z.boolean(), message: z.string() }).openapi("SegmentError");

const ID = { userId: "user-4711", anonymousId: "b1f0c2de-4a5b-4c6d-8e7f-901234567890", messageId: "node-next-1768471200000-4f1c" };
const TIME = { timestamp: "2026-01-15T10:00:00.000Z", sentAt: "2026-01-15T10:00:01.000Z" };
const TRACKED = { ...ID, ...TIME, event: "Demo Requested", properties: { product: "enterprise" } };

const MESSAGE = {
  writeKey: z.string().optional().openapi({ description: "In place of HTTP Basic" }),
  messageId: z
    .string()
    .optional()
    .openapi({ description: "Its id: it counts once, however often it is sent. At most 128 visible ASCII characters" }),
  userId: z.string().nullable().optional().openapi({ description: "Alias `external_id` of the lead" }),
  anonymousId: z.string().nullable().optional().openapi({ description: "Alias `cookie` of the lead. One of the two is required" }),
  context: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: "`page` and `campaign` are kept; `traits` may have an email or a phone" }),
  timestamp: z.string().optional().openapi({ description: "RFC 3339. It is corrected by how much `sentAt` differs from our clock" }),
  sentAt: z.string().optional(),
};
const traits = z.record(z.string(), z.unknown()).optional();
const properties = z.record(z.string(), z.unknown()).optional();

const NOTES = "Also by the path's first letter. 32 KB an event; what is refused is in GET /ingest/rejected with its reason.";

type Operation = { path: string; operationId: string; summary: string; description: string; body: z.ZodObject; example: object };

const OPERATIONS: readonly Operation[] = [
  {
    path: "identify",
    operationId: "segmentIdentify",
    summary: "State traits of a person",
    description:
      "`email` and `phone` become aliases, other traits the profile. A field keeps the value with the newest time. On no timeline.",
    body: z.object({ ...MESSAGE, traits }),
    example: { ...ID, ...TIME, traits: { email: "alex@example.com", firstName: "Alex", plan: "pro" } },
  },
  {
    path: "track",
    operationId: "segmentTrack",
    summary: "Record an event of a person",
    description: "Its properties become the event's metadata.",
    body: z.object({ ...MESSAGE, event: z.string(), properties }),
    example: TRACKED,
  },
  {
    path: "page",
    operationId: "segmentPage",
    summary: "Record the view of a page",
    description: "An event of the type `Page View`.",
    body: z.object({ ...MESSAGE, name: z.string().optional(), category: z.string().optional(), properties }),
    example: { ...ID, ...TIME, name: "Pricing", properties: { path: "/pricing" } },
  },
  {
    path: "screen",
    operationId: "segmentScreen",
    summary: "Record the view of a screen",
    description: "An event of the type `Screen View`.",
    body: z.object({ ...MESSAGE, name: z.string().optional(), category: z.string().optional(), properties }),
    example: { ...ID, ...TIME, name: "Settings" },
  },
  {
    path: "group",
    operationId: "segmentGroup",
    summary: "Link a person to an account",
    description: "The account is found by `groupId`, or by its domain, or created. On no timeline.",
    body: z.object({ ...MESSAGE, groupId: z.string(), traits }),
    example: { ...ID, ...TIME, groupId: "acme", traits: { name: "Acme", website: "https://acme.com" } },
  },
  {
    path: "alias",
    operationId: "segmentAlias",
    summary: "Attach another id to a person",
    description: "An id that another lead has stays there, and the conflict is recorded. On no timeline.",
    body: z.object({ ...MESSAGE, userId: z.string(), previousId: z.string() }),
    example: { ...TIME, messageId: ID.messageId, userId: ID.userId, previousId: ID.anonymousId },
  },
  ...["batch", "import"].map((path) => ({
    path,
    operationId: path === "batch" ? "segmentBatch" : "segmentImport",
    summary: path === "batch" ? "Send several events" : "Send several events of the past",
    description: "500 KB and 2,500 events at most. An invalid event is refused alone.",
    body: z.object({
      writeKey: MESSAGE.writeKey,
      batch: z.array(z.record(z.string(), z.unknown())).openapi({ description: "Each as the body of its own path, with its `type`" }),
      context: MESSAGE.context,
      sentAt: MESSAGE.sentAt,
    }),
    example: { batch: [{ type: "track", ...TRACKED }] },
  })),
];

const ERRORS: Record<number, string> = {
  400: "Not a JSON object, not gzip, an event over 32 KB, or a batch over 500 KB",
  401: "Write key missing, wrong or revoked",
  403: "The write key may not be used from this origin",
  409: "The org unit's quota stored_bytes is used up",
  429: "A quota of the org unit is used up, or 60 wrong keys of one address within a minute: see Retry-After",
  503: "The events could not be queued: send them again",
};

export function describeOperations({ openAPIRegistry }: Router): void {
  openAPIRegistry.registerComponent("securitySchemes", "WriteKey", {
    type: "http",
    scheme: "basic",
    description: "A write key as the user, the password empty",
  });
  const errors = Object.entries(ERRORS).map(([status, description]) => {
    const example = { success: false, message: description };
    return [status, { description, content: { "application/json": { schema: Failure, example } } }] as const;
  });
  for (const { path, operationId, summary, description, body, example } of OPERATIONS) {
    openAPIRegistry.registerPath({
      method: "post",
      path: `/v1/${path}`,
      operationId,
      tags: ["Segment"],
      summary,
      description: `${description} ${NOTES}`,
      security: [{ WriteKey: [] }],
      request: { body: { required: true, content: { "application/json": { schema: body, example } } } },
      responses: {
        200: { description: "Queued", content: { "application/json": { schema: Success, example: { success: true } } } },
        ...Object.fromEntries(errors),
      },
    });
  }
}
