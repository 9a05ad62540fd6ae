/** Notification channels (contract: destinations): Slack, Teams, signed webhooks and email. */

import { z } from "@hono/zod-openapi";
import {
  changeNotificationChannel,
  createNotificationChannel,
  deleteNotificationChannel,
  listNotificationChannels,
  NewNotificationChannel,
  NotificationChannelChange,
  type NotificationChannelWithSecret,
  type RotatedSecret,
  requireNotificationChannel,
  rotateSigningSecret,
  testNotificationChannel,
} from "../../core/notifications";
import { isoTime } from "../../time";
import { remembering, withoutSecret } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { DELIVERY_EXAMPLE, Delivery, deliveryView } from "./delivery-views";
import {
  CHANNEL_EXAMPLE,
  ChannelView,
  CONFIG_BY_TYPE,
  CreatedChannel,
  channelView,
  RotatedChannel,
  SECRET_EXAMPLE,
} from "./notification-channel-views";

const PATH = "/notification-channels";
const TAGS = ["Notification channels"];
const params = z.object({ id: z.string().openapi({ example: CHANNEL_EXAMPLE.id }) });
const NOT_FOUND = { 404: "Notification channel not found" };

const list = unitRoute(PATH, {
  operationId: "listNotificationChannels",
  method: "get",
  tags: TAGS,
  summary: "List notification channels",
  role: "viewer",
  responses: { 200: jsonResponse("Channels created by users, oldest first", z.array(ChannelView), [CHANNEL_EXAMPLE]) },
});

const create = unitRoute(PATH, {
  operationId: "createNotificationChannel",
  method: "post",
  tags: TAGS,
  summary: "Create a notification channel",
  idempotent: true,
  role: "editor",
  request: {
    body: jsonBody(NewNotificationChannel.openapi(CONFIG_BY_TYPE), {
      name: "CRM",
      type: "webhook",
      config: { url: "https://hooks.example.com/leadedge", auth_header: "Bearer s3cret" },
    }),
  },
  responses: {
    201: jsonResponse("The channel; a webhook's signing secret is shown once", CreatedChannel, {
      ...CHANNEL_EXAMPLE,
      signing_secret: SECRET_EXAMPLE,
    }),
  },
});

const get = unitRoute(`${PATH}/{id}`, {
  operationId: "getNotificationChannel",
  method: "get",
  tags: TAGS,
  summary: "Get a notification channel",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The channel", ChannelView, CHANNEL_EXAMPLE) },
  errors: NOT_FOUND,
});

const update = unitRoute(`${PATH}/{id}`, {
  operationId: "changeNotificationChannel",
  method: "put",
  tags: TAGS,
  summary: "Change a notification channel, switch it off or on",
  role: "editor",
  request: {
    params,
    body: jsonBody(NotificationChannelChange, { name: "CRM", active: true }),
  },
  responses: { 200: jsonResponse("The channel; fields left out stay as they are", ChannelView, CHANNEL_EXAMPLE) },
  errors: { ...NOT_FOUND, 409: "The channel belongs to a trigger or partner channel, or was changed at the same time" },
});

const remove = unitRoute(`${PATH}/{id}`, {
  operationId: "deleteNotificationChannel",
  method: "delete",
  tags: TAGS,
  summary: "Delete a notification channel",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted; what was pending is discarded" } },
  errors: { ...NOT_FOUND, 409: "The channel belongs to a trigger or partner channel" },
});

const rotate = unitRoute(`${PATH}/{id}/rotate-secret`, {
  operationId: "rotateSigningSecret",
  method: "post",
  tags: TAGS,
  summary: "Give a webhook a new signing secret",
  idempotent: true,
  role: "editor",
  request: { params },
  responses: {
    200: jsonResponse("The new secret, shown once; deliveries carry signatures of both for 24 hours", RotatedChannel, {
      ...CHANNEL_EXAMPLE,
      signing_secret: SECRET_EXAMPLE,
      previous_secret_until: "2026-01-16T10:00:00.000Z",
    }),
  },
  errors: { ...NOT_FOUND, 409: "Only webhook channels are signed" },
});

const test = unitRoute(`${PATH}/{id}/test`, {
  operationId: "testNotificationChannel",
  method: "post",
  tags: TAGS,
  summary: "Send a test delivery",
  idempotent: true,
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
      found.map((channel) => channelView(ctx.unit.unit_id, channel)),
      200,
    );
  })
  .openapi(create, async (c) => {
    const ctx = c.get("ctx");
    const view = ({ channel, signing_secret }: NotificationChannelWithSecret) => ({
      ...channelView(ctx.unit.unit_id, channel),
      ...(signing_secret === null ? {} : { signing_secret }),
    });
    const remember = remembering(c, 201, (created: NotificationChannelWithSecret) => withoutSecret(view(created), "signing_secret"));
    const created = await createNotificationChannel(ctx, c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    c.header("Location", `${PATH}/${created.channel.channel_id}`);
    return c.json(view(created), 201);
  })
  .openapi(get, async (c) => {
    const ctx = c.get("ctx");
    return c.json(channelView(ctx.unit.unit_id, await requireNotificationChannel(ctx, c.req.valid("param").id)), 200);
  })
  .openapi(update, async (c) => {
    const ctx = c.get("ctx");
    return c.json(channelView(ctx.unit.unit_id, await changeNotificationChannel(ctx, c.req.valid("param").id, c.req.valid("json"))), 200);
  })
  .openapi(remove, async (c) => {
    await deleteNotificationChannel(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(rotate, async (c) => {
    const ctx = c.get("ctx");
    const view = ({ channel, signing_secret, previous_until }: RotatedSecret) => ({
      ...channelView(ctx.unit.unit_id, channel),
      signing_secret,
      previous_secret_until: isoTime(previous_until),
    });
    const remember = remembering(c, 200, (rotated: RotatedSecret) => withoutSecret(view(rotated), "signing_secret"));
    c.header("Cache-Control", "no-store");
    return c.json(view(await rotateSigningSecret(ctx, c.req.valid("param").id, remember)), 200);
  })
  .openapi(test, async (c) => {
    const remember = remembering(c, 202, deliveryView);
    return c.json(deliveryView(await testNotificationChannel(c.get("ctx"), c.req.valid("param").id, remember)), 202);
  });
