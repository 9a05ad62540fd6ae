import type { Ctx } from "../../../context";
import { CommitConflict } from "../../../db/commit";
import { AppError } from "../../../errors";
import { dashed, newUuid } from "../../../ids";
import { requireOperator } from "../../auth";
import type { Remember } from "../../idempotency";
import { insertReversal, leadIsInChannel, type RewardEntry, readReward, selectReward } from "./record-store";

/**
 * Takes a reward back, in the context of the channel's home unit: the ledger is append-only, so an entry of the opposite amount is added
 * that names the first. For the operator alone. Two D1 round trips. Throws forbidden, not_found, and conflict for a reward that has been
 * reversed and for a reversal.
 */
export async function reverseReward(
  ctx: Ctx,
  channelId: string,
  rewardId: string,
  remember: Remember<RewardEntry> = () => [],
): Promise<RewardEntry> {
  requireOperator(ctx);
  const [row] = await ctx.db.all(selectReward(ctx.db, channelId, rewardId.toLowerCase()));
  if (!row) throw noSuchReward();
  const reward = readReward(row);
  if (reward.reverses !== null) throw new AppError("conflict", "This entry is a reversal: only a reward can be reversed");
  const now = ctx.now();
  const reversal: RewardEntry = {
    ...reward,
    reward_event_id: dashed(newUuid(now)),
    minor_units: -reward.minor_units,
    reverses: reward.reward_event_id,
    created_at: now,
  };
  try {
    await ctx.db.batch([
      leadIsInChannel(ctx.db, channelId, reward.lead_id),
      insertReversal(ctx.db, channelId, reversal),
      ...remember(reversal),
    ]);
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    throw error.table === "commit_guards" ? noSuchReward() : new AppError("conflict", "This reward has been reversed already");
  }
  return reversal;
}

const noSuchReward = (): AppError => new AppError("not_found", "Reward not found");
