import type { Ctx } from "../../../context";
import { noSuchLead } from "../../leads";
import type { Channel } from "../channel";
import type { ChannelLead } from "./channel-lead";
import { readChannelLead, selectByLegacyId, selectChannelLead, selectNewest } from "./lead-store";

/** The most that get_leads returns. */
const LEADS_SHOWN_MAX = 100;

/** The newest leads of a channel, newest first, in the context of its home unit. One D1 round trip. */
export async function listChannelLeads(ctx: Ctx, channel: Channel): Promise<ChannelLead[]> {
  const rows = await ctx.db.all(selectNewest(ctx.db, channel.channel_id, LEADS_SHOWN_MAX));
  return rows.map((row) => readChannelLead(channel, row));
}

/** One D1 round trip. Null for a lead that is gone. */
export async function findChannelLead(ctx: Ctx, channel: Channel, leadId: string): Promise<ChannelLead | null> {
  const [row] = await ctx.db.all(selectChannelLead(ctx.db, channel.channel_id, leadId));
  return row ? readChannelLead(channel, row) : null;
}

/** The lead of the unit that has a legacy id, where it is in one of these channels. One D1 round trip. */
export async function findChannelLeadByLegacyId(ctx: Ctx, channels: readonly Channel[], legacyId: number): Promise<ChannelLead | null> {
  const [row] = await ctx.db.all(selectByLegacyId(ctx.db, legacyId));
  const channel = channels.find(({ channel_id }) => channel_id === row?.channel_id);
  return row && channel ? readChannelLead(channel, row) : null;
}

/** Throws not_found. */
export async function requireChannelLead(ctx: Ctx, channel: Channel, leadId: string): Promise<ChannelLead> {
  const found = await findChannelLead(ctx, channel, leadId);
  if (!found) throw noSuchLead();
  return found;
}
