/** The log of outgoing deliveries: what was sent where, what came back, and sending one again by hand. */

import { z } from "@hono/zod-openapi";
import { listDeliveries, replayDelivery, requireDelivery } from "../../core/notifications";
import { rememberAfter } from "../idempotency";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import {
  DELIVERY_DETAIL_EXAMPLE,
  DELIVERY_EXAMPLE,
  Delivery,
  DeliveryDetail,
  DeliveryStatus,
  deliveryDetailView,
  deliveryView,
} from "./delivery-views";
import { PageQuery } from "./schemas";

const TAGS = ["Deliveries"];
const params = z.object({ id: z.string().openapi({ example: DELIVERY_EXAMPLE.delivery_id }) });

const list = unitRoute("/deliveries", {
  operationId: "listDeliveries",
  method: "get",
  tags: TAGS,
  summary: "List deliveries, newest first",
  role: "viewer",
  request: {
    query: PageQuery.extend({
      status: DeliveryStatus.optional(),
      channel_id: z.string().optional().openapi({ example: DELIVERY_EXAMPLE.channel_id }),
      event_type: z.string().optional().openapi({ example: DELIVERY_EXAMPLE.event_type }),
    }),
  },
  responses: {
    200: jsonResponse(
      "One page of the deliveries of the last 30 days",
      z.object({
        deliveries: z.array(Delivery),
        total: z.number().int().openapi({ description: "Counted up to 10,000" }),
        page: z.number().int(),
        limit: z.number().int(),
      }),
      { deliveries: [DELIVERY_EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
});

const get = unitRoute("/deliveries/{id}", {
  operationId: "getDelivery",
  method: "get",
  tags: TAGS,
  summary: "Get a delivery with its payload and attempts",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The delivery", DeliveryDetail, DELIVERY_DETAIL_EXAMPLE) },
  errors: { 404: "Delivery not found" },
});

const replay = unitRoute("/deliveries/{id}/replay", {
  operationId: "replayDelivery",
  method: "post",
  tags: TAGS,
  summary: "Send a delivery again",
  idempotent: true,
  description: "Under the same id: one that has ended restarts its retry schedule, a pending one is sent at once.",
  role: "editor",
  request: { params },
  responses: { 202: jsonResponse("The delivery, queued", Delivery, DELIVERY_EXAMPLE) },
  errors: { 404: "Delivery not found", 409: "Its channel is disabled or deleted" },
});

export const deliveries = createRouter()
  .openapi(list, async (c) => {
    const { page, limit, ...filter } = c.req.valid("query");
    const { deliveries: found, total } = await listDeliveries(c.get("ctx"), filter, page, limit);
    return c.json({ deliveries: found.map(deliveryView), total, page, limit }, 200);
  })
  .openapi(get, async (c) => c.json(deliveryDetailView(await requireDelivery(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(replay, async (c) => {
    rememberAfter(c);
    return c.json(deliveryView(await replayDelivery(c.get("ctx"), c.req.valid("param").id)), 202);
  });
