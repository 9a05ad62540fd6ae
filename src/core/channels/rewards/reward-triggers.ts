/** Reward triggers as the operator sets them, and the rewards and events of a channel. All verbs are for the operator alone. */
import type { z } from "zod";
import type { CallerCtx, Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { invalidRequest, parseInput } from "../../../validation";
import { requireOperator } from "../../auth";
import { type RememberInDirectory, rememberNothing } from "../../idempotency";
import type { Channel, RewardTrigger } from "../channel";
import { NewRewardTrigger, RewardTriggerChange } from "../schemas";
import { deleteRewardTriggerRow, insertRewardTrigger, updateRewardTrigger } from "../store";
import { type EventRow, type RewardEntry, readReward, selectEvents, selectRewards } from "./record-store";

/** Every call on a channel reads all of its triggers. */
const TRIGGERS_MAX = 1_000;

type OperatorCtx = Pick<CallerCtx, "actor" | "directory" | "now">;

/** One D1 round trip. Throws forbidden, invalid_request, and conflict when the channel has as many as it may. */
export async function createRewardTrigger(
  ctx: OperatorCtx,
  channel: Channel,
  given: z.input<typeof NewRewardTrigger>,
  remember: RememberInDirectory<RewardTrigger> = rememberNothing,
): Promise<RewardTrigger> {
  requireOperator(ctx);
  const { kind, amount_type, amount, status_id = null, active = true } = parseInput(NewRewardTrigger, given);
  const trigger = requireSound(channel, { id: crypto.randomUUID(), kind, amount_type, amount, status_id, active, created_at: ctx.now() });
  if (channel.triggers.length >= TRIGGERS_MAX) throw new AppError("conflict", `A channel has at most ${TRIGGERS_MAX} reward triggers`);
  await insertRewardTrigger(ctx.directory, channel.channel_id, trigger, remember(trigger));
  return trigger;
}

/** What is left out stays. One D1 round trip. Throws forbidden, not_found, invalid_request. */
export async function changeRewardTrigger(
  ctx: OperatorCtx,
  channel: Channel,
  id: string,
  input: z.input<typeof RewardTriggerChange>,
): Promise<RewardTrigger> {
  requireOperator(ctx);
  const change = parseInput(RewardTriggerChange, input);
  const before = channel.triggers.find((trigger) => trigger.id === id.toLowerCase());
  if (!before) throw noSuchRewardTrigger();
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const trigger = requireSound(channel, { ...before, ...given });
  if (!(await updateRewardTrigger(ctx.directory, channel.channel_id, trigger))) throw noSuchRewardTrigger();
  return trigger;
}

/** The rewards that it paid stay. One D1 round trip. Throws forbidden, not_found. */
export async function deleteRewardTrigger(ctx: OperatorCtx, channel: Channel, id: string): Promise<void> {
  requireOperator(ctx);
  if (!(await deleteRewardTriggerRow(ctx.directory, channel.channel_id, id.toLowerCase()))) throw noSuchRewardTrigger();
}

function requireSound(channel: Channel, trigger: RewardTrigger): RewardTrigger {
  const { kind, amount_type } = trigger;
  const status_id = trigger.status_id?.toLowerCase() ?? null;
  if (amount_type === "percentage" && kind !== "purchase") {
    throw refusal("amount_type", "a percentage is one of a purchase's amount: it needs the kind purchase");
  }
  if (status_id !== null && kind !== "status_change") throw refusal("status_id", "needs the kind status_change");
  if (status_id !== null && !channel.statuses.some(({ id }) => id === status_id)) throw refusal("status_id", "is no status of the channel");
  return { ...trigger, status_id };
}

const refusal = (path: string, message: string): AppError => invalidRequest([{ path, message }]);
const noSuchRewardTrigger = (): AppError => new AppError("not_found", "Reward trigger not found");

/** Newest first, older than `before`; in the context of the home unit. One D1 round trip. Throws forbidden. */
export async function listRewards(ctx: Ctx, channel: Channel, limit: number, before: string | null): Promise<RewardEntry[]> {
  requireOperator(ctx);
  return (await ctx.db.all(selectRewards(ctx.db, channel.channel_id, limit, before))).map(readReward);
}

/** As `listRewards`: changes of status and purchases. */
export async function listEvents(ctx: Ctx, channel: Channel, limit: number, before: string | null): Promise<EventRow[]> {
  requireOperator(ctx);
  return ctx.db.all(selectEvents(ctx.db, channel.channel_id, limit, before));
}
