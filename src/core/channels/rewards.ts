/** The rewards that a channel's triggers pay. Pure. */
import type { RewardKind } from "../../vocabulary";
import type { Channel, RewardTrigger } from "./channel";

export type Reward = { trigger_id: string; kind: RewardKind; amount: number };

export type RewardOccasion =
  | { kind: "new_lead" }
  | { kind: "status_change"; status_id: string }
  | { kind: "purchase"; amount: number | null };

/** No currency has more decimal places. */
const DECIMAL_PLACES_MAX = 4;

/** The rewards of an occasion: of active triggers, and only where there is something to pay. */
export function rewardsFor(triggers: readonly RewardTrigger[], occasion: RewardOccasion): Reward[] {
  return triggers
    .filter((trigger) => trigger.active && trigger.kind === occasion.kind && paysFor(trigger, occasion))
    .map((trigger) => ({ trigger_id: trigger.id, kind: trigger.kind, amount: amountOf(trigger, occasion) }))
    .filter(({ amount }) => amount > 0);
}

const paysFor = ({ status_id }: RewardTrigger, occasion: RewardOccasion): boolean =>
  occasion.kind !== "status_change" || status_id === null || status_id === occasion.status_id;

function amountOf({ amount_type, amount }: RewardTrigger, occasion: RewardOccasion): number {
  if (amount_type === "fixed") return amount;
  const paid = occasion.kind === "purchase" ? (occasion.amount ?? 0) : 0;
  const scale = 10 ** DECIMAL_PLACES_MAX;
  return Math.round(((paid * amount) / 100) * scale) / scale;
}

/** The purchase triggers to evaluate: all, or those that are named. `unknown`: ids of no active purchase trigger of the channel. */
export function chosenTriggers(channel: Channel, ids: readonly string[] | null): { chosen: RewardTrigger[]; unknown: string[] } {
  const active = channel.triggers.filter(({ kind, active }) => kind === "purchase" && active);
  if (ids === null) return { chosen: active, unknown: [] };
  const named = new Set(ids.map((id) => id.toLowerCase()));
  const known = new Set(active.map(({ id }) => id));
  return { chosen: active.filter(({ id }) => named.has(id)), unknown: [...named].filter((id) => !known.has(id)) };
}
