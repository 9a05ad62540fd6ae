/** The shapes of responses. */

import { type Channel, type ChannelLead, type Purchase, STANDARD_FIELDS, type WholeLead, wholeLead } from "../../core/channels";
import { dashed } from "../../ids";
import { isoTime } from "../../time";

/** With the definitions that accept values. */
export const channelView = (channel: Channel) => ({
  id: channel.channel_id,
  title: channel.title,
  created_at: isoTime(channel.created_at),
  creator: channel.roles.creator,
  partner_companies_id: channel.roles.partner,
  referring_id: channel.roles.referring,
  receiving_id: channel.roles.receiving,
  currency: channel.currency,
  no_auth_api: channel.no_auth_api,
  property_definitions: channel.definitions
    .filter(({ active }) => active)
    .map(({ id, name, type, order, visible }) => ({ id, name, type, order, visible })),
  lead_status: channel.statuses,
});

const picked = <Key extends keyof WholeLead>(lead: WholeLead, keys: readonly Key[]): Pick<WholeLead, Key> =>
  Object.fromEntries(keys.map((key) => [key, lead[key]])) as Pick<WholeLead, Key>;

/** After a change of status. */
export const movedLead = (of: ChannelLead) =>
  picked(wholeLead(of), ["id", "created_at", "email", "first_name", "last_name", "status", "lead_status_id", "channels_id"]);

/** For a caller without a key: what was sent, and nothing that only the companies of the channel know. */
export const publicLead = (of: ChannelLead) => picked(wholeLead(of), ["id", "created_at", ...STANDARD_FIELDS, "status"]);

export const purchaseView = (purchase: Purchase) => ({
  id: purchase.purchase_id,
  created_at: isoTime(purchase.created_at),
  leads_id: dashed(purchase.lead_id),
  purchase_amount: purchase.amount,
  date: isoTime(purchase.date),
  name: purchase.name,
  description: purchase.description,
});
