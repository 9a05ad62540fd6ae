/** Reward triggers as the operator sets them, and what came of them. */
import type { Ctx, Directory } from "../../context";
import { AppError } from "../../errors";
import type { Channel, RewardTrigger } from "./channel";
import { type EventRow, type RewardRow, selectEvents, selectRewards } from "./record-store";
import { deleteTrigger, insertTrigger, updateTrigger } from "./store";

export type TriggerInput = { [Key in "amount_type" | "amount" | "status_id" | "active"]?: RewardTrigger[Key] | undefined };

/** Every call on a channel reads them all. */
const TRIGGERS_MAX = 1_000;

/** Throws invalid_request, conflict for one too many. */
export async function createTrigger(
  ctx: { directory: Directory; now(): number },
  channel: Channel,
  input: Pick<RewardTrigger, "kind" | "amount_type" | "amount"> & Omit<TriggerInput, "amount_type" | "amount">,
): Promise<RewardTrigger> {
  const { kind, amount_type, amount, status_id = null, active = true } = input;
  const trigger = requireSound(channel, { id: crypto.randomUUID(), kind, amount_type, amount, status_id, active, created_at: ctx.now() });
  if (channel.triggers.length >= TRIGGERS_MAX) throw new AppError("conflict", `A channel has at most ${TRIGGERS_MAX} reward triggers`);
  await insertTrigger(ctx.directory, channel.channel_id, trigger);
  return trigger;
}

/** What is left out stays. Throws not_found, invalid_request. */
export async function changeTrigger(directory: Directory, channel: Channel, id: string, input: TriggerInput): Promise<RewardTrigger> {
  const before = channel.triggers.find((trigger) => trigger.id === id.toLowerCase());
  if (!before) throw noSuchTrigger();
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const trigger = requireSound(channel, { ...before, ...given });
  if (!(await updateTrigger(directory, channel.channel_id, trigger))) throw noSuchTrigger();
  return trigger;
}

/** Rewards that it gave stay. Throws not_found. */
export async function removeTrigger(directory: Directory, channel: Channel, id: string): Promise<void> {
  if (!(await deleteTrigger(directory, channel.channel_id, id.toLowerCase()))) throw noSuchTrigger();
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

const refusal = (path: string, message: string): AppError => new AppError("invalid_request", `${path}: ${message}`, [{ path, message }]);
const noSuchTrigger = (): AppError => new AppError("not_found", "Reward trigger not found");

/** Newest first, older than `before`; in the context of the home unit. One D1 round trip. */
export const listRewards = (ctx: Ctx, channel: Channel, limit: number, before: string | null): Promise<RewardRow[]> =>
  ctx.db.all<RewardRow>(selectRewards(ctx.db, channel.channel_id, limit, before));

/** As `listRewards`: changes of status and purchases. */
export const listEvents = (ctx: Ctx, channel: Channel, limit: number, before: string | null): Promise<EventRow[]> =>
  ctx.db.all<EventRow>(selectEvents(ctx.db, channel.channel_id, limit, before));
