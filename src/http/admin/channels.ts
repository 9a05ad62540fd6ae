/** Channels, by the operator: their companies and settings, leads, reward triggers and rewards. */

import type { Context } from "hono";
import type { Ctx, OrgUnit } from "../../context";
import {
  addLeads,
  amountOfMinorUnits,
  type Channel,
  type ChannelAtHome,
  changeChannel,
  changeRewardTrigger,
  createChannel,
  createRewardTrigger,
  deleteRewardTrigger,
  listChannels,
  listEvents,
  listRewards,
  type RewardEntry,
  type RewardTrigger,
  requireChannelAtHome,
  reverseReward,
} from "../../core/channels";
import { requireOrgUnitOf } from "../../core/org-units";
import { dashed } from "../../ids";
import { openHome } from "../../open-operator";
import { isoTime } from "../../time";
import { rememberAfter, remembering, rememberingInDirectory, replayedWithoutSecret } from "../idempotency";
import { createRouter, type HttpEnv } from "../router";
import {
  addLeadsRoute,
  archiveChannelRoute,
  changeChannelRoute,
  changeRewardTriggerRoute,
  createChannelRoute,
  createRewardTriggerRoute,
  deleteRewardTriggerRoute,
  getChannelRoute,
  listChannelsRoute,
  listEventsRoute,
  listRewardsRoute,
  listRewardTriggersRoute,
  reverseRewardRoute,
} from "./channel-routes";
import { operator } from "./operator";

const homeOf = (c: Context<HttpEnv>, home: OrgUnit): Ctx => openHome(c.env, operator(c), home);
const find = (c: Context<HttpEnv>, { channel_id }: { channel_id: string }): Promise<ChannelAtHome> =>
  requireChannelAtHome(operator(c), channel_id);

export const channels = createRouter()
  .openapi(createChannelRoute, async (c) => {
    const { home, ...input } = c.req.valid("json");
    const unit = await requireOrgUnitOf(operator(c), home.organization_id, home.unit_id);
    const remember = rememberingInDirectory(c, 201, (channel: Channel) => replayedWithoutSecret(channelView({ channel, home: unit })));
    const { channel, secrets } = await createChannel(homeOf(c, unit), input, remember);
    c.header("Cache-Control", "no-store");
    c.header("Location", `/admin/channels/${channel.channel_id}`);
    return c.json({ ...channelView({ channel, home: unit }), signing_secrets: secrets }, 201);
  })
  .openapi(listChannelsRoute, async (c) => {
    const { page, limit, ...home } = c.req.valid("query");
    const { found, total } = await listChannels(operator(c), page, limit, home);
    return c.json({ channels: found.map(channelView), page, limit, total }, 200);
  })
  .openapi(getChannelRoute, async (c) => c.json(channelView(await find(c, c.req.valid("param"))), 200))
  .openapi(changeChannelRoute, async (c) => {
    const { channel: before, home } = await find(c, c.req.valid("param"));
    const { channel, secrets } = await changeChannel(homeOf(c, home), before, c.req.valid("json"));
    c.header("Cache-Control", "no-store");
    return c.json({ ...channelView({ channel, home }), signing_secrets: secrets }, 200);
  })
  .openapi(archiveChannelRoute, async (c) => {
    const { channel, home } = await find(c, c.req.valid("param"));
    await changeChannel(homeOf(c, home), channel, { archived: true });
    return c.body(null, 204);
  })
  .openapi(addLeadsRoute, async (c) => {
    const { channel, home } = await find(c, c.req.valid("param"));
    rememberAfter(c);
    const { leads, refused } = await addLeads(homeOf(c, home), channel, c.req.valid("json"));
    return c.json({ leads: leads.map(({ lead_id, ...lead }) => ({ id: dashed(lead_id), ...lead })), refused }, 200);
  })
  .openapi(createRewardTriggerRoute, async (c) => {
    const { channel, home } = await find(c, c.req.valid("param"));
    const remember = rememberingInDirectory(c, 201, triggerView);
    return c.json(triggerView(await createRewardTrigger(homeOf(c, home), channel, c.req.valid("json"), remember)), 201);
  })
  .openapi(listRewardTriggersRoute, async (c) => {
    const { channel } = await find(c, c.req.valid("param"));
    return c.json({ reward_triggers: channel.triggers.map(triggerView) }, 200);
  })
  .openapi(changeRewardTriggerRoute, async (c) => {
    const { channel } = await find(c, c.req.valid("param"));
    const change = c.req.valid("json");
    return c.json(triggerView(await changeRewardTrigger(operator(c), channel, c.req.valid("param").trigger_id, change)), 200);
  })
  .openapi(deleteRewardTriggerRoute, async (c) => {
    const { channel } = await find(c, c.req.valid("param"));
    await deleteRewardTrigger(operator(c), channel, c.req.valid("param").trigger_id);
    return c.body(null, 204);
  })
  .openapi(listRewardsRoute, async (c) => {
    const { channel, home } = await find(c, c.req.valid("param"));
    const { limit, before } = c.req.valid("query");
    const rewards = await listRewards(homeOf(c, home), channel, limit, before ?? null);
    return c.json({ reward_events: rewards.map(rewardView) }, 200);
  })
  .openapi(reverseRewardRoute, async (c) => {
    const { channel_id, reward_event_id } = c.req.valid("param");
    const remember = remembering(c, 201, rewardView);
    return c.json(rewardView(await reverseReward(c.get("ctx"), channel_id.toLowerCase(), reward_event_id, remember)), 201);
  })
  .openapi(listEventsRoute, async (c) => {
    const { channel, home } = await find(c, c.req.valid("param"));
    const { limit, before } = c.req.valid("query");
    const events = await listEvents(homeOf(c, home), channel, limit, before ?? null);
    const shown = events.map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown>, ...leadAndTime(row) }));
    return c.json({ events: shown }, 200);
  });

const rewardView = ({ minor_units, ...reward }: RewardEntry) => ({
  ...reward,
  amount: amountOfMinorUnits(minor_units, reward.currency),
  ...leadAndTime(reward),
});

const leadAndTime = ({ lead_id, created_at }: { lead_id: string; created_at: number }) => ({
  lead_id: dashed(lead_id),
  created_at: isoTime(created_at),
});

const channelView = ({ channel, home }: { channel: Channel; home: OrgUnit }) => ({
  channel_id: channel.channel_id,
  public_id: channel.public_id,
  title: channel.title,
  home: { organization_id: home.organization_id, unit_id: home.unit_id },
  ...channel.roles,
  currency: channel.currency,
  no_auth_api: channel.no_auth_api,
  property_definitions: [...channel.definitions],
  lead_status: [...channel.statuses],
  webhook_new_lead: channel.webhooks.webhook_new_lead?.url ?? null,
  webhook_status_update: channel.webhooks.webhook_status_update?.url ?? null,
  created_at: isoTime(channel.created_at),
  archived_at: channel.archived_at === null ? null : isoTime(channel.archived_at),
});

const triggerView = ({ id, created_at, ...trigger }: RewardTrigger) => ({ trigger_id: id, ...trigger, created_at: isoTime(created_at) });
