/** How a change of a lead's events changes its firings. Pure. */
import type { TriggerKind } from "../../vocabulary";
import type { EventCursor } from "../scoring";
import { evaluateTrigger, type Firing, type Moment } from "./evaluate";
import type { Trigger } from "./trigger";

export type PlannedFirings = {
  lead_id: string;
  /** to be written under their number, replacing what is stored there */
  upserts: (Firing & { kind: TriggerKind })[];
  /** numbers that no longer exist, by trigger: this one and higher */
  removals: { trigger_id: string; from: number }[];
  /** firings whose number is new: each number is notified once */
  news: (Firing & { trigger: Trigger })[];
};

/**
 * `past`: the stored firings of each trigger in the order of their numbers, at least the last one before `from` and all later ones.
 * `moments` as for `evaluateTrigger`.
 */
export function planFirings(
  lead_id: string,
  triggers: readonly Trigger[],
  moments: readonly Moment[],
  from: EventCursor,
  past: readonly Firing[],
): PlannedFirings {
  const plan: PlannedFirings = { lead_id, upserts: [], removals: [], news: [] };
  const pastOf = Map.groupBy(past, ({ trigger_id }) => trigger_id);
  for (const trigger of triggers) {
    const before = pastOf.get(trigger.trigger_id) ?? [];
    planTrigger(plan, trigger, before, evaluateTrigger(trigger, moments, from, before));
  }
  return plan;
}

function planTrigger(plan: PlannedFirings, trigger: Trigger, before: readonly Firing[], after: readonly Firing[]): void {
  const first = before[0]?.n ?? 1;
  for (const firing of after) {
    const stored = before[firing.n - first];
    if (stored?.event_id !== firing.event_id || stored.score !== firing.score)
      plan.upserts.push({ ...firing, kind: trigger.condition.kind });
  }
  if (after.length < before.length) plan.removals.push({ trigger_id: trigger.trigger_id, from: first + after.length });
  // a late event may move firings to other events: only a new number is notified, with the latest events found
  const known = new Set(before.map(({ event_id }) => event_id));
  const found = after.filter(({ event_id }) => !known.has(event_id));
  for (let index = before.length; index < after.length; index++) {
    const firing = found[found.length - (after.length - index)] ?? after[index];
    if (firing) plan.news.push({ ...firing, n: first + index, trigger });
  }
}
