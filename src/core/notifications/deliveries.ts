/** Deliveries as people see them: the list, one with its attempts, sending again, and a channel's test. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { randomHex } from "../../ids";
import { requireNotificationChannel } from "./channels";
import {
  type AttemptRow,
  type ClaimedDelivery,
  type DeliveryFilter,
  type DeliveryRow,
  insertDeliveries,
  replay,
  selectAttempts,
  selectDeliveries,
  selectDelivery,
} from "./delivery-store";
import type { Payload } from "./texts";

export type DeliveryDetail = DeliveryRow & { payload: Payload; log: AttemptRow[] };

/** Newest first; `total` is counted up to 10,000. One round trip. */
export async function listDeliveries(
  ctx: Ctx,
  filter: DeliveryFilter,
  page: number,
  limit: number,
): Promise<{ deliveries: DeliveryRow[]; total: number }> {
  const [rows, count] = await ctx.db.batch(selectDeliveries(ctx.db, filter, limit, (page - 1) * limit));
  return { deliveries: (rows ?? []) as DeliveryRow[], total: Number(count?.[0]?.total ?? 0) };
}

/** One round trip. Throws not_found. */
export async function requireDelivery(ctx: Ctx, deliveryId: string): Promise<DeliveryDetail> {
  const [rows, attempts] = await ctx.db.batch([selectDelivery(ctx.db, deliveryId), selectAttempts(ctx.db, deliveryId)]);
  const row = rows?.[0] as ClaimedDelivery | undefined;
  if (!row) throw notFound();
  return { ...row, payload: JSON.parse(row.payload) as Payload, log: (attempts ?? []) as AttemptRow[] };
}

/**
 * Sends a delivery again, under the same id: one that has ended begins its schedule anew, one that waits is sent at once. Throws not_found,
 * and conflict when its channel is disabled or gone.
 */
export async function replayDelivery(ctx: Ctx, deliveryId: string): Promise<DeliveryRow> {
  const [, rows] = await ctx.db.batch([replay(ctx.db, deliveryId, ctx.now()), selectDelivery(ctx.db, deliveryId)]);
  const row = rows?.[0] as (DeliveryRow & { channel_live: number | null }) | undefined;
  if (!row) throw notFound();
  if (row.channel_live === null) throw new AppError("conflict", "The delivery's channel has been deleted: there is nowhere to send it");
  if (row.channel_live === 0) throw new AppError("conflict", "The delivery's channel is disabled: enable it first (active: true)");
  await ctx.outbox.deliveries([{ unit: ctx.unit.unit, delivery_id: row.delivery_id }]);
  return row;
}

/** Sends a milestone's example to a channel, queued like any other delivery. Throws not_found, and conflict for a disabled one. */
export async function testNotificationChannel(ctx: Ctx, channelId: string): Promise<DeliveryRow> {
  const channel = await requireNotificationChannel(ctx, channelId);
  const now = ctx.now();
  const delivery_id = `dlv_${randomHex(16)}`;
  const data = {
    test: true,
    channel_id: channelId,
    channel_name: channel.name,
    trigger_id: "trg_example",
    trigger_name: "Example milestone",
    lead_id: "ld_00000000000000000000000000000000",
    score: 50,
    event_type: "page_view",
    fired_at: new Date(now).toISOString(),
  };
  const test = { delivery_id, channel_id: channelId, event_type: "notification_channel.test", data, occurred_at: now };
  if (!channel.active) throw new AppError("conflict", "The channel is disabled: enable it first (active: true)");
  const rows = (await ctx.db.batch([...insertDeliveries(ctx.db, [test], now), selectDelivery(ctx.db, delivery_id)])).at(-1);
  const row = rows?.[0] as DeliveryRow | undefined;
  if (!row) throw new AppError("not_found", "Notification channel not found");
  await ctx.outbox.deliveries([{ unit: ctx.unit.unit, delivery_id }]);
  return row;
}

const notFound = (): AppError => new AppError("not_found", "Delivery not found");
