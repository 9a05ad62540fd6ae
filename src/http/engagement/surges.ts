/** Surges (contract: surge-triggers): many events of a lead in a short time, whatever its score. */
import { z } from "@hono/zod-openapi";
import { changeTrigger, requireTrigger, simulateOnHistory } from "../../core/triggers";
import { changesOf } from "../../schemas";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { commonFields, commonTriggerRoutes, type Wording, wordsOf } from "./trigger-routes";
import {
  DESTINATION_EXAMPLE,
  eventTypeName,
  SIMULATION_EXAMPLE,
  SimulationAnswer,
  SimulationBody,
  simulationView,
  TIMES_EXAMPLE,
  windowSeconds,
} from "./trigger-schemas";

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

const SURGE: Wording = {
  kind: "surge",
  path: "/surge-triggers",
  plural: "surge_triggers",
  fields,
  defaults: { ...fields, event_type: fields.event_type.default(null) },
  description: "Fires when a lead's events within the window reach the threshold; then it pauses for that lead for as long as the window.",
  body: { name: "Busy today", threshold: 10, window_seconds: 3600, webhook_url: "https://example.com/hook" },
  example: {
    id: "srg_0193f3a2c7b07aa18000c0ffee123456",
    name: "Busy today",
    active: true,
    event_type: null,
    threshold: 10,
    window_seconds: 3600,
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
};
const { tags, params, errors } = wordsOf(SURGE);

const change = unitRoute("/surge-triggers/{id}", {
  method: "put",
  tags,
  summary: "Rename a surge, or switch it on or off",
  role: "editor",
  request: { params, body: jsonBody(changesOf(commonFields), { active: false }) },
  responses: { 204: { description: "Changed" } },
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

export const surges = commonTriggerRoutes(SURGE)
  .openapi(change, async (c) => {
    await changeTrigger(c.get("ctx"), "surge", c.req.valid("param").id, c.req.valid("json"));
    return c.body(null, 204);
  })
  .openapi(preview, async (c) => {
    const ctx = c.get("ctx");
    const surge = await requireTrigger(ctx, "surge", c.req.valid("param").id);
    return c.json(simulationView(await simulateOnHistory(ctx, surge, c.req.valid("json").days)), 200);
  });
