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

/** `past`: the lead's firings of all triggers, each trigger's in the order of their numbers. */
export function planFirings(
  lead_id: string,
  triggers: readonly Trigger[],
  moments: readonly Moment[],
  from: EventCursor,
  past: readonly Firing[],
): PlannedFirings {
  const plan: PlannedFirings = { lead_id, upserts: [], removals: [], news: [] };
  for (const trigger of triggers) {
    const before = past.filter(({ trigger_id }) => trigger_id === trigger.trigger_id);
    const after = evaluateTrigger(trigger, moments, from, before);
    const known = new Set(before.map(({ event_id }) => event_id));
    const found = after.filter(({ event_id }) => !known.has(event_id));
    for (const firing of after) {
      const stands = before[firing.n - 1];
      if (stands?.event_id !== firing.event_id || stands.score !== firing.score)
        plan.upserts.push({ ...firing, kind: trigger.condition.kind });
    }
    if (after.length < before.length) plan.removals.push({ trigger_id: trigger.trigger_id, from: after.length + 1 });
    // a late event may move firings to other events: only a new number is notified, with the latest events found
    for (let n = before.length + 1; n <= after.length; n++) {
      const firing = found[found.length - (after.length - n) - 1] ?? after[n - 1];
      if (firing) plan.news.push({ ...firing, n, trigger });
    }
  }
  return plan;
}
