/** What the verbs of events accept (ingest contract). `readEvent` checks the values themselves: ids, texts, times and sizes. */
import { z } from "zod";
import { parseIsoTime } from "../../time";
import { ALIAS_KINDS, oneOf } from "../../vocabulary";
import { ProfileObject } from "../leads";
import { EVENT_ALIASES_MAX, EVENT_TYPE_CHARS_MAX, type EventInput, LEAD_ID_CHARS_MAX } from "./event";

const AliasKind = z
  .enum(ALIAS_KINDS, oneOf(ALIAS_KINDS))
  .meta({ description: `Kind of alias: ${ALIAS_KINDS.join(", ")}`, example: "email" });

/** An event as a caller sends it. */
export const SentEvent = z
  .object({
    event_id: z.string().optional().meta({
      description: "Your own id: the event counts once, however often it is sent",
      pattern: "^[!-~]{1,128}$",
      example: "order-4711-paid",
    }),
    lead_id: z.string().optional().meta({
      description: "An existing lead. Required if no alias is given",
      minLength: 1,
      maxLength: LEAD_ID_CHARS_MAX,
      example: "ld_abc123",
    }),
    aliases: z
      .array(z.object({ alias_kind: AliasKind, raw_value: z.string() }))
      .max(EVENT_ALIASES_MAX, `at most ${EVENT_ALIASES_MAX} aliases`)
      .optional()
      .meta({ description: "Aliases of the lead. The first that a lead already has decides which lead it is; the others are added to it" }),
    alias_kind: AliasKind.optional().meta({ deprecated: true, description: "Required with alias" }),
    alias: z.string().optional().meta({ deprecated: true, description: "Required with alias_kind", example: "user@example.com" }),
    event_type: z.string().meta({ minLength: 1, maxLength: EVENT_TYPE_CHARS_MAX, example: "Page View" }),
    timestamp: z.string().optional().meta({
      format: "date-time",
      description: "RFC 3339, from 1970 to at most 24 hours ahead. Default: now",
      example: "2025-09-15T14:30:00Z",
    }),
    metadata: ProfileObject.optional().meta({
      type: "object",
      additionalProperties: {},
      description: "Anything to keep with the event, at most 100 KB",
      example: { path: "/pricing" },
    }),
    unit_id: z
      .never({ error: "is not accepted: the org unit is the caller's active one" })
      .optional()
      .meta({ type: "null", not: {}, description: "Never sent: the org unit is the caller's active one" }),
  })
  .superRefine((sent, context) => {
    if (sent.alias !== undefined && sent.alias_kind === undefined)
      context.addIssue({ code: "custom", path: ["alias_kind"], message: "is required with alias" });
    if (sent.alias_kind !== undefined && sent.alias === undefined)
      context.addIssue({ code: "custom", path: ["alias"], message: "is required with alias_kind" });
  });

const BATCH_EVENTS_MAX = 500;

/** Each event is checked on its own, so that an invalid one does not stop the others. */
export const SentEvents = z.object({
  events: z.array(z.unknown()).min(1, "must hold at least one event").max(BATCH_EVENTS_MAX, `at most ${BATCH_EVENTS_MAX} events`),
});

const REPLAYED_IDS_MAX = 500;

/** Which rejected events to replay: these, or all that were rejected before a time. */
export const RejectedSelection = z
  .object({
    event_ids: z.array(z.string()).min(1, "must hold at least one id").max(REPLAYED_IDS_MAX, `at most ${REPLAYED_IDS_MAX} ids`).optional(),
    before: z
      .string()
      .refine((text) => !Number.isNaN(parseIsoTime(text)), "must be a time in RFC 3339 format")
      .optional()
      .meta({ format: "date-time", description: "RFC 3339: events that were rejected before this time, the newest first" }),
  })
  .refine(({ event_ids, before }) => (event_ids === undefined) !== (before === undefined), {
    path: ["event_ids"],
    message: "event_ids or before is required, not both",
  });

/** The deprecated pair `alias_kind` and `alias` becomes the last of the aliases. */
export function eventInput(sent: z.output<typeof SentEvent>, idempotencyKey?: string): EventInput {
  const { aliases = [], alias_kind, alias, event_id, lead_id, event_type, timestamp, metadata } = sent;
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

/** What may be changed of an event type. */
export const EventTypeChange = z.object({
  hidden: z.boolean().meta({ description: "Left out of lists and statistics, and no longer scored" }),
});
