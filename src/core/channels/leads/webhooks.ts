/** The webhooks of a channel: their deliveries, and the nudge after the commit. */
import type { Ctx, Statement } from "../../../context";
import { deliveryId, insertDeliveries, type NewDelivery } from "../../notifications";
import type { WebhookKind } from "../channel";
import { type ChannelLead, statusOf, wholeLead } from "./channel-lead";

const EVENT_TYPES: Record<WebhookKind, string> = { webhook_new_lead: "channel.new_lead", webhook_status_update: "channel.status_update" };

/** The delivery to a channel's webhook; null when it has none. `occasion` distinguishes the changes of one lead. */
export function planDelivery(kind: WebhookKind, of: ChannelLead, occasion: string, now: number): NewDelivery | null {
  const { channel, lead } = of;
  const webhook = channel.webhooks[kind];
  if (webhook === null) return null;
  const { notification_channel_id } = webhook;
  const data = { channel_id: channel.channel_id, channel_title: channel.title, status: statusOf(of)?.status ?? null, lead: wholeLead(of) };
  return {
    delivery_id: deliveryId(notification_channel_id, kind, lead.lead_id, occasion),
    channel_id: notification_channel_id,
    event_type: EVENT_TYPES[kind],
    data,
    occurred_at: now,
  };
}

export const deliveryStatements = (ctx: Ctx, delivery: NewDelivery | null, now: number): Statement<never>[] =>
  delivery === null ? [] : insertDeliveries(ctx.db, [delivery], now);

/** After the commit. */
export async function sendOut({ outbox, unit }: Ctx, delivery: NewDelivery | null): Promise<void> {
  if (delivery !== null) await outbox.deliveries([{ unit: unit.unit, delivery_id: delivery.delivery_id }]);
}
