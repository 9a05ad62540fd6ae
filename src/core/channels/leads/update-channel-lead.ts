import type { z } from "zod";
import type { Ctx } from "../../../context";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { type Lead, leadEmail, leadPhone, noSuchLead, updateLead } from "../../leads";
import type { Channel } from "../channel";
import { ChannelLeadChange } from "../schemas";
import type { ChannelLead, ChannelState } from "./channel-lead";
import { readState, type StateRow, selectState, updateProperties } from "./lead-store";
import { readProperties, storedProperties } from "./properties";
import { profileAfter, type StandardChange } from "./standard-fields";

/**
 * Changes fields and upserts property values of a channel's lead, in the context of the channel's home unit: an edit of data, which
 * notifies nobody and pays no reward. Needs the role editor. Two D1 round trips, one when nothing changes, two more for each concurrent writer.
 * Throws forbidden, not_found, InvalidProperties, invalid_request (an email or phone), too_large; then nothing is changed.
 */
export async function updateChannelLead(
  ctx: Ctx,
  channel: Channel,
  leadId: string,
  given: z.input<typeof ChannelLeadChange>,
): Promise<ChannelLead> {
  requireRole(ctx, "editor");
  const change = parseInput(ChannelLeadChange, given);
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
      const also = unchanged ? {} : { alsoWrite: [updateProperties(ctx.db, leadId, properties)], alsoChanged: ["property_values"] };
      return { change: fields, ...also, result: after };
    },
    { onConflict: "record", source: "partner", alsoRead: [selectState(ctx.db, leadId)], silent: true },
  );
  return { lead, channel, state: result };
}

/** Throws not_found for a lead that is not in the channel (any longer). */
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
