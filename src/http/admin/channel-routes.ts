/** The operator's routes of channels. */
import { z } from "@hono/zod-openapi";
import { ChannelChange, LeadsToAdd, NewRewardTrigger, RewardTriggerChange } from "../../core/channels";
import { adminRoute, jsonBody, jsonResponse } from "../route";
import { ADDED_EXAMPLE, CHANNEL_EXAMPLE, EVENT_EXAMPLE, REVERSAL_EXAMPLE, REWARD_EXAMPLE, TRIGGER_EXAMPLE } from "./channel-examples";
import {
  BeforeQuery,
  ChannelQuery,
  ChannelView,
  EventView,
  NewChannelAtHome,
  RewardView,
  SavedChannel,
  TriggerView,
} from "./channel-schemas";
import { enterChannelHome } from "./operator";

const PATH = "/admin/channels";
const ONE = `${PATH}/{channel_id}` as const;
const tags = ["Admin: channels"];
const params = z.object({ channel_id: z.string().openapi({ example: CHANNEL_EXAMPLE.channel_id }) });
const triggerParams = params.extend({ trigger_id: z.string().openapi({ example: TRIGGER_EXAMPLE.trigger_id }) });
const SAVED_EXAMPLE = { ...CHANNEL_EXAMPLE, signing_secrets: { webhook_new_lead: "whsec_…" } };
/** A thousand definitions fit. */
const CHANNEL_BYTES_MAX = 1024 * 1024;
const INVALID_QUERY = { 400: "Invalid query parameter" };
const NOT_FOUND = { 404: "Channel not found, or there is no administrator yet" };

export const createChannelRoute = adminRoute(PATH, {
  operationId: "createChannel",
  method: "post",
  tags,
  summary: "Create a channel",
  idempotent: true,
  bodyBytesMax: CHANNEL_BYTES_MAX,
  request: {
    body: jsonBody(NewChannelAtHome, {
      title: "Acme referrals",
      home: { organization_id: "org_0193f3a2c7b07aa18000c0ffee123456", unit_id: "unit_default" },
      creator: "org_0193f3a2c7b07aa18000c0ffee123456",
      property_definitions: [{ name: "Deal size", type: "number" }],
      lead_status: [{ status: "New lead" }, { status: "Qualified", color: "#F59E0B" }],
      webhook_new_lead: "https://hooks.example.com/leadedge",
    }),
  },
  responses: { 201: jsonResponse("The channel with its ids; signing secrets are shown once", SavedChannel, SAVED_EXAMPLE) },
  errors: { 404: "The home org unit was not found, or there is no administrator yet" },
});

export const listChannelsRoute = adminRoute(PATH, {
  operationId: "listChannels",
  method: "get",
  tags,
  summary: "List channels, newest first, archived ones too",
  request: { query: ChannelQuery },
  errors: INVALID_QUERY,
  responses: {
    200: jsonResponse(
      "A page of channels",
      z.object({ channels: z.array(ChannelView), page: z.number(), limit: z.number(), total: z.number() }),
      { channels: [CHANNEL_EXAMPLE], page: 1, limit: 20, total: 1 },
    ),
  },
});

export const getChannelRoute = adminRoute(ONE, {
  operationId: "getChannel",
  method: "get",
  tags,
  summary: "Get a channel",
  request: { params },
  responses: { 200: jsonResponse("The channel", ChannelView, CHANNEL_EXAMPLE) },
  errors: NOT_FOUND,
});

export const changeChannelRoute = adminRoute(ONE, {
  operationId: "changeChannel",
  method: "put",
  tags,
  summary: "Change a channel",
  description:
    "What is left out stays. Definitions and statuses with an `id` are changed, those without are added; none is ever removed, as leads may " +
    "refer to it. The home org unit stays what it is.",
  bodyBytesMax: CHANNEL_BYTES_MAX,
  request: { params, body: jsonBody(ChannelChange, { title: "Acme partners", lead_status: [{ status: "Won" }] }) },
  responses: { 200: jsonResponse("The channel; signing secrets of new webhooks are shown once", SavedChannel, SAVED_EXAMPLE) },
  errors: { ...NOT_FOUND, 409: "A name was taken at the same time" },
});

export const archiveChannelRoute = adminRoute(ONE, {
  operationId: "archiveChannel",
  method: "delete",
  tags,
  summary: "Archive a channel: no key reaches it or its leads any longer",
  request: { params },
  responses: { 204: { description: "Archived; its leads stay with the home org unit" } },
  errors: NOT_FOUND,
});

