/** Which channels and leads a company may see: those of a channel where it is creator, partner, referring or receiving company (seed 002). */
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { organizationOf } from "../auth";
import { type Channel, isAccessible, noSuchChannel } from "./channel";
import type { AskedChannel, ChannelAtHome } from "./channel-row";
import { findChannel, findChannelOfLead, findChannelsByLegacyId, findChannelsOfCompany, findPublicChannel } from "./store";

type Caller = Pick<CallerCtx, "actor" | "directory">;

/** One D1 round trip. */
export const listAccessibleChannels = ({ directory, actor }: Caller): Promise<Channel[]> =>
  findChannelsOfCompany(directory, organizationOf(actor));

/** One D1 round trip. Throws forbidden, for a channel that does not exist too: the contract has no other word for it. */
export async function requireAccessibleChannel({ directory, actor }: Caller, channelId: string): Promise<ChannelAtHome> {
  const asked = await findChannel(directory, channelId, organizationOf(actor));
  if (!asked || !mayAccess(asked)) throw new AppError("forbidden", "Channel not accessible");
  return asked;
}

/**
 * The channel of a lead (32 hex digits). One D1 round trip. Throws forbidden for a lead of another channel, not_found for what no channel
 * has: whether the lead itself is still there is for its own database to say.
 */
export async function requireChannelOfLead({ directory, actor }: Caller, leadId: string): Promise<ChannelAtHome> {
  const asked = await findChannelOfLead(directory, leadId, organizationOf(actor));
  if (!asked) throw new AppError("not_found", "Lead not found");
  if (!mayAccess(asked)) throw notAccessible();
  return asked;
}

/** Accessible leads that were given a legacy id, oldest first: at most one of each unit still has it. Throws as `requireChannelOfLead`. */
export async function requireChannelsByLegacyId(
  { directory, actor }: Caller,
  legacyId: number,
): Promise<(ChannelAtHome & { lead_id: string })[]> {
  const asked = await findChannelsByLegacyId(directory, legacyId, organizationOf(actor));
  if (asked.length === 0) throw new AppError("not_found", "Lead not found");
  const accessible = asked.filter(mayAccess);
  if (accessible.length === 0) throw notAccessible();
  return accessible.flatMap(({ channel, home, lead_id }) => (lead_id === null ? [] : [{ channel, home, lead_id }]));
}

/** A channel that takes leads from anybody, by its id or public id. One D1 round trip. Throws not_found, forbidden. */
export async function requirePublicChannel({ directory }: Pick<Caller, "directory">, id: string): Promise<ChannelAtHome> {
  const found = await findPublicChannel(directory, id);
  if (!found || found.channel.archived_at !== null) throw noSuchChannel();
  if (!found.channel.no_auth_api) throw new AppError("forbidden", "Public API not enabled for this channel");
  return found;
}

const mayAccess = ({ channel, company_id }: AskedChannel): boolean => company_id !== null && isAccessible(channel, company_id);
const notAccessible = (): AppError => new AppError("forbidden", "Lead not accessible");
