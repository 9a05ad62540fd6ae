/** An event as a caller sends it (seed 003), and as the core takes it. */

import { z } from "@hono/zod-openapi";
import { EVENT_ALIASES_MAX, type EventInput } from "../../core/events";
import { AliasKind, Attributes } from "./schemas";

export const EventBody = z
  .object({
    event_id: z
      .string()
      .optional()
      .openapi({ description: "Your own id: the event counts once, however often it is sent", example: "order-4711-paid" }),
    lead_id: z.string().optional().openapi({ description: "An existing lead. Required if no alias is given", example: "ld_abc123" }),
    aliases: z
      .array(z.object({ alias_kind: AliasKind, raw_value: z.string() }))
      .max(EVENT_ALIASES_MAX, `at most ${EVENT_ALIASES_MAX} aliases`)
      .optional()
      .openapi({ description: "What the lead is known by. The first that a lead has decides; the others join it" }),
    alias_kind: AliasKind.optional().openapi({ deprecated: true }),
    alias: z.string().optional().openapi({ deprecated: true, example: "user@example.com" }),
    event_type: z.string().openapi({ example: "Page View" }),
    timestamp: z.string().optional().openapi({
      format: "date-time",
      description: "RFC 3339, at most 24 hours ahead. Default: now",
      example: "2025-09-15T14:30:00Z",
    }),
    metadata: Attributes.optional().openapi({
      description: "Anything to keep with the event, at most 100 KB",
      example: { path: "/pricing" },
    }),
    unit_id: z
      .never({ error: "is not accepted: the org unit is the caller's active one" })
      .optional()
      .openapi({ type: "null", description: "Never sent: the org unit is the caller's active one" }),
  })
  .superRefine((body, context) => {
    if (body.alias !== undefined && body.alias_kind === undefined)
      context.addIssue({ code: "custom", path: ["alias_kind"], message: "is required with alias" });
    if (body.alias_kind !== undefined && body.alias === undefined)
      context.addIssue({ code: "custom", path: ["alias"], message: "is required with alias_kind" });
  });

export function eventInput(body: z.infer<typeof EventBody>, idempotencyKey?: string): EventInput {
  const { aliases = [], alias_kind, alias, event_id, lead_id, event_type, timestamp, metadata } = body;
  return {
    event_id,
    idempotency_key: idempotencyKey,
    lead_id,
    event_type,
    timestamp,
    metadata,
    aliases: [
      ...aliases.map(({ alias_kind: kind, raw_value: raw }, index) => ({ path: `aliases.${index}.raw_value`, kind, raw })),
      ...(alias_kind !== undefined && alias !== undefined ? [{ path: "alias", kind: alias_kind, raw: alias }] : []),
    ],
  };
}
