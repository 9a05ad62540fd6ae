/** Notification channels on the wire. */
import { z } from "@hono/zod-openapi";
import { CONFIGS, type NotificationChannel } from "../../core/notifications";
import { isoTime } from "../../time";
import { NOTIFICATION_EVENTS, NOTIFICATION_TYPES, type NotificationType } from "../../vocabulary";
import { shownOnce } from "../idempotency-document";
import { Timestamp } from "./schemas";

/** The config of a type as JSON Schema, made from the schema that validates it. */
function configOf(type: NotificationType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(CONFIGS[type], { io: "input" });
  return schema;
}

/** Of a new channel's body: `type` says which fields `config` has. */
export const CONFIG_BY_TYPE = {
  oneOf: NOTIFICATION_TYPES.map((type) => ({
    type: "object" as const,
    title: type,
    required: ["type", "config"],
    properties: { type: { type: "string" as const, enum: [type] }, config: configOf(type) },
  })),
};

export const ChannelView = z
  .object({
    id: z.string(),
    unit_id: z.string(),
    name: z.string(),
    type: z.enum(NOTIFICATION_TYPES),
    config: z
      .object({})
      .catchall(z.string())
      .openapi({ description: "As sent; an `auth_header` is masked, and for viewers the path and query of a URL, too" }),
    events: z.array(z.enum(NOTIFICATION_EVENTS)).openapi({ description: "The events that the channel subscribes to" }),
    active: z.boolean(),
    disabled_reason: z.string().nullable().openapi({ description: "Why it is not active: switched off, or the receiver answered 410" }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("NotificationChannel");
const SigningSecret = shownOnce("signing_secret", "Verifies `webhook-signature` (Standard Webhooks); shown this once");
export const CreatedChannel = ChannelView.extend(SigningSecret.shape).openapi("CreatedNotificationChannel");
export const RotatedChannel = ChannelView.extend({ ...SigningSecret.shape, previous_secret_until: Timestamp }).openapi("RotatedSecret");

export const CHANNEL_EXAMPLE = {
  id: "nch_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  name: "CRM",
  type: "webhook",
  config: { url: "https://hooks.example.com/leadedge", auth_header: "********" },
  events: [],
  active: true,
  disabled_reason: null,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
export const SECRET_EXAMPLE = "whsec_…";

export const channelView = (unit_id: string, { channel_id, config, previous_secret_until: _, ...channel }: NotificationChannel) => ({
  id: channel_id,
  unit_id,
  ...channel,
  config: config as Record<string, string>,
  created_at: isoTime(channel.created_at),
  updated_at: isoTime(channel.updated_at),
});
