/** What is going on: events as they arrive, those that were rejected, and deliveries. */
import { z } from "zod";
import { listEvents, listEventTypes, listRejectedEvents, RejectedSelection, replayRejectedEvents } from "../../../core/events";
import { namesOfLeads, publicLeadId } from "../../../core/leads";
import { type DeliveryRow, listDeliveries, listNotificationChannels, replayDelivery, requireDelivery } from "../../../core/notifications";
import { DELIVERY_STATUSES } from "../../../vocabulary";
import { read, write } from "../call";
import { shownJson } from "../shown-json";

const PAGE_ROWS = 25;
const PAGES_MAX = 1_000;

const page = z.int().min(1).max(PAGES_MAX);
const OneDelivery = z.strictObject({ delivery_id: z.string() });

export const liveCalls = {
  "events.list": read(z.strictObject({ event_type: z.string().optional(), page }), async (ctx, { event_type, page }) => {
    const { events, total } = await listEvents(ctx, { event_type }, page, PAGE_ROWS);
    const names = await namesOfLeads(
      ctx,
      events.map(({ lead_id }) => lead_id),
    );
    const shown = events.map(({ event_id, event_type, occurred_at, lead_id, metadata, suppression_reason }) => ({
      event_id,
      event_type,
      occurred_at,
      lead_id: publicLeadId(lead_id),
      lead_name: names.get(lead_id) ?? null,
      suppression_reason,
      metadata: shownJson(metadata),
    }));
    return { events: shown, total, pages: pagesOf(total) };
  }),
  "events.types": read(z.strictObject({}), (ctx) => listEventTypes(ctx)),
  "rejected.list": read(z.strictObject({ page }), async (ctx, { page }) => {
    const { events, total } = await listRejectedEvents(ctx, page, PAGE_ROWS);
    const shown = events.map(({ event, reason, refused_at }) => ({
      event_id: event.event_id,
      event_type: event.event_type,
      occurred_at: event.occurred_at,
      rejected_at: refused_at,
      reason,
      aliases: event.aliases.map(([kind, value, raw]) => ({ kind, value: raw ?? value })),
      metadata: shownJson(event.metadata ?? {}),
    }));
    return { events: shown, total, pages: pagesOf(total) };
  }),
  "rejected.replay": write(RejectedSelection, (ctx, selection) => replayRejectedEvents(ctx, selection)),
  "deliveries.list": read(z.strictObject({ status: z.enum(DELIVERY_STATUSES).optional(), page }), async (ctx, { page, ...filter }) => {
    const [{ deliveries, total }, channels] = await Promise.all([
      listDeliveries(ctx, filter, page, PAGE_ROWS),
      listNotificationChannels(ctx),
    ]);
    const names = new Map(channels.map(({ channel_id, name }) => [channel_id, name]));
    const shown = deliveries.map((delivery) => ({ ...deliveryView(delivery), channel_name: names.get(delivery.channel_id) ?? null }));
    return { deliveries: shown, total, pages: pagesOf(total) };
  }),
  "deliveries.get": read(OneDelivery, async (ctx, { delivery_id }) => {
    const delivery = await requireDelivery(ctx, delivery_id);
    return { ...deliveryView(delivery), payload: JSON.stringify(delivery.payload, null, 2), attempts: delivery.log };
  }),
  "deliveries.replay": write(OneDelivery, async (ctx, { delivery_id }) => deliveryView(await replayDelivery(ctx, delivery_id))),
};

const pagesOf = (total: number): number => Math.min(PAGES_MAX, Math.max(1, Math.ceil(total / PAGE_ROWS)));

export const deliveryView = (delivery: DeliveryRow) => ({
  delivery_id: delivery.delivery_id,
  channel_id: delivery.channel_id,
  event_type: delivery.event_type,
  status: delivery.status,
  attempts_made: delivery.attempts,
  next_attempt_at: delivery.status === "pending" ? delivery.next_attempt_at : null,
  last_error: delivery.last_error,
  created_at: delivery.created_at,
  finished_at: delivery.finished_at,
});
