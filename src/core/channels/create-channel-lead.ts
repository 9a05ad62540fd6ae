import type { Ctx } from "../../context";
import type { AliasKind } from "../../vocabulary";
import { createLead, type Lead } from "../leads";
import { type Channel, firstStatus } from "./channel";
import type { ChannelLead } from "./channel-lead";
import { insertState } from "./lead-store";
import { readProperties, storedProperties } from "./properties";
import { insertRewards } from "./record-store";
import { rewardsFor } from "./rewards";
import { profileAfter, type StandardChange } from "./standard-fields";
import { announceLeads } from "./store";
import { deliveryStatements, planDelivery, sendOut } from "./webhooks";

export type NewChannelLead = {
  /** as sent; an email or phone that is empty is none */
  fields: StandardChange;
  properties: readonly unknown[];
  /** whether the channel's webhook is told: a public form's leads are not */
  tells: boolean;
};

/**
 * Creates a lead in a channel, in its first status, in the context of the channel's home unit. Fires the channel's `new_lead` rewards.
 * Two D1 round trips. An email or phone that another lead has stays there: the lead shows it, and the conflict is recorded.
 * Throws invalid_request (an email or phone), InvalidProperties, too_large.
 */
export async function createChannelLead(ctx: Ctx, channel: Channel, wanted: NewChannelLead): Promise<ChannelLead> {
  const properties = readProperties(channel, wanted.properties);
  const state = { status_id: firstStatus(channel).id, properties, legacy_id: null };
  const stored = storedProperties(properties);
  const rewards = rewardsFor(channel.triggers, { kind: "new_lead" });
  const deliveryOf = (lead: Lead) =>
    wanted.tells ? planDelivery("webhook_new_lead", { lead, channel, state }, "", lead.created_at) : null;
  const lead = await createLead(
    ctx,
    { profile: profileAfter({}, wanted.fields), aliases: aliasesOf(wanted.fields) },
    {
      onConflict: "record",
      source: "partner",
      announce: (lead_id) => announceLeads(ctx.directory, channel.channel_id, [{ lead_id, legacy_id: null }]),
      alsoWrite: (lead) => [
        insertState(ctx.db, {
          lead_id: lead.lead_id,
          channel_id: channel.channel_id,
          status_id: state.status_id,
          properties: stored,
          legacy_id: null,
        }),
        ...insertRewards(ctx.db, channel, { lead_id: lead.lead_id, purchase_id: null }, rewards, lead.created_at),
        ...deliveryStatements(ctx, deliveryOf(lead), lead.created_at),
      ],
    },
  );
  await sendOut(ctx, deliveryOf(lead));
  return { lead, channel, state };
}

const aliasesOf = (fields: StandardChange): { kind: AliasKind; value: string }[] =>
  (["email", "phone"] as const).flatMap((kind) => {
    const value = fields[kind]?.trim();
    return value ? [{ kind, value }] : [];
  });
