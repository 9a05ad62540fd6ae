/** What triggers have in common on the wire: a name, whether they are active, and whom they tell. */

import { z } from "@hono/zod-openapi";
import { type Destination, type Simulation, type Trigger, WINDOW_SECONDS_MAX } from "../../core/triggers";
import { isoTime } from "../../time";
import { rounded, shortText, Timestamp } from "./schemas";
import { wireLeadId } from "./wire-ids";

const CHANNELS_MAX = 20;
const EMAILS_MAX = 50;
const text = (chars: number) => z.string().max(chars, `must be at most ${chars} characters`).nullable();

export const TRIGGERS_FULL = { 409: "The org unit has 200 triggers of all kinds already" };

export const triggerName = shortText(100);
export const eventTypeName = shortText(128);

export const windowSeconds = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(WINDOW_SECONDS_MAX, `must be at most ${WINDOW_SECONDS_MAX}`);

export const destinationFields = {
  channel_ids: z
    .array(z.string())
    .max(CHANNELS_MAX, `at most ${CHANNELS_MAX} channels`)
    .openapi({ description: "Notification channels to tell" }),
  webhook_url: z.string().trim().max(2000, "must be at most 2,000 characters").nullable().openapi({
    description: "A webhook of this trigger's own; its signing secret is in the answer that makes it",
    example: "https://example.com/hook",
  }),
  emails: z.array(z.string()).max(EMAILS_MAX, `at most ${EMAILS_MAX} addresses`),
  email_subject: text(200),
  email_preheader: text(200),
  email_message: text(5000),
};
type DestinationField = keyof typeof destinationFields;

/** The same with what holds when they are left out. */
export const destinationDefaults = {
  channel_ids: destinationFields.channel_ids.default([]),
  webhook_url: destinationFields.webhook_url.default(null),
  emails: destinationFields.emails.default([]),
  email_subject: destinationFields.email_subject.default(null),
  email_preheader: destinationFields.email_preheader.default(null),
  email_message: destinationFields.email_message.default(null),
};

export const shownDestination = {
  channel_ids: z.array(z.string()),
  webhook_url: z.string().nullable(),
  webhook_channel_id: z
    .string()
    .nullable()
    .openapi({ description: "The notification channel behind webhook_url: its deliveries, its secret's rotation" }),
  emails: z.array(z.string()),
  email_subject: z.string().nullable(),
  email_preheader: z.string().nullable(),
  email_message: z.string().nullable(),
};
export const shownTimes = { created_at: Timestamp, updated_at: Timestamp };
export const signingSecret = { signing_secret: z.string().optional().openapi({ description: "Of a new webhook_url, shown once" }) };

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

/** A trigger as a body says it: its condition's fields beside those that all triggers have. */
export type Sent = { name: string; active: boolean } & Destination;

type Split<Body extends Partial<Sent>> = Pick<Body, "name" | "active"> & { destination: Pick<Body, DestinationField>; condition: object };

export function splitTrigger<Body extends Partial<Sent>>({ name, active, ...body }: Body): Split<Body> {
  const destination = Object.entries(body).filter(([field]) => Object.hasOwn(destinationFields, field));
  const condition = Object.entries(body).filter(([field]) => !Object.hasOwn(destinationFields, field));
  return {
    ...(name === undefined ? {} : { name }),
    ...(active === undefined ? {} : { active }),
    destination: Object.fromEntries(destination),
    condition: Object.fromEntries(condition),
  } as Split<Body>;
}

export function triggerView(trigger: Trigger) {
  const { email_channel_id: _, ...destination } = trigger.destination;
  const { kind: __, ...condition } = trigger.condition;
  const { trigger_id, name, active, created_at, updated_at } = trigger;
  return { id: trigger_id, name, active, ...condition, ...destination, created_at: isoTime(created_at), updated_at: isoTime(updated_at) };
}

export const secretView = (secret: string | null) => (secret === null ? {} : { signing_secret: secret });

const DAYS_MAX = 90;

export const SimulationBody = z.strictObject({
  lead_id: z.string().optional().openapi({ description: "Tries one lead's whole past. Left out: the leads active in the last days" }),
  days: z.number().int("must be a whole number").min(1, `must be 1 to ${DAYS_MAX}`).max(DAYS_MAX, `must be 1 to ${DAYS_MAX}`).default(30),
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
