/** Notification channels: where deliveries go, and a test of each. */
import { z } from "zod";
import { listNotificationChannels, testNotificationChannel } from "../../../core/notifications";
import { read, write } from "../call";

export const channelCalls = {
  "channels.list": read(z.strictObject({}), async (ctx) =>
    (await listNotificationChannels(ctx)).map(({ channel_id, name, type, active, disabled_reason }) => ({
      channel_id,
      name,
      type,
      active,
      disabled_reason,
    })),
  ),
  "channels.test": write(z.strictObject({ channel_id: z.string() }), async (ctx, { channel_id }, { remembering }) => {
    const { delivery_id } = await testNotificationChannel(
      ctx,
      channel_id,
      remembering(({ delivery_id }) => ({ delivery_id })),
    );
    return { delivery_id };
  }),
};
