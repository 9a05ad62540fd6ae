/** The rewards that a channel's triggers pay. Pure. */
import type { RewardKind } from "../../../vocabulary";
import type { Channel, RewardTrigger } from "../channel";
import { percentageInMinorUnits, toMinorUnits } from "./money";

export type Reward = { trigger_id: string; kind: RewardKind; minor_units: number };

export type RewardOccasion =
  | { kind: "new_lead" }
  | { kind: "status_change"; status_id: string }
  | { kind: "purchase"; amount: number | null };

/**
 * The rewards of an occasion: of active triggers, and only where there is something to pay. Each is rounded to a minor unit of the currency,
 * half away from zero. Throws invalid_request for one that no JSON number holds.
 */
export function rewardsFor(triggers: readonly RewardTrigger[], occasion: RewardOccasion, currency: string): Reward[] {
  return triggers
    .filter((trigger) => trigger.active && trigger.kind === occasion.kind && paysFor(trigger, occasion))
    .map((trigger) => ({ trigger_id: trigger.id, kind: trigger.kind, minor_units: minorUnitsOf(trigger, occasion, currency) }))
    .filter(({ minor_units }) => minor_units > 0);
}

const paysFor = ({ status_id }: RewardTrigger, occasion: RewardOccasion): boolean =>
  occasion.kind !== "status_change" || status_id === null || status_id === occasion.status_id;

function minorUnitsOf({ amount_type, amount }: RewardTrigger, occasion: RewardOccasion, currency: string): number {
  if (amount_type === "fixed") return toMinorUnits(amount, currency);
  return percentageInMinorUnits(amount, occasion.kind === "purchase" ? (occasion.amount ?? 0) : 0, currency);
}

/** The purchase triggers to evaluate: all, or those that are named. `unknown`: ids of no active purchase trigger of the channel. */
export function chosenTriggers(channel: Channel, ids: readonly string[] | null): { chosen: RewardTrigger[]; unknown: string[] } {
  const active = channel.triggers.filter(({ kind, active }) => kind === "purchase" && active);
  if (ids === null) return { chosen: active, unknown: [] };
  const named = new Set(ids.map((id) => id.toLowerCase()));
  const known = new Set(active.map(({ id }) => id));
  return { chosen: active.filter(({ id }) => named.has(id)), unknown: [...named].filter((id) => !known.has(id)) };
}
