/** Deliveries as users see them: the list, one with its attempts, sending one again, and the test of a channel. */
import type { Ctx } from "../../context";
import { untilCommitted } from "../../db/commit";
import { AppError } from "../../errors";
import { randomHex } from "../../ids";
import { mayEdit, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { channelIsLive } from "./channel-store";
import { requireNotificationChannel } from "./channels";
import {
  type AttemptRow,
  type DeliveryFilter,
  type DeliveryRow,
  insertDeliveries,
  type NewDelivery,
  rescheduleDelivery,
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
  const select = selectDeliveries(ctx.db, filter, limit, (page - 1) * limit);
  const [deliveries, [counted]] = await ctx.db.batch([select.page, select.count]);
  return { deliveries, total: counted?.total ?? 0 };
}

/** A viewer does not see the receivers' responses, which can repeat secrets. One round trip. Throws not_found. */
export async function requireDelivery(ctx: Ctx, deliveryId: string): Promise<DeliveryDetail> {
  const [[row], attempts] = await ctx.db.batch([selectDelivery(ctx.db, deliveryId), selectAttempts(ctx.db, deliveryId)]);
  if (!row) throw noSuchDelivery();
  return {
    ...row,
    payload: JSON.parse(row.payload) as Payload,
    log: mayEdit(ctx) ? attempts : attempts.map((attempt) => ({ ...attempt, response: null })),
  };
}

/**
 * Sends a delivery again, under the same id: one that has ended restarts its schedule, a pending one is sent at once. Needs the role editor.
 * One round trip. Throws forbidden, not_found, and conflict when its channel is disabled or gone.
 */
export async function replayDelivery(ctx: Ctx, deliveryId: string): Promise<DeliveryRow> {
  requireRole(ctx, "editor");
  const [, [row]] = await ctx.db.batch([rescheduleDelivery(ctx.db, deliveryId, ctx.now()), selectDelivery(ctx.db, deliveryId)]);
  if (!row) throw noSuchDelivery();
  if (row.channel_live === null) throw new AppError("conflict", "The delivery's channel has been deleted: there is nowhere to send it");
  if (row.channel_live === 0) throw new AppError("conflict", "The delivery's channel is disabled: enable it first (active: true)");
  await ctx.outbox.deliveries([{ unit: ctx.unit.unit, delivery_id: row.delivery_id }]);
  return row;
}

/**
 * Sends the example of a milestone to a channel, queued like any other delivery. Needs the role editor. Two round trips. Throws forbidden,
 * not_found, and conflict for a disabled channel.
 */
export async function testNotificationChannel(
  ctx: Ctx,
  channelId: string,
  remember: Remember<DeliveryRow> = () => [],
): Promise<DeliveryRow> {
  requireRole(ctx, "editor");
  const row = await untilCommitted(() => queueTest(ctx, channelId, remember));
  await ctx.outbox.deliveries([{ unit: ctx.unit.unit, delivery_id: row.delivery_id }]);
  return row;
}

async function queueTest(ctx: Ctx, channelId: string, remember: Remember<DeliveryRow>): Promise<DeliveryRow> {
  const channel = await requireNotificationChannel(ctx, channelId);
  if (!channel.active) throw new AppError("conflict", "The channel is disabled: enable it first (active: true)");
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
  const row = newDeliveryRow(test, now);
  await ctx.db.batch([channelIsLive(ctx.db, channelId), ...insertDeliveries(ctx.db, [test], now), ...remember(row)]);
  return row;
}

/** To an enabled channel. */
const newDeliveryRow = ({ delivery_id, channel_id, event_type }: NewDelivery, now: number): DeliveryRow => ({
  delivery_id,
  channel_id,
  event_type,
  status: "pending",
  attempts: 0,
  attempts_before: 0,
  next_attempt_at: now,
  claimed_at: null,
  last_error: null,
  created_at: now,
  finished_at: null,
});

const noSuchDelivery = (): AppError => new AppError("not_found", "Delivery not found");
