/** Notification channels: where deliveries go. A signing secret is in the response that creates or rotates it, and in no other. */
import { z } from "zod";
import {
  changeNotificationChannel,
  createNotificationChannel,
  deleteNotificationChannel,
  listNotificationChannels,
  NewNotificationChannel,
  type NotificationChannel,
  NotificationChannelChange,
  revokePreviousSecret,
  rotateSigningSecret,
  testNotificationChannel,
} from "../../../core/notifications";
import { read, write } from "../call";

const channel_id = z.string();
const OneChannel = z.strictObject({ channel_id });

export const channelCalls = {
  "channels.list": read(z.strictObject({}), async (ctx) => (await listNotificationChannels(ctx)).map(shown)),
  "channels.create": write(NewNotificationChannel, async (ctx, given, { remembering }) => {
    const view = (channel: NotificationChannel, signing_secret: string | null) => ({
      channel: shown(channel),
      signing_secret,
      /** of a webhook: the secret was in an earlier response to the same call */
      secret_lost: channel.type === "webhook" && signing_secret === null,
    });
    const { channel, signing_secret } = await createNotificationChannel(
      ctx,
      given,
      remembering((created) => view(created.channel, null)),
    );
    return view(channel, signing_secret);
  }),
  "channels.change": write(z.strictObject({ channel_id, ...NotificationChannelChange.shape }), async (ctx, { channel_id, ...changes }) =>
    shown(await changeNotificationChannel(ctx, channel_id, changes)),
  ),
  "channels.delete": write(OneChannel, async (ctx, { channel_id }) => {
    await deleteNotificationChannel(ctx, channel_id);
    return {};
  }),
  "channels.rotateSecret": write(OneChannel, async (ctx, { channel_id }, { remembering }) => {
    const view = (signing_secret: string | null, previous_until: number) => ({ signing_secret, previous_until });
    const { signing_secret, previous_until } = await rotateSigningSecret(
      ctx,
      channel_id,
      remembering((rotated) => view(null, rotated.previous_until)),
    );
    return view(signing_secret, previous_until);
  }),
  "channels.revokePreviousSecret": write(OneChannel, async (ctx, { channel_id }) => shown(await revokePreviousSecret(ctx, channel_id))),
  "channels.test": write(OneChannel, async (ctx, { channel_id }, { remembering }) => {
    const { delivery_id } = await testNotificationChannel(
      ctx,
      channel_id,
      remembering(({ delivery_id }) => ({ delivery_id })),
    );
    return { delivery_id };
  }),
};

/** `config` as the caller may see it: masked. */
const shown = ({ channel_id, name, type, config, events, active, disabled_reason, previous_secret_until }: NotificationChannel) => ({
  channel_id,
  name,
  type,
  config: config as Record<string, string>,
  events,
  active,
  disabled_reason,
  previous_secret_until,
});
