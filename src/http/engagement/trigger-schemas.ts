/** Triggers on the wire: a body holds the fields of the condition next to those that all kinds share. */

import { z } from "@hono/zod-openapi";
import type { Rule } from "../../core/segments";
import {
  DESTINATION_FIELDS,
  NEW_DESTINATION_FIELDS,
  NEW_TRIGGER_FIELDS,
  type Simulation,
  SimulationDays,
  TRIGGER_FIELDS,
  type Trigger,
} from "../../core/triggers";
import { changesOf } from "../../schemas";
import { isoTime } from "../../time";
import { shownOnce } from "../idempotency-document";
import { rounded, wireLeadId } from "./adapter";
import { Timestamp } from "./schemas";

/** Rules that a lead has to match for a trigger to fire; parsed by the core. */
export const TriggerFilter = z
  .custom<Rule>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
  .nullable()
  .optional()
  .openapi({
    type: ["object", "null"],
    description:
      "Rules as a segment has them, but for those on events and on the scores of accounts: only leads that match when the event is processed fire",
    example: { type: "engagement_level", operator: "equals", value: "Hot" },
  });

export const newTrigger = <Fields extends z.ZodRawShape>(conditionFields: Fields) =>
  z.object({ ...NEW_TRIGGER_FIELDS, ...conditionFields, ...NEW_DESTINATION_FIELDS });

export const triggerChanges = <Fields extends z.ZodRawShape>(conditionFields: Fields) =>
  changesOf({ ...TRIGGER_FIELDS, ...conditionFields, ...DESTINATION_FIELDS });

export const shownTrigger = <Fields extends z.ZodRawShape>(conditionFields: Fields) =>
  z.object({ id: z.string(), ...TRIGGER_FIELDS, ...conditionFields, ...shownDestination, ...shownTimes });

const shownDestination = {
  channel_ids: z.array(z.string()),
  webhook_url: z.string().nullable().openapi({ description: "For viewers its path and query are masked" }),
  webhook_channel_id: z
    .string()
    .nullable()
    .openapi({ description: "The notification channel of webhook_url: list its deliveries or rotate its secret by this id" }),
  emails: z.array(z.string()),
  email_subject: z.string().nullable(),
  email_preheader: z.string().nullable(),
  email_message: z.string().nullable(),
};
const shownTimes = { created_at: Timestamp, updated_at: Timestamp };

export const savedTrigger = <Fields extends z.ZodRawShape>(conditionFields: Fields) =>
  shownTrigger(conditionFields).extend(shownOnce("signing_secret", "Of a new webhook_url, shown once").shape);

export const DESTINATION_EXAMPLE = {
  channel_ids: [],
  webhook_url: "https://example.com/hook",
  webhook_channel_id: "nch_0193f3a2c7b07aa18000c0ffee123456",
  emails: [],
  email_subject: null,
  email_preheader: null,
  email_message: null,
};
export const TIMES_EXAMPLE = { created_at: "2026-01-15T10:00:00.000Z", updated_at: "2026-01-15T10:00:00.000Z" };
export const SECRET_EXAMPLE = { signing_secret: "whsec_…" };

export function triggerView(trigger: Trigger) {
  const { email_channel_id: _, ...destination } = trigger.destination;
  const { kind: __, ...condition } = trigger.condition;
  const { trigger_id, name, active, created_at, updated_at } = trigger;
  return { id: trigger_id, name, active, ...condition, ...destination, created_at: isoTime(created_at), updated_at: isoTime(updated_at) };
}

export type TriggerView = ReturnType<typeof triggerView>;

export const secretView = (secret: string | null) => (secret === null ? {} : { signing_secret: secret });

export const SimulationBody = z.strictObject({
  lead_id: z.string().optional().openapi({ description: "Simulates on this lead's past. Default: on the leads active in the last days" }),
  days: SimulationDays.default(30),
});

export const SimulationAnswer = z.object({
  would_fire: z.boolean(),
  firings: z.number().int(),
  leads: z.number().int().openapi({ description: "Leads that it would have fired for" }),
  leads_checked: z.number().int(),
  events_checked: z.number().int(),
  truncated: z.boolean().openapi({
    description: "Not everything was checked: there are more than 500 leads, or more events than one request reads (30,000 of one lead)",
  }),
  sample_leads: z.array(
    z.object({ lead_id: z.string(), event_id: z.string(), event_type: z.string(), fired_at: Timestamp, score: z.number() }),
  ),
});

export const SIMULATION_EXAMPLE = {
  would_fire: true,
  firings: 1,
  leads: 1,
  leads_checked: 240,
  events_checked: 3100,
  truncated: false,
  sample_leads: [
    {
      lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
      event_id: "evt_0193f3a2c7b07aa18000c0ffee1234565e884898",
      event_type: "Page View",
      fired_at: "2026-01-15T10:00:00.000Z",
      score: 55,
    },
  ],
};

export const simulationView = ({ firings, leads, leads_checked, events_checked, truncated, samples }: Simulation) => ({
  would_fire: firings > 0,
  firings,
  leads,
  leads_checked,
  events_checked,
  truncated,
  sample_leads: samples.map(({ lead_id, event_id, event_type, at, score }) => ({
    lead_id: wireLeadId(lead_id),
    event_id,
    event_type,
    fired_at: isoTime(at),
    score: rounded(score),
  })),
});
