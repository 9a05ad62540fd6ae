/** What the operator sends for a channel, and how one is shown. */

import { z } from "@hono/zod-openapi";
import { DEFINITIONS_MAX, STATUSES_MAX } from "../../core/channels";
import { ALIAS_KINDS, AMOUNT_TYPES, oneOf, REWARD_KINDS } from "../../vocabulary";

const text = (most: number) =>
  z.string("must be a text").trim().min(1, "must not be empty").max(most, `must be at most ${most} characters`);
const Order = z
  .number("must be a number")
  .int("must be a whole number")
  .min(0, "must be at least 0")
  .max(1_000_000, "must be at most 1000000");
const Flag = z.boolean("must be true or false");
const Url = z.string("must be a text").nullable().openapi({ example: "https://hooks.example.com/leadedge" });
const Company = text(100).openapi({ description: "A company id or an organization id" });
const PartId = z.guid("must be a UUID").optional().openapi({ description: "Of what is to change; left out, one is added" });

const Definition = z.object({
  id: PartId,
  name: text(200).optional(),
  type: text(50).optional().openapi({ description: "`text` when left out; kept as it is" }),
  order: Order.optional(),
  visible: Flag.optional(),
  active: Flag.optional().openapi({ description: "Only an active one takes values" }),
});
const Status = z.object({
  id: PartId,
  status: text(200).optional(),
  order: Order.optional(),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a color such as #3B82F6")
    .optional(),
  visible: Flag.optional(),
});

const settings = {
  title: text(200),
  creator: Company,
  partner: Company.nullable().optional(),
  referring: Company.nullable().optional(),
  receiving: Company.nullable().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD")
    .optional(),
  no_auth_api: Flag.optional().openapi({ description: "Lets anybody create leads by lead_external" }),
  property_definitions: z.array(Definition, "must be an array").max(DEFINITIONS_MAX, `must be at most ${DEFINITIONS_MAX}`).optional(),
  lead_status: z.array(Status, "must be an array").max(STATUSES_MAX, `must be at most ${STATUSES_MAX}`).optional(),
  webhook_new_lead: Url.optional(),
  webhook_status_update: Url.optional(),
};
export const NewChannel = z.object({ ...settings, home: z.object({ organization_id: z.string(), unit_id: z.string() }) });
/** A change that says nothing is a mistake. */
const somethingOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .object(shape)
    .refine(
      (sent) => Object.values(sent).some((value) => value !== undefined),
      `must have at least one of: ${Object.keys(shape).join(", ")}`,
    );
export const ChannelChange = somethingOf({
  ...settings,
  title: settings.title.optional(),
  creator: Company.optional(),
  archived: Flag.optional().openapi({ description: "false takes an archived channel back" }),
});

export const LeadsToAdd = z
  .object({
    lead_ids: z.array(z.string("must be a text").max(100, "must be at most 100 characters")).max(1000, "must be at most 1,000").default([]),
    aliases: z
      .array(z.object({ kind: z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS)), value: z.string("must be a text").max(600) }))
      .max(1000, "must be at most 1,000")
      .default([]),
    legacy_id: z.number("must be a number").int("must be a whole number").optional().openapi({
      description: "For the one lead that is named. Left out, a lead's own is its profile's `legacy_id`, where that is a whole number",
    }),
  })
  .refine(({ lead_ids, aliases }) => lead_ids.length + aliases.length > 0, "must name a lead by lead_ids or aliases")
  .refine(({ lead_ids, aliases }) => lead_ids.length + aliases.length <= 1000, "must name at most 1,000 leads");

const Timestamp = z.string().openapi({ format: "date-time" });
export const ChannelView = z
  .object({
    channel_id: z.string(),
    public_id: z.string().openapi({ description: "Names the channel in public forms, in place of its id" }),
    title: z.string(),
    home: z.object({ organization_id: z.string(), unit_id: z.string() }),
    creator: z.string(),
    partner: z.string().nullable(),
    referring: z.string().nullable(),
    receiving: z.string().nullable(),
    currency: z.string(),
    no_auth_api: z.boolean(),
    property_definitions: z.array(
      z.object({ id: z.string(), name: z.string(), type: z.string(), order: z.number(), visible: z.boolean(), active: z.boolean() }),
    ),
    lead_status: z.array(z.object({ id: z.string(), status: z.string(), order: z.number(), color: z.string(), visible: z.boolean() })),
    webhook_new_lead: z.string().nullable(),
    webhook_status_update: z.string().nullable(),
    created_at: Timestamp,
    archived_at: Timestamp.nullable(),
  })
  .openapi("Channel");
export const SavedChannel = ChannelView.extend({
  signing_secrets: z
    .object({ webhook_new_lead: z.string().optional(), webhook_status_update: z.string().optional() })
    .openapi({ description: "Of the webhooks that are new: they verify `webhook-signature` (Standard Webhooks) and are shown this once" }),
}).openapi("SavedChannel");

const Amount = z.number("must be a number").min(0, "must be at least 0").max(1e12, "must be at most 1e12");
const changeable = {
  amount_type: z.enum(AMOUNT_TYPES, { error: `must be one of: ${AMOUNT_TYPES.join(", ")}` }),
  amount: Amount.openapi({ description: "In the channel's currency, or percent of a purchase's amount" }),
};
const alsoChangeable = {
  status_id: z.guid("must be a UUID").nullable().optional().openapi({ description: "Of status_change: the status that pays; null: any" }),
  active: Flag.optional(),
};
export const NewTrigger = z.object({
  kind: z.enum(REWARD_KINDS, { error: `must be one of: ${REWARD_KINDS.join(", ")}` }),
  ...changeable,
  ...alsoChangeable,
});
export const TriggerChange = somethingOf({
  amount_type: changeable.amount_type.optional(),
  amount: changeable.amount.optional(),
  ...alsoChangeable,
});
export const TriggerView = z
  .object({
    trigger_id: z.string(),
    kind: z.string(),
    amount_type: z.string(),
    amount: z.number(),
    status_id: z.string().nullable(),
    active: z.boolean(),
    created_at: Timestamp,
  })
  .openapi("RewardTrigger");
export const RewardView = z
  .object({
    reward_event_id: z.string(),
    lead_id: z.string(),
    trigger_id: z.string(),
    kind: z.string(),
    amount: z.number(),
    currency: z.string(),
    purchase_id: z.string().nullable(),
    created_at: Timestamp,
  })
  .openapi("RewardEvent");
export const EventView = z
  .object({
    event_id: z.string(),
    lead_id: z.string(),
    category: z.string(),
    data: z.record(z.string(), z.unknown()),
    created_at: Timestamp,
  })
  .openapi("ChannelEvent");

export const PageQuery = z.object({
  page: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(1_000_000, "must be at most 1000000").default(1),
  limit: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(100, "must be at most 100").default(20),
});
export const BeforeQuery = z.object({
  limit: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(1000, "must be at most 1000").default(100),
  before: z
    .guid("must be a UUID")
    .toLowerCase()
    .optional()
    .openapi({ description: "Only what is older than this one: the last id of the page before" }),
});
