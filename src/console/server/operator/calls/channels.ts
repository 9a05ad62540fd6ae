/** Partner channels. A signing secret is in the one response that creates its webhook. */
import { z } from "zod";
import type { CallerCtx, OrgUnit } from "../../../../context";
import { recordChange } from "../../../../core/auth";
import {
  type Channel,
  ChannelChange,
  changeChannel,
  createChannel,
  listChannels,
  NewChannel,
  requireChannelAtHome,
} from "../../../../core/channels";
import { requireOrgUnitOf } from "../../../../core/org-units";
import { operatorCall } from "../call";

const CHANNELS_PER_PAGE = 50;
const Home = z.strictObject({ organization_id: z.string(), unit_id: z.string() });

export const channelCalls = {
  "channels.list": operatorCall(
    Home.partial().extend({ page: z.int().min(1).max(1_000_000).default(1) }),
    async (ctx, { page, ...home }) => {
      const { found, total } = await listChannels(ctx, page, CHANNELS_PER_PAGE, home);
      return { channels: found.map(view), total, pages: Math.ceil(total / CHANNELS_PER_PAGE) };
    },
  ),
  "channels.get": operatorCall(z.strictObject({ channel_id: z.string() }), async (ctx, { channel_id }) =>
    view(await requireChannelAtHome(ctx, channel_id)),
  ),
  "channels.create": operatorCall(NewChannel.extend({ home: Home }), async (ctx, { home, ...given }, request) => {
    const unit = await requireOrgUnitOf(ctx, home.organization_id, home.unit_id);
    const responseOf = (channel: Channel, secrets: Secrets) => ({ channel: view({ channel, home: unit }), secrets });
    const remember = request.rememberingInDirectory((channel: Channel) => responseOf(channel, lost(channel)));
    const { channel, secrets } = await createChannel(request.home(unit), given, remember);
    await recordChannelChange(ctx, channel.channel_id);
    return responseOf(channel, shown(secrets));
  }),
  "channels.change": operatorCall(z.strictObject({ channel_id: z.string(), change: ChannelChange }), async (ctx, given, request) => {
    const { channel: before, home } = await requireChannelAtHome(ctx, given.channel_id);
    const { channel, secrets } = await changeChannel(request.home(home), before, given.change);
    await recordChannelChange(ctx, channel.channel_id);
    return { channel: view({ channel, home }), secrets: shown(secrets) };
  }),
};

/** By webhook; null: it was in an earlier response to the same call. */
type Secrets = { webhook: string; secret: string | null }[];

const shown = (secrets: Readonly<Record<string, string | undefined>>): Secrets =>
  Object.entries(secrets).map(([webhook, secret]) => ({ webhook, secret: secret ?? null }));
const lost = ({ webhooks }: Channel): Secrets =>
  Object.entries(webhooks).flatMap(([webhook, set]) => (set === null ? [] : [{ webhook, secret: null }]));

/** A change of a channel commits in several batches: its entry in the audit log follows it. */
export const recordChannelChange = (ctx: CallerCtx, channelId: string): Promise<void> =>
  recordChange(ctx, { action: "channel.changed", organization_id: null, target_id: channelId.toLowerCase() });

const view = ({ channel, home }: { channel: Channel; home: OrgUnit }) => ({
  channel_id: channel.channel_id,
  public_id: channel.public_id,
  title: channel.title,
  home: { organization_id: home.organization_id, unit_id: home.unit_id, name: home.name },
  roles: channel.roles,
  currency: channel.currency,
  no_auth_api: channel.no_auth_api,
  property_definitions: [...channel.definitions],
  lead_status: [...channel.statuses],
  reward_triggers: [...channel.triggers],
  webhook_new_lead: channel.webhooks.webhook_new_lead?.url ?? null,
  webhook_status_update: channel.webhooks.webhook_status_update?.url ?? null,
  created_at: channel.created_at,
  archived_at: channel.archived_at,
});