export const addLeadsRoute = adminRoute(`${ONE}/leads`, {
  operationId: "addLeads",
  method: "post",
  tags,
  summary: "Put leads of the home org unit into a channel",
  description: "Silent: no reward, no webhook. Repeating it changes nothing. At most 1,000 leads a call.",
  idempotent: true,
  request: { params, body: jsonBody(LeadsToAdd, { aliases: [{ kind: "email", value: "alex@example.com" }], legacy_id: 12345 }) },
  responses: {
    200: jsonResponse(
      "The leads that the channel now has, and what was refused",
      z.object({
        leads: z.array(z.object({ id: z.string(), legacy_id: z.number().nullable(), added: z.boolean() })),
        refused: z.array(z.object({ named: z.string(), reason: z.string() })),
      }),
      ADDED_EXAMPLE,
    ),
  },
  errors: NOT_FOUND,
});

export const createRewardTriggerRoute = adminRoute(`${ONE}/reward-triggers`, {
  operationId: "createRewardTrigger",
  method: "post",
  tags,
  summary: "Create a reward trigger",
  idempotent: true,
  request: { params, body: jsonBody(NewRewardTrigger, { kind: "purchase", amount_type: "percentage", amount: 10 }) },
  responses: { 201: jsonResponse("The trigger", TriggerView, TRIGGER_EXAMPLE) },
  errors: { ...NOT_FOUND, 409: "The channel has 1,000 reward triggers already" },
});

export const listRewardTriggersRoute = adminRoute(`${ONE}/reward-triggers`, {
  operationId: "listRewardTriggers",
  method: "get",
  tags,
  summary: "List a channel's reward triggers",
  request: { params },
  responses: {
    200: jsonResponse("Triggers, oldest first", z.object({ reward_triggers: z.array(TriggerView) }), {
      reward_triggers: [TRIGGER_EXAMPLE],
    }),
  },
  errors: NOT_FOUND,
});

export const changeRewardTriggerRoute = adminRoute(`${ONE}/reward-triggers/{trigger_id}`, {
  operationId: "changeRewardTrigger",
  method: "put",
  tags,
  summary: "Change a reward trigger",
  request: { params: triggerParams, body: jsonBody(RewardTriggerChange, { active: false }) },
  responses: { 200: jsonResponse("The trigger; what is left out stays", TriggerView, TRIGGER_EXAMPLE) },
  errors: { 404: "Channel or reward trigger not found, or there is no administrator yet" },
});

export const deleteRewardTriggerRoute = adminRoute(`${ONE}/reward-triggers/{trigger_id}`, {
  operationId: "deleteRewardTrigger",
  method: "delete",
  tags,
  summary: "Delete a reward trigger",
  request: { params: triggerParams },
  responses: { 204: { description: "Deleted; the rewards that it paid stay" } },
  errors: { 404: "Channel or reward trigger not found, or there is no administrator yet" },
});

export const listRewardsRoute = adminRoute(`${ONE}/reward-events`, {
  operationId: "listRewards",
  method: "get",
  tags,
  summary: "List a channel's rewards, newest first",
  request: { params, query: BeforeQuery },
  responses: { 200: jsonResponse("Rewards", z.object({ reward_events: z.array(RewardView) }), { reward_events: [REWARD_EXAMPLE] }) },
  errors: { ...INVALID_QUERY, ...NOT_FOUND },
});

export const reverseRewardRoute = adminRoute(
  `${ONE}/reward-events/{reward_event_id}/reverse`,
  {
    operationId: "reverseReward",
    method: "post",
    tags,
    summary: "Take a reward back",
    description: "The ledger of rewards is append-only: an entry of the opposite amount is added, which names the reward in `reverses`.",
    idempotent: "in_unit",
    request: { params: params.extend({ reward_event_id: z.string().openapi({ example: REWARD_EXAMPLE.reward_event_id }) }) },
    responses: { 201: jsonResponse("The reversing entry", RewardView, REVERSAL_EXAMPLE) },
    errors: {
      400: "Malformed Idempotency-Key",
      404: "Channel or reward not found, or there is no administrator yet",
      409: "The reward has been reversed, or is itself a reversal",
    },
  },
  [enterChannelHome],
);

export const listEventsRoute = adminRoute(`${ONE}/events`, {
  operationId: "listChannelEvents",
  method: "get",
  tags,
  summary: "List changes of status and purchases of a channel's leads, newest first",
  request: { params, query: BeforeQuery },
  responses: { 200: jsonResponse("Events", z.object({ events: z.array(EventView) }), { events: [EVENT_EXAMPLE] }) },
  errors: { ...INVALID_QUERY, ...NOT_FOUND },
});
