/** Notification channels (contract: destinations): Slack, Teams, signed webhooks and email. */

import { z } from "@hono/zod-openapi";
import {
  changeNotificationChannel,
  createNotificationChannel,
  deleteNotificationChannel,
  listNotificationChannels,
  type NotificationChannel,
  requireNotificationChannel,
  rotateSigningSecret,
  testNotificationChannel,
} from "../../core/notifications";
import { isoTime } from "../../time";
import { NOTIFICATION_TYPES } from "../../vocabulary";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { DELIVERY_EXAMPLE, Delivery, deliveryView } from "./delivery-views";
import { Attributes, Timestamp } from "./schemas";

const PATH = "/notification-channels";
const TAGS = ["Notification channels"];
const Name = z.string("must be a text").trim().min(1, "must be 1 to 100 characters").max(100, "must be 1 to 100 characters");
const SentConfig = Attributes.openapi({
  description:
    "webhook `{url, auth_header?}`; slack `{webhook_url, channel_id?, channel_name?}` (an incoming webhook's URL); teams " +
    "`{webhook_url, channel_name?}`; email `{recipients, subject_prefix?}`, recipients comma-separated",
  example: { url: "https://hooks.example.com/leadedge" },
});
const ChannelView = z
  .object({
    id: z.string(),
    unit_id: z.string(),
    name: z.string(),
    type: z.enum(NOTIFICATION_TYPES),
    config: z.object({}).catchall(z.string()).openapi({ description: "As sent; an `auth_header` is masked" }),
    active: z.boolean(),
    disabled_reason: z.string().nullable().openapi({ description: "Why it is not active: switched off, or the receiver answered 410" }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("NotificationChannel");
const SigningSecret = z.string().openapi({ description: "Verifies `webhook-signature` (Standard Webhooks); shown this once" });
const Created = ChannelView.extend({ signing_secret: SigningSecret.optional() }).openapi("CreatedNotificationChannel");
const Rotated = ChannelView.extend({ signing_secret: SigningSecret, previous_secret_until: Timestamp }).openapi("RotatedSecret");

const EXAMPLE = {
  id: "nch_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  name: "CRM",
  type: "webhook",
  config: { url: "https://hooks.example.com/leadedge", auth_header: "********" },
  active: true,
  disabled_reason: null,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
const EXAMPLE_SECRET = "whsec_…";
const params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const NOT_FOUND = { 404: "Notification channel not found" };

const list = unitRoute(PATH, {
  method: "get",
  tags: TAGS,
  summary: "List notification channels",
  role: "viewer",
  responses: { 200: jsonResponse("The channels that users made, oldest first", z.array(ChannelView), [EXAMPLE]) },
});

const create = unitRoute(PATH, {
  method: "post",
  tags: TAGS,
  summary: "Create a notification channel",
  role: "editor",
  request: {
    body: jsonBody(
      z.object({
        name: Name,
        type: z.enum(NOTIFICATION_TYPES, { error: `must be one of: ${NOTIFICATION_TYPES.join(", ")}` }),
        config: SentConfig,
      }),
      { name: "CRM", type: "webhook", config: { url: "https://hooks.example.com/leadedge", auth_header: "Bearer s3cret" } },
    ),
  },
  responses: {
    201: jsonResponse("The channel; a webhook's signing secret is shown once", Created, { ...EXAMPLE, signing_secret: EXAMPLE_SECRET }),
  },
});

const get = unitRoute(`${PATH}/{id}`, {
  method: "get",
  tags: TAGS,
  summary: "Get a notification channel",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The channel", ChannelView, EXAMPLE) },
  errors: NOT_FOUND,
});

const update = unitRoute(`${PATH}/{id}`, {
  method: "put",
  tags: TAGS,
  summary: "Change a notification channel, switch it off or on",
  role: "editor",
  request: {
    params,
    body: jsonBody(
      z
        .object({
          name: Name.optional(),
          config: SentConfig.optional(),
          active: z.boolean("must be true or false").optional().openapi({ description: "false discards what is pending" }),
        })
        .refine((sent) => Object.values(sent).some((value) => value !== undefined), "must have at least one of: name, config, active"),
      { name: "CRM", active: true },
    ),
  },
  responses: { 200: jsonResponse("The channel; fields left out stay as they are", ChannelView, EXAMPLE) },
  errors: { ...NOT_FOUND, 409: "The channel belongs to a trigger or partner channel, or was changed at the same time" },
});

const remove = unitRoute(`${PATH}/{id}`, {
  method: "delete",
  tags: TAGS,
  summary: "Delete a notification channel",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted; what was pending is discarded" } },
  errors: { ...NOT_FOUND, 409: "The channel belongs to a trigger or partner channel" },
});

const rotate = unitRoute(`${PATH}/{id}/rotate-secret`, {
  method: "post",
  tags: TAGS,
  summary: "Give a webhook a new signing secret",
  role: "editor",
  request: { params },
  responses: {
    200: jsonResponse("The new secret, shown once; deliveries carry signatures of both for 24 hours", Rotated, {
      ...EXAMPLE,
      signing_secret: EXAMPLE_SECRET,
      previous_secret_until: "2026-01-16T10:00:00.000Z",
    }),
  },
  errors: { ...NOT_FOUND, 409: "Only webhook channels are signed" },
});

const test = unitRoute(`${PATH}/{id}/test`, {
  method: "post",
  tags: TAGS,
  summary: "Send a test delivery",
  role: "editor",
  request: { params },
  responses: {
    202: jsonResponse("The delivery, queued like any other", Delivery, { ...DELIVERY_EXAMPLE, event_type: "notification_channel.test" }),
  },
  errors: { ...NOT_FOUND, 409: "The channel is disabled" },
});

export const notificationChannels = createRouter()
  .openapi(list, async (c) => {
    const ctx = c.get("ctx");
    const found = await listNotificationChannels(ctx);
    return c.json(
      found.map((channel) => view(ctx.unit.unit_id, channel)),
      200,
    );
  })
  .openapi(create, async (c) => {
    const ctx = c.get("ctx");
    const { channel, signing_secret } = await createNotificationChannel(ctx, c.req.valid("json"));
    c.header("Cache-Control", "no-store");
    c.header("Location", `${PATH}/${channel.channel_id}`);
    return c.json({ ...view(ctx.unit.unit_id, channel), ...(signing_secret === null ? {} : { signing_secret }) }, 201);
  })
  .openapi(get, async (c) => {
    const ctx = c.get("ctx");
    return c.json(view(ctx.unit.unit_id, await requireNotificationChannel(ctx, c.req.valid("param").id)), 200);
  })
  .openapi(update, async (c) => {
    const ctx = c.get("ctx");
    return c.json(view(ctx.unit.unit_id, await changeNotificationChannel(ctx, c.req.valid("param").id, c.req.valid("json"))), 200);
  })
  .openapi(remove, async (c) => {
    await deleteNotificationChannel(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(rotate, async (c) => {
    const ctx = c.get("ctx");
    const { channel, signing_secret, previous_until } = await rotateSigningSecret(ctx, c.req.valid("param").id);
    c.header("Cache-Control", "no-store");
    return c.json(
      { ...view(ctx.unit.unit_id, channel), signing_secret: signing_secret ?? "", previous_secret_until: isoTime(previous_until) },
      200,
    );
  })
  .openapi(test, async (c) => c.json(deliveryView(await testNotificationChannel(c.get("ctx"), c.req.valid("param").id)), 202));

const view = (unit_id: string, { channel_id, config, ...channel }: NotificationChannel) => ({
  id: channel_id,
  unit_id,
  ...channel,
  config: config as Record<string, string>,
  created_at: isoTime(channel.created_at),
  updated_at: isoTime(channel.updated_at),
});
