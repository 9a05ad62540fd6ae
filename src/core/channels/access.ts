/** Which channels and leads a company may see: those of a channel where it is creator, partner, referring or receiving company. */
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { organizationOf } from "../auth";
import { isAccessible, noSuchChannel } from "./channel";
import type { ChannelAtHome, FoundChannel } from "./channel-row";
import { findChannel, findChannelOfLead, findChannelsByLegacyId, findChannelsOfCompany, findPublicChannel } from "./store";

type Caller = Pick<CallerCtx, "actor" | "directory">;

/** Newest first. One D1 round trip. */
export const listAccessibleChannels = ({ directory, actor }: Caller): Promise<ChannelAtHome[]> =>
  findChannelsOfCompany(directory, organizationOf(actor));

/** One D1 round trip. Throws forbidden, also for a channel that does not exist, as the contract has no other error for it. */
export async function requireAccessibleChannel({ directory, actor }: Caller, channelId: string): Promise<ChannelAtHome> {
  const found = await findChannel(directory, channelId, organizationOf(actor));
  if (!found || !mayAccess(found)) throw new AppError("forbidden", "Channel not accessible");
  return found;
}

/**
 * The channel of a lead (32 hex digits). One D1 round trip. Throws forbidden for a lead of another channel, not_found for one that
 * no channel has. Whether the lead still exists is known only to its own database.
 */
export async function requireChannelOfLead({ directory, actor }: Caller, leadId: string): Promise<ChannelAtHome> {
  const found = await findChannelOfLead(directory, leadId, organizationOf(actor));
  if (!found) throw new AppError("not_found", "Lead not found");
  if (!mayAccess(found)) throw leadNotAccessible();
  return found;
}

/**
 * Accessible leads that the directory has under a legacy id, oldest first: in each unit at most one still has it. `known`: whether the id
 * belongs to a lead of any company. One D1 round trip.
 */
export async function findLeadsByLegacyId(
  { directory, actor }: Caller,
  legacyId: number,
): Promise<{ leads: (ChannelAtHome & { lead_id: string })[]; known: boolean }> {
  const found = await findChannelsByLegacyId(directory, legacyId, organizationOf(actor));
  const leads = found.filter(mayAccess).flatMap(({ channel, home, lead_id }) => (lead_id === null ? [] : [{ channel, home, lead_id }]));
  return { leads, known: found.length > 0 };
}

/** A channel that takes leads from anybody, by its id or public id. One D1 round trip. Throws not_found, forbidden. */
export async function requirePublicChannel({ directory }: Pick<Caller, "directory">, id: string): Promise<ChannelAtHome> {
  const found = await findPublicChannel(directory, id);
  if (!found || found.channel.archived_at !== null) throw noSuchChannel();
  if (!found.channel.no_auth_api) throw new AppError("forbidden", "Public API not enabled for this channel");
  return found;
}

const mayAccess = ({ channel, company_id }: FoundChannel): boolean => company_id !== null && isAccessible(channel, company_id);
export const leadNotAccessible = (): AppError => new AppError("forbidden", "Lead not accessible");
