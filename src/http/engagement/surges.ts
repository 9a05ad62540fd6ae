/** Surges (contract: surge-triggers): many events of a lead in a short time, whatever its score. */
import {
  CONDITION_FIELDS,
  changeTrigger,
  NEW_CONDITION_FIELDS,
  requireTrigger,
  simulateOnHistory,
  TRIGGER_FIELDS,
  type TriggerInput,
} from "../../core/triggers";
import { changesOf } from "../../schemas";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { commonTriggerRoutes, sharedParts, type TriggerKindSpec } from "./trigger-routes";
import {
  DESTINATION_EXAMPLE,
  newTrigger,
  SIMULATION_EXAMPLE,
  SimulationAnswer,
  SimulationBody,
  savedTrigger,
  shownTrigger,
  simulationView,
  TIMES_EXAMPLE,
  TriggerFilter,
} from "./trigger-schemas";

const fields = { ...CONDITION_FIELDS.surge, filter: TriggerFilter };

const SURGE: TriggerKindSpec = {
  kind: "surge",
  noun: "Surge",
  path: "/surge-triggers",
  plural: "surge_triggers",
  Body: newTrigger({ ...NEW_CONDITION_FIELDS.surge, filter: TriggerFilter }).transform(
    ({ name, active, event_type, threshold, window_seconds, filter, ...destination }): TriggerInput => ({
      name,
      active,
      condition: { kind: "surge", event_type, threshold, window_seconds, filter },
      destination,
    }),
  ),
  Shown: shownTrigger(fields),
  Saved: savedTrigger(fields),
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
const { tags, params, errors } = sharedParts(SURGE);

const change = unitRoute("/surge-triggers/{id}", {
  operationId: "changeSurge",
  method: "put",
  tags,
  summary: "Rename a surge, or switch it on or off",
  role: "editor",
  request: { params, body: jsonBody(changesOf(TRIGGER_FIELDS), { active: false }) },
  responses: { 204: { description: "Changed" } },
  errors,
});

const preview = unitRoute("/surge-triggers/{id}/preview", {
  operationId: "previewSurge",
  method: "post",
  tags,
  summary: "Try a surge on the events of the last days",
  description: "Sends nothing and stores nothing. A `filter` is not looked at.",
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
