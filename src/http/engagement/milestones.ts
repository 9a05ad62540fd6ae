/** Milestones (contract: triggers): a lead's score reaches a threshold. */

import { z } from "@hono/zod-openapi";
import { FIRE_MODES, oneOf } from "../../vocabulary";
import { triggerRoutes } from "./trigger-routes";
import { DESTINATION_EXAMPLE, eventTypeName, TIMES_EXAMPLE } from "./trigger-schemas";

const COOLDOWN_SECONDS_MAX = 365 * 86_400;

const fields = {
  score_threshold: z.number().openapi({ description: "Fires when the score was below and is no longer" }),
  event_type: eventTypeName.nullable().openapi({ description: "Only a crossing by an event of this type; null: any" }),
  fire_mode: z.enum(FIRE_MODES, oneOf(FIRE_MODES)).openapi({ description: "The lead's first crossing, or every one" }),
  cooldown_seconds: z
    .number()
    .int("must be a whole number")
    .min(0, "must not be negative")
    .max(COOLDOWN_SECONDS_MAX, `must be at most ${COOLDOWN_SECONDS_MAX}`)
    .openapi({ description: "With `always`: no second firing for the same lead within this time" }),
};

export const milestones = triggerRoutes({
  kind: "milestone",
  path: "/triggers",
  plural: "triggers",
  fields,
  defaults: {
    ...fields,
    event_type: fields.event_type.default(null),
    fire_mode: fields.fire_mode.default("once"),
    cooldown_seconds: fields.cooldown_seconds.default(0),
  },
  description: "Fires when a lead's score reaches the threshold.",
  body: { name: "Hot lead", score_threshold: 50, webhook_url: "https://example.com/hook" },
  example: {
    id: "trg_0193f3a2c7b07aa18000c0ffee123456",
    name: "Hot lead",
    active: true,
    score_threshold: 50,
    event_type: null,
    fire_mode: "once",
    cooldown_seconds: 0,
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
});
