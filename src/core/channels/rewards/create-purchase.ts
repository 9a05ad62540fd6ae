import type { z } from "zod";
import type { Ctx } from "../../../context";
import { CommitConflict } from "../../../db/commit";
import { dashed, newUuid } from "../../../ids";
import { isoTime } from "../../../time";
import { invalidRequest, parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import type { Remember } from "../../idempotency";
import { noSuchLead } from "../../leads";
import type { Channel } from "../channel";
import { NewPurchase } from "../schemas";
import { insertEvent, insertPurchase, insertRewards, leadIsInChannel, type Purchase } from "./record-store";
import { chosenTriggers, rewardsFor } from "./rewards";

const IDS_SHOWN_MAX = 5;

/**
 * Records a purchase of a channel's lead with its event and its rewards, in the context of the channel's home unit. Needs the role
 * editor. One D1 round trip. `trigger_ids`: the triggers to evaluate; all when left out. Throws forbidden, not_found, invalid_request (also for a
 * trigger that is not an active purchase trigger of the channel); then nothing is recorded.
 */
export async function createPurchase(
  ctx: Ctx,
  channel: Channel,
  leadId: string,
  given: z.input<typeof NewPurchase>,
  remember: Remember<Purchase> = () => [],
): Promise<Purchase> {
  requireRole(ctx, "editor");
  const { name = null, description = null, amount = null, date, trigger_ids = null } = parseInput(NewPurchase, given);
  await ctx.meter.requireStorage();
  const now = ctx.now();
  const { chosen, unknown } = chosenTriggers(channel, trigger_ids);
  if (unknown.length > 0) {
    const shown = unknown.slice(0, IDS_SHOWN_MAX).map((id) => id.slice(0, 36));
    throw invalidRequest([{ path: "trigger_ids", message: `not an active purchase trigger of this channel: ${shown.join(", ")}` }]);
  }
  const purchase: Purchase = {
    purchase_id: dashed(newUuid(now)),
    lead_id: leadId,
    name,
    description,
    amount,
    date: date ?? now,
    created_at: now,
  };
  const { purchase_id } = purchase;
  const data = { purchase_id, purchase_amount: amount, name, date: isoTime(purchase.date) };
  try {
    await ctx.db.batch([
      leadIsInChannel(ctx.db, channel.channel_id, leadId),
      insertPurchase(ctx.db, purchase),
      insertEvent(ctx.db, channel, leadId, { category: "purchase", data }, now),
      ...insertRewards(
        ctx.db,
        channel,
        { lead_id: leadId, purchase_id },
        rewardsFor(chosen, { kind: "purchase", amount }, channel.currency),
        now,
      ),
      ...remember(purchase),
    ]);
  } catch (error) {
    if (error instanceof CommitConflict && error.table === "commit_guards") throw noSuchLead();
    throw error;
  }
  return purchase;
}
