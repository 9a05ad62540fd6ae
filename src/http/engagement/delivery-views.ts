/** Deliveries on the wire. */

import { z } from "@hono/zod-openapi";
import type { DeliveryRow, DeliveryDetail as Detail } from "../../core/notifications";
import { isoTime, isoTimeOrNull } from "../../time";
import { DELIVERY_STATUSES, oneOf } from "../../vocabulary";
import { Attributes, Timestamp } from "./schemas";

export const DeliveryStatus = z.enum(DELIVERY_STATUSES, oneOf(DELIVERY_STATUSES));

export const Delivery = z
  .object({
    delivery_id: z.string().openapi({ description: "The receiver's `webhook-id`, the same on every attempt" }),
    channel_id: z.string(),
    event_type: z.string(),
    status: DeliveryStatus,
    attempt_count: z.number().int(),
    next_attempt_at: Timestamp.nullable().openapi({ description: "Of a pending delivery" }),
    last_error: z.string().nullable(),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .openapi("Delivery");

const Attempt = z.object({
  attempt: z.number().int(),
  at: Timestamp,
  status_code: z.number().int().nullable().openapi({ description: "null: the receiver did not respond" }),
  error: z.string().nullable(),
  duration_ms: z.number().int().nullable(),
  response: z.string().nullable().openapi({ description: "The first KB of the response; null for viewers" }),
});

export const DeliveryDetail = Delivery.extend({
  payload: z.object({ type: z.string(), timestamp: Timestamp, data: Attributes }),
  attempts: z.array(Attempt),
}).openapi("DeliveryDetail");

export const DELIVERY_EXAMPLE = {
  delivery_id: "dlv_0f1e2d3c4b5a697887960f1e2d3c4b5a",
  channel_id: "nch_0193f3a2c7b07aa18000c0ffee123456",
  event_type: "milestone.fired",
  status: "pending",
  attempt_count: 1,
  next_attempt_at: "2026-01-15T10:00:05.000Z",
  last_error: "The receiver answered 500",
  created_at: "2026-01-15T10:00:00.000Z",
  finished_at: null,
} as const;

export const DELIVERY_DETAIL_EXAMPLE = {
  ...DELIVERY_EXAMPLE,
  payload: { type: "milestone.fired", timestamp: "2026-01-15T10:00:00.000Z", data: { trigger_name: "Hot lead", score: 50 } },
  attempts: [
    {
      attempt: 1,
      at: "2026-01-15T10:00:00.000Z",
      status_code: 500,
      error: "The receiver answered 500",
      duration_ms: 87,
      response: "oops",
    },
  ],
};

export const deliveryView = (delivery: DeliveryRow) => ({
  delivery_id: delivery.delivery_id,
  channel_id: delivery.channel_id,
  event_type: delivery.event_type,
  status: delivery.status,
  attempt_count: delivery.attempts,
  next_attempt_at: delivery.status === "pending" ? isoTime(delivery.next_attempt_at) : null,
  last_error: delivery.last_error,
  created_at: isoTime(delivery.created_at),
  finished_at: isoTimeOrNull(delivery.finished_at),
});

export const deliveryDetailView = (delivery: Detail) => ({
  ...deliveryView(delivery),
  payload: delivery.payload as { type: string; timestamp: string; data: z.infer<typeof Attributes> },
  attempts: delivery.log.map(({ attempt_no, at, ...attempt }) => ({ attempt: attempt_no, at: isoTime(at), ...attempt })),
});
