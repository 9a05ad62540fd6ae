/** Surges (contract: surge-triggers): many events of a lead in a short time, whatever its score. */
import { z } from "@hono/zod-openapi";
import {
  type Condition,
  changeTrigger,
  createTrigger,
  deleteTrigger,
  listTriggers,
  requireTrigger,
  simulateOnHistory,
} from "../../core/triggers";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { changesOf } from "./schemas";
import {
  DESTINATION_EXAMPLE,
  destinationDefaults,
  eventTypeName,
  SECRET_EXAMPLE,
  SIMULATION_EXAMPLE,
  SimulationAnswer,
  SimulationBody,
  secretView,
  shownDestination,
  shownTimes,
  signingSecret,
  simulationView,
  splitTrigger,
  TIMES_EXAMPLE,
  TRIGGERS_FULL,
  triggerName,
  triggerView,
  windowSeconds,
} from "./trigger-schemas";

const tags = ["Surges"];
const THRESHOLD_MAX = 100_000;
const fields = {
  event_type: eventTypeName.nullable().openapi({ description: "null: events of every type count" }),
  threshold: z
    .number()
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(THRESHOLD_MAX, `must be at most ${THRESHOLD_MAX}`)
    .openapi({ description: "Events within the window" }),
  window_seconds: windowSeconds,
};
const common = { name: triggerName, active: z.boolean() };
const Body = z.object({
  ...common,
  active: common.active.default(true),
  ...fields,
  event_type: fields.event_type.default(null),
  ...destinationDefaults,
});
const Surge = z.object({ id: z.string(), ...common, ...fields, ...shownDestination, ...shownTimes });
const EXAMPLE = {
  id: "srg_0193f3a2c7b07aa18000c0ffee123456",
  name: "Busy today",
  active: true,
  event_type: null,
  threshold: 10,
  window_seconds: 3600,
  ...DESTINATION_EXAMPLE,
  ...TIMES_EXAMPLE,
};
const params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const errors = { 404: "No surge has this id" };

const list = unitRoute("/surge-triggers", {
  method: "get",
  tags,
  summary: "List surges",
  role: "viewer",
  responses: { 200: jsonResponse("Surges", z.object({ surge_triggers: z.array(Surge) }), { surge_triggers: [EXAMPLE] }) },
});

const create = unitRoute("/surge-triggers", {
  method: "post",
  tags,
  summary: "Create a surge",
  description: "Fires when a lead's events within the window reach the threshold; then it pauses for that lead for as long as the window.",
  role: "editor",
  request: { body: jsonBody(Body, { name: "Busy today", threshold: 10, window_seconds: 3600, webhook_url: "https://example.com/hook" }) },
  responses: { 201: jsonResponse("The surge", Surge.extend(signingSecret), { ...EXAMPLE, ...SECRET_EXAMPLE }) },
  errors: TRIGGERS_FULL,
});

const get = unitRoute("/surge-triggers/{id}", {
  method: "get",
  tags,
  summary: "Get a surge",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The surge", Surge, EXAMPLE) },
  errors,
});

const change = unitRoute("/surge-triggers/{id}", {
  method: "put",
  tags,
  summary: "Rename a surge, or switch it on or off",
  role: "editor",
  request: { params, body: jsonBody(changesOf(common), { active: false }) },
  responses: { 204: { description: "Changed" } },
  errors,
});

const remove = unitRoute("/surge-triggers/{id}", {
  method: "delete",
  tags,
  summary: "Delete a surge",
  description: "Its firings stay.",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted" } },
  errors,
});

const preview = unitRoute("/surge-triggers/{id}/preview", {
  method: "post",
  tags,
  summary: "Try a surge on the events of the last days",
  description: "Sends nothing and saves nothing.",
  role: "viewer",
  request: { params, body: jsonBody(SimulationBody.pick({ days: true }), { days: 30 }) },
  responses: { 200: jsonResponse("What would have fired", SimulationAnswer, SIMULATION_EXAMPLE) },
  errors,
});

export const surges = createRouter()
  .openapi(list, async (c) => c.json({ surge_triggers: (await listTriggers(c.get("ctx"), "surge")).map(triggerView) } as never, 200))
  .openapi(create, async (c) => {
    const { name, active, destination, condition } = splitTrigger(c.req.valid("json"));
    const wanted = { name, active, destination, condition: { kind: "surge", ...condition } as Condition };
    const { trigger, signing_secret } = await createTrigger(c.get("ctx"), wanted);
    c.header("Cache-Control", "no-store");
    return c.json({ ...triggerView(trigger), ...secretView(signing_secret) } as never, 201);
  })
  .openapi(get, async (c) => c.json(triggerView(await requireTrigger(c.get("ctx"), "surge", c.req.valid("param").id)) as never, 200))
  .openapi(change, async (c) => {
    await changeTrigger(c.get("ctx"), "surge", c.req.valid("param").id, c.req.valid("json"));
    return c.body(null, 204);
  })
  .openapi(remove, async (c) => {
    await deleteTrigger(c.get("ctx"), "surge", c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(preview, async (c) => {
    const ctx = c.get("ctx");
    const surge = await requireTrigger(ctx, "surge", c.req.valid("param").id);
    return c.json(simulationView(await simulateOnHistory(ctx, surge, c.req.valid("json").days)), 200);
  });
