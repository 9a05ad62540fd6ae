/** What the verbs of triggers accept. */
import { z } from "zod";
import { definedFields, isStorable, NOT_STORABLE, shortText } from "../../schemas";
import { FIRE_MODES, oneOf, SEGMENT_MOVES, type TriggerKind } from "../../vocabulary";
import { TriggerFilter } from "../segments";

/** Bounds the look-back: each event of a lead reads the events of the longest window before it. */
const WINDOW_SECONDS_MAX = 90 * 86_400;
const SIMULATION_DAYS_MAX = 90;
const COOLDOWN_SECONDS_MAX = 365 * 86_400;
const EVENT_TYPES_MAX = 20;
const THRESHOLD_MAX = 100_000;
const CHANNELS_MAX = 20;
const EMAILS_MAX = 50;

const eventType = shortText(128);
const windowSeconds = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(WINDOW_SECONDS_MAX, `must be at most ${WINDOW_SECONDS_MAX}`);

/** A trigger that has one only fires for leads that match it, as the event leaves them. */
const filter = TriggerFilter.nullable().optional();

/** The fields of each kind of condition. */
export const CONDITION_FIELDS = {
  milestone: {
    score_threshold: z.number().meta({ description: "Fires when the score was below and no longer is" }),
    event_type: eventType.nullable().meta({ description: "Only a crossing by an event of this type; null: any" }),
    fire_mode: z.enum(FIRE_MODES, oneOf(FIRE_MODES)).meta({ description: "The lead's first crossing, or every one" }),
    cooldown_seconds: z
      .number()
      .int("must be a whole number")
      .min(0, "must not be negative")
      .max(COOLDOWN_SECONDS_MAX, `must be at most ${COOLDOWN_SECONDS_MAX}`)
      .meta({ description: "With `always`: no second firing for the same lead within this time; 0: no cooldown" }),
    filter,
  },
  sequence: {
    event_types: z
      .array(eventType)
      .min(1, "must name at least one event type")
      .max(EVENT_TYPES_MAX, `at most ${EVENT_TYPES_MAX} event types`),
    window_seconds: windowSeconds,
    window_unit: z
      .string()
      .max(20, "must be at most 20 characters")
      .nullable()
      .meta({ description: "The unit in which an editor displays the window; has no other effect", example: "hours" }),
    ordered: z.boolean().meta({ description: "Whether the events must come in the order of event_types" }),
    filter,
  },
  surge: {
    event_type: eventType.nullable().meta({ description: "null: events of every type count" }),
    threshold: z
      .number()
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(THRESHOLD_MAX, `must be at most ${THRESHOLD_MAX}`)
      .meta({ description: "Events within the window" }),
    window_seconds: windowSeconds,
    filter,
  },
  segment: {
    segment_id: shortText(100),
    on: z.enum(SEGMENT_MOVES, oneOf(SEGMENT_MOVES)).meta({ description: "Fires when a lead enters the segment, or when it leaves it" }),
  },
} as const satisfies Record<TriggerKind, z.ZodRawShape>;

const { milestone, sequence, surge, segment } = CONDITION_FIELDS;

/** The same for a new trigger: some may be left out. */
export const NEW_CONDITION_FIELDS = {
  milestone: {
    ...milestone,
    event_type: milestone.event_type.default(null),
    fire_mode: milestone.fire_mode.default("once"),
    cooldown_seconds: milestone.cooldown_seconds.default(0),
  },
  sequence: { ...sequence, window_unit: sequence.window_unit.default(null), ordered: sequence.ordered.default(false) },
  surge: { ...surge, event_type: surge.event_type.default(null) },
  segment,
} as const satisfies { [Kind in TriggerKind]: Record<keyof (typeof CONDITION_FIELDS)[Kind], z.ZodType> };

const CONDITIONS = {
  milestone: z.object({ kind: z.literal("milestone"), ...NEW_CONDITION_FIELDS.milestone }),
  sequence: z.object({ kind: z.literal("sequence"), ...NEW_CONDITION_FIELDS.sequence }),
  surge: z.object({ kind: z.literal("surge"), ...NEW_CONDITION_FIELDS.surge }),
  segment: z.object({ kind: z.literal("segment"), ...NEW_CONDITION_FIELDS.segment }),
} as const satisfies Record<TriggerKind, z.ZodType>;
export const NewCondition = z.discriminatedUnion("kind", [CONDITIONS.milestone, CONDITIONS.sequence, CONDITIONS.surge, CONDITIONS.segment]);

const emailText = (chars: number) =>
  z.string().max(chars, `must be at most ${chars} characters`).refine(isStorable, NOT_STORABLE).nullable();

export const DESTINATION_FIELDS = {
  channel_ids: z
    .array(z.string())
    .max(CHANNELS_MAX, `at most ${CHANNELS_MAX} channels`)
    .meta({ description: "Notification channels to notify" }),
  webhook_url: z.string().trim().max(2000, "must be at most 2,000 characters").nullable().meta({
    description: "A webhook of this trigger's own; the response that creates it holds its signing secret",
    example: "https://example.com/hook",
  }),
  emails: z.array(z.string()).max(EMAILS_MAX, `at most ${EMAILS_MAX} addresses`),
  email_subject: emailText(200),
  email_preheader: emailText(200),
  email_message: emailText(5000),
};

export const NEW_DESTINATION_FIELDS = {
  channel_ids: DESTINATION_FIELDS.channel_ids.default([]),
  webhook_url: DESTINATION_FIELDS.webhook_url.default(null),
  emails: DESTINATION_FIELDS.emails.default([]),
  email_subject: DESTINATION_FIELDS.email_subject.default(null),
  email_preheader: DESTINATION_FIELDS.email_preheader.default(null),
  email_message: DESTINATION_FIELDS.email_message.default(null),
};

export const TRIGGER_FIELDS = { name: shortText(100), active: z.boolean() };
export const NEW_TRIGGER_FIELDS = { ...TRIGGER_FIELDS, active: TRIGGER_FIELDS.active.default(true) };

export const NewTrigger = z.object({
  ...NEW_TRIGGER_FIELDS,
  condition: NewCondition,
  destination: z.object(NEW_DESTINATION_FIELDS).prefault({}),
});

const triggerChange = <Fields extends z.ZodRawShape>(conditionFields: Fields) =>
  z
    .object({
      ...TRIGGER_FIELDS,
      condition: z.object(conditionFields).partial().transform(definedFields),
      destination: z.object(DESTINATION_FIELDS).partial().transform(definedFields),
    })
    .partial()
    .refine(
      ({ name, active, condition, destination }) =>
        name !== undefined || active !== undefined || Object.keys({ ...condition, ...destination }).length > 0,
      "must change at least one field",
    );

/** By the trigger's kind. */
export const TRIGGER_CHANGES = {
  milestone: triggerChange(milestone),
  sequence: triggerChange(sequence),
  surge: triggerChange(surge),
  segment: triggerChange(segment),
} as const satisfies Record<TriggerKind, z.ZodType>;

const SIMULATION_DAYS = `must be 1 to ${SIMULATION_DAYS_MAX}`;
export const SimulationDays = z.number().int("must be a whole number").min(1, SIMULATION_DAYS).max(SIMULATION_DAYS_MAX, SIMULATION_DAYS);
