/** What the verbs of notification channels accept. */
import { z } from "zod";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { NOTIFICATION_EVENTS, NOTIFICATION_TYPES, oneOf } from "../../vocabulary";

const RECIPIENTS_MAX = 50;
const HEADER_CHARS_MAX = 2000;
const NAME_LENGTH = "must be 1 to 100 characters";

const text = (charsMax: number) =>
  z.string("must be a text").trim().max(charsMax, `must be at most ${charsMax} characters`).refine(isStorable, NOT_STORABLE);
const target = z
  .string("must be a URL such as https://example.com/hook")
  .trim()
  .meta({ format: "uri", example: "https://hooks.example.com/leadedge" });
const Recipients = z
  .string("must be email addresses separated by commas")
  .transform((list) => addresses(list).join(", "))
  .refine((list) => addresses(list).length > 0 && addresses(list).every((address) => z.email().safeParse(address).success), {
    error: "must be email addresses separated by commas",
  })
  .refine((list) => addresses(list).length <= RECIPIENTS_MAX, { error: `must be at most ${RECIPIENTS_MAX} addresses` })
  .meta({ description: `1 to ${RECIPIENTS_MAX} email addresses separated by commas`, example: "sales@example.com, alex@example.com" });

/** Recipients of an email channel, one by one. */
export const addresses = (recipients: string): string[] =>
  recipients
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");

/** The config of a channel, by its type. */
export const CONFIGS = {
  webhook: z.object({
    url: target,
    auth_header: z
      .string("must be a text")
      .trim()
      .regex(/^[\x20-\x7e]+$/, "must be printable ASCII characters")
      .max(HEADER_CHARS_MAX, `must be at most ${HEADER_CHARS_MAX} characters`)
      .optional()
      .meta({ description: "Sent as the `Authorization` header", example: "Bearer s3cret" }),
  }),
  slack: z.object({
    webhook_url: target.meta({ description: "An incoming webhook's URL" }),
    channel_id: text(100).optional(),
    channel_name: text(100).optional(),
  }),
  teams: z.object({ webhook_url: target, channel_name: text(100).optional() }),
  email: z.object({
    recipients: Recipients,
    subject_prefix: text(100).optional(),
    subject: text(200).optional(),
    preheader: text(200).optional(),
    message: text(5000).optional(),
  }),
} as const;

const Name = z.string("must be a text").trim().min(1, NAME_LENGTH).max(100, NAME_LENGTH).refine(isStorable, NOT_STORABLE);
/** Its fields depend on the channel's type: see `readConfig`. */
const SentConfig = z.record(z.string(), z.unknown(), "must be an object").meta({
  description:
    "webhook `{url, auth_header?}`; slack `{webhook_url, channel_id?, channel_name?}` (an incoming webhook's URL); teams " +
    "`{webhook_url, channel_name?}`; email `{recipients, subject_prefix?}`, recipients comma-separated",
  example: { url: "https://hooks.example.com/leadedge" },
});

const Events = z
  .array(z.enum(NOTIFICATION_EVENTS, oneOf(NOTIFICATION_EVENTS)), "must be a list of events")
  .transform((events) => [...new Set(events)])
  .meta({
    description:
      "The events that the channel subscribes to, beside the triggers that name it: changes of leads, from then on, and what becomes of imports",
    example: ["lead.created", "import.completed"],
  });

export const NewNotificationChannel = z.object({
  name: Name,
  type: z.enum(NOTIFICATION_TYPES, oneOf(NOTIFICATION_TYPES)),
  config: SentConfig,
  events: Events.default([]),
});

export const NotificationChannelChange = z
  .object({
    name: Name.optional(),
    config: SentConfig.optional(),
    events: Events.optional(),
    active: z.boolean("must be true or false").optional().meta({ description: "false discards what is pending" }),
  })
  .refine((sent) => Object.values(sent).some((value) => value !== undefined), "must have at least one of: name, config, active, events");
