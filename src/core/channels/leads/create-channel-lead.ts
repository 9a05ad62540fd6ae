import type { z } from "zod";
import type { Ctx } from "../../../context";
import { parseInput } from "../../../validation";
import type { AliasKind } from "../../../vocabulary";
import { requireRole } from "../../auth";
import { silently } from "../../changes";
import type { Remember } from "../../idempotency";
import { createLead, type Lead } from "../../leads";
import { type Channel, firstStatus } from "../channel";
import { insertRewards } from "../rewards/record-store";
import { rewardsFor } from "../rewards/rewards";
import { NewChannelLead } from "../schemas";
import { announceLeads } from "../store";
import type { ChannelLead } from "./channel-lead";
import { insertState } from "./lead-store";
import { readProperties, storedProperties } from "./properties";
import { profileAfter, type StandardChange } from "./standard-fields";
import { deliveryStatements, planDelivery, sendOut } from "./webhooks";

/**
 * Creates a lead in a channel, in its first status, in the context of the channel's home unit. Pays the channel's `new_lead` rewards.
 * An email or phone that another lead has stays there: the lead shows it, and the conflict is recorded. Needs the role editor. Two D1 round
 * trips. Throws forbidden, invalid_request (also an email or phone), InvalidProperties, too_large.
 */
export async function createChannelLead(
  ctx: Ctx,
  channel: Channel,
  given: z.input<typeof NewChannelLead>,
  remember: Remember<ChannelLead> = () => [],
): Promise<ChannelLead> {
  requireRole(ctx, "editor");
  const { fields, notify, ...sent } = parseInput(NewChannelLead, given);
  const properties = readProperties(channel, sent.properties);
  const state = { status_id: firstStatus(channel).id, properties, legacy_id: null };
  const stored = storedProperties(properties);
  const rewards = rewardsFor(channel.triggers, { kind: "new_lead" }, channel.currency);
  const deliveryOf = (lead: Lead) => (notify ? planDelivery("webhook_new_lead", { lead, channel, state }, "", lead.created_at) : null);
  const lead = await createLead(
    notify ? ctx : silently(ctx),
    { profile: profileAfter({}, fields), aliases: aliasesOf(fields) },
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
        ...remember({ lead, channel, state }),
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
