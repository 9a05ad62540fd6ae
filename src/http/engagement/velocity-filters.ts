/** Velocity filters: bursts that no person causes are stored, but neither score nor fire (contract: inorganic filters). */
import { z } from "@hono/zod-openapi";
import {
  type VelocityFilter as CoreFilter,
  changeVelocityFilter,
  createVelocityFilter,
  deleteVelocityFilter,
  listVelocityFilters,
  NewVelocityFilter,
  VELOCITY_FILTER_FIELDS,
} from "../../core/events";
import { changesOf } from "../../schemas";
import { isoTime } from "../../time";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { Timestamp } from "./schemas";

const tags = ["Velocity filters"];
const VelocityFilter = z.object({ id: z.string(), ...VELOCITY_FILTER_FIELDS, created_at: Timestamp, updated_at: Timestamp });
const BODY = { event_type: "Email Click", threshold: 5, window_ms: 300_000, keep_first: true };
const EXAMPLE = {
  id: "vel_0193f3a2c7b07aa18000c0ffee123456",
  ...BODY,
  active: true,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
const Params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const NOT_FOUND = { 404: "Velocity filter not found" };

const list = unitRoute("/velocity-filters", {
  operationId: "listVelocityFilters",
  method: "get",
  tags,
  summary: "List velocity filters",
  role: "viewer",
  responses: {
    200: jsonResponse("Filters, oldest first", z.object({ velocity_filters: z.array(VelocityFilter) }), { velocity_filters: [EXAMPLE] }),
  },
});

const create = unitRoute("/velocity-filters", {
  operationId: "createVelocityFilter",
  method: "post",
  tags,
  summary: "Create a velocity filter",
  description:
    "Of one lead, events of the type beyond the threshold within the window are stored with a `suppression_reason`: they do not score and fire no trigger. It applies to later events.",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(NewVelocityFilter, BODY) },
  responses: { 201: jsonResponse("The filter", VelocityFilter, EXAMPLE) },
  errors: { 409: "The org unit has 500 velocity filters already" },
});

const change = unitRoute("/velocity-filters/{id}", {
  operationId: "changeVelocityFilter",
  method: "put",
  tags,
  summary: "Change a velocity filter",
  role: "editor",
  request: { params: Params, body: jsonBody(changesOf(VELOCITY_FILTER_FIELDS), { threshold: 10 }) },
  responses: { 200: jsonResponse("The filter", VelocityFilter, { ...EXAMPLE, threshold: 10 }) },
  errors: NOT_FOUND,
});

const remove = unitRoute("/velocity-filters/{id}", {
  operationId: "deleteVelocityFilter",
  method: "delete",
  tags,
  summary: "Delete a velocity filter",
  description: "Events that it has suppressed stay suppressed.",
  role: "editor",
  request: { params: Params },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

export const velocityFilters = createRouter()
  .openapi(list, async (c) => c.json({ velocity_filters: (await listVelocityFilters(c.get("ctx"))).map(filterView) }, 200))
  .openapi(create, async (c) => {
    const filter = await createVelocityFilter(c.get("ctx"), c.req.valid("json"), remembering(c, 201, filterView));
    return c.json(filterView(filter), 201);
  })
  .openapi(change, async (c) => {
    const filter = await changeVelocityFilter(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"));
    return c.json(filterView(filter), 200);
  })
  .openapi(remove, async (c) => {
    await deleteVelocityFilter(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });

const filterView = ({ filter_id, type_key: _, created_at, updated_at, ...filter }: CoreFilter) => ({
  id: filter_id,
  ...filter,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});
