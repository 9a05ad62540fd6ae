/** What the operator sends for a channel beyond what the core's verbs accept, and how a channel is shown. */

import { z } from "@hono/zod-openapi";
import { NewChannel } from "../../core/channels";
import { AMOUNT_TYPES, CHANNEL_EVENT_CATEGORIES, REWARD_KINDS } from "../../vocabulary";

export const NewChannelAtHome = NewChannel.extend({ home: z.strictObject({ organization_id: z.string(), unit_id: z.string() }) });

const Timestamp = z.string().openapi({ format: "date-time" });
export const ChannelView = z
  .object({
    channel_id: z.string(),
    public_id: z.string().openapi({ description: "Names the channel in public forms, in place of its id" }),
    title: z.string(),
    home: z.strictObject({ organization_id: z.string(), unit_id: z.string() }),
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
    .optional()
    .openapi({ description: "Of the webhooks that are new: they verify `webhook-signature` (Standard Webhooks) and are shown this once" }),
  secret_notice: z.string().optional().openapi({ description: "Of a replay, which leaves out `signing_secrets`" }),
}).openapi("SavedChannel");

export const TriggerView = z
  .object({
    trigger_id: z.string(),
    kind: z.enum(REWARD_KINDS),
    amount_type: z.enum(AMOUNT_TYPES),
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
    kind: z.enum(REWARD_KINDS),
    amount: z.number(),
    currency: z.string(),
    purchase_id: z.string().nullable(),
    reverses: z.string().nullable().openapi({ description: "Of a reversal: the reward that it takes back; its amount is negative" }),
    created_at: Timestamp,
  })
  .openapi("RewardEvent");
export const EventView = z
  .object({
    event_id: z.string(),
    lead_id: z.string(),
    category: z.enum(CHANNEL_EVENT_CATEGORIES),
    data: z.record(z.string(), z.unknown()),
    created_at: Timestamp,
  })
  .openapi("ChannelEvent");

const PageQuery = z.object({
  page: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(1_000_000, "must be at most 1000000").default(1),
  limit: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(100, "must be at most 100").default(20),
});
export const ChannelQuery = PageQuery.extend({
  organization_id: z.string().optional().openapi({ description: "Only those whose home is an org unit of it" }),
  unit_id: z.string().optional().openapi({ description: "With `organization_id`: only those of this org unit" }),
});
export const BeforeQuery = z.object({
  limit: z.coerce.number("must be a number").int().min(1, "must be at least 1").max(1000, "must be at most 1000").default(100),
  before: z
    .guid("must be a UUID")
    .toLowerCase()
    .optional()
    .openapi({ description: "Only what is older than this one: the last id of the page before" }),
});
