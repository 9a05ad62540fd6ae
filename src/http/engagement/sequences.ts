/** Sequences (contract): a lead does several things within a window. */
import { z } from "@hono/zod-openapi";
import { triggerRoutes } from "./trigger-routes";
import { DESTINATION_EXAMPLE, eventTypeName, TIMES_EXAMPLE, windowSeconds } from "./trigger-schemas";

const TYPES_MAX = 20;

const fields = {
  event_types: z.array(eventTypeName).min(1, "must name at least one event type").max(TYPES_MAX, `at most ${TYPES_MAX} event types`),
  window_seconds: windowSeconds,
  window_unit: z
    .string()
    .max(20, "must be at most 20 characters")
    .nullable()
    .openapi({ description: "How an editor shows the window; nothing else", example: "hours" }),
  ordered: z.boolean().openapi({ description: "Whether the events must come in the order of event_types" }),
};

export const sequences = triggerRoutes({
  kind: "sequence",
  path: "/sequences",
  plural: "sequences",
  fields,
  defaults: { ...fields, window_unit: fields.window_unit.default(null), ordered: fields.ordered.default(false) },
  description: "Fires when a lead has done everything in event_types within the window.",
  body: {
    name: "Ready to buy",
    event_types: ["Page View", "Demo Request"],
    window_seconds: 86_400,
    webhook_url: "https://example.com/hook",
  },
  example: {
    id: "seq_0193f3a2c7b07aa18000c0ffee123456",
    name: "Ready to buy",
    active: true,
    event_types: ["Page View", "Demo Request"],
    window_seconds: 86_400,
    window_unit: null,
    ordered: false,
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
});
