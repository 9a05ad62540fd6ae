import type { Ctx } from "../../context";
import { type Lead, leadEmail, leadPhone, noSuchLead, updateLead } from "../leads";
import type { Channel } from "./channel";
import type { ChannelLead, ChannelState } from "./channel-lead";
import { readState, type StateRow, selectState, updateProperties } from "./lead-store";
import { readProperties, storedProperties } from "./properties";
import { profileAfter, type StandardChange } from "./standard-fields";

export type ChannelLeadChange = {
  /** what is left out stays; null clears, and for an email or phone an empty text too */
  fields: StandardChange;
  /** as sent: see `readProperties` */
  properties: readonly unknown[];
};

/**
 * Changes fields and upserts property values of a channel's lead, in the context of the channel's home unit: a pure data edit that fires
 * nothing (seed 002). Two D1 round trips, one when nothing changes, two more for each writer that came first.
 * Throws not_found, InvalidProperties, invalid_request (an email or phone), too_large; then nothing is changed.
 */
export async function updateChannelLead(ctx: Ctx, channel: Channel, leadId: string, change: ChannelLeadChange): Promise<ChannelLead> {
  const { lead, result } = await updateLead(
    ctx,
    leadId,
    (lead, [rows]) => {
      const state = requireState(channel, rows[0]);
      const values = readProperties(channel, change.properties);
      const after = { ...state, properties: { ...state.properties, ...values } };
      const properties = storedProperties(after.properties);
      const unchanged = properties === storedProperties(state.properties);
      const fields = changesOf(lead, change.fields);
      if (unchanged && Object.keys(fields).length === 0) return { change: null, result: after };
      return { change: fields, alsoWrite: unchanged ? [] : [updateProperties(ctx.db, leadId, properties)], result: after };
    },
    { onConflict: "record", source: "partner", alsoRead: [selectState(ctx.db, leadId)] },
  );
  return { lead, channel, state: result };
}

/** Throws not_found for a lead that the channel does not have (any longer). */
export function requireState(channel: Channel, row: StateRow | undefined): ChannelState {
  if (row?.channel_id !== channel.channel_id) throw noSuchLead();
  return readState(row);
}

function changesOf(lead: Lead, fields: StandardChange) {
  const profile = profileAfter(lead.profile, fields);
  const email = blankAsNull(fields.email);
  const phone = blankAsNull(fields.phone);
  return {
    ...(JSON.stringify(profile) === JSON.stringify(lead.profile) ? {} : { profile }),
    ...(email === undefined || email === leadEmail(lead) ? {} : { email }),
    ...(phone === undefined || phone === leadPhone(lead) ? {} : { phone }),
  };
}

const blankAsNull = (value: string | null | undefined): string | null | undefined => (value?.trim() === "" ? null : value);
