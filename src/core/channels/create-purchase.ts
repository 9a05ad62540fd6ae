import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { dashed, newUuid } from "../../ids";
import { isoTime } from "../../time";
import { noSuchLead } from "../leads";
import type { Channel } from "./channel";
import { insertEvent, insertPurchase, insertRewards, leadIsInChannel, type Purchase } from "./record-store";
import { chosenTriggers, rewardsFor } from "./rewards";

export type NewPurchase = {
  name: string | null;
  description: string | null;
  amount: number | null;
  /** ms; null: now */
  date: number | null;
  /** the triggers to evaluate; null: all */
  trigger_ids: readonly string[] | null;
};

const IDS_SHOWN_MAX = 5;

/** Either side of zero: a percentage of it is still a number. */
export const PURCHASE_AMOUNT_MAX = 1e12;
/** A row holds both, and a page of a thousand events every name. */
export const PURCHASE_NAME_CHARS_MAX = 1_000;
export const PURCHASE_DESCRIPTION_CHARS_MAX = 100_000;

/**
 * Records a purchase of a channel's lead with its event and its rewards, in the context of the channel's home unit. One D1 round trip.
 * Throws not_found, invalid_request for a trigger that is no active purchase trigger of the channel; then nothing is recorded.
 */
export async function createPurchase(ctx: Ctx, channel: Channel, leadId: string, wanted: NewPurchase): Promise<Purchase> {
  const now = ctx.now();
  const { chosen, unknown } = chosenTriggers(channel, wanted.trigger_ids);
  if (unknown.length > 0) {
    const shown = unknown.slice(0, IDS_SHOWN_MAX).map((id) => id.slice(0, 36));
    throw new AppError("invalid_request", `trigger_ids: not an active purchase trigger of this channel: ${shown.join(", ")}`);
  }
  const { name, description, amount } = wanted;
  const purchase: Purchase = {
    purchase_id: dashed(newUuid(now)),
    lead_id: leadId,
    name,
    description,
    amount,
    date: wanted.date ?? now,
    created_at: now,
  };
  const { purchase_id } = purchase;
  const data = { purchase_id, purchase_amount: amount, name, date: isoTime(purchase.date) };
  try {
    await ctx.db.batch([
      leadIsInChannel(ctx.db, channel.channel_id, leadId),
      insertPurchase(ctx.db, purchase),
      insertEvent(ctx.db, channel, leadId, { category: "purchase", data }, now),
      ...insertRewards(ctx.db, channel, { lead_id: leadId, purchase_id }, rewardsFor(chosen, { kind: "purchase", amount }), now),
    ]);
  } catch (error) {
    if (error instanceof CommitConflict && error.table === "commit_guards") throw noSuchLead();
    throw error;
  }
  return purchase;
}
