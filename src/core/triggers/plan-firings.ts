/** What a change of a lead's events does to its firings. Pure. */
import type { Position } from "../scoring";
import { evaluateTrigger, type Firing, type Moment } from "./evaluate";
import type { Trigger, TriggerKind } from "./trigger";

export type PlannedFirings = {
  lead_id: string;
  /** to be written over what stands under their number */
  upserts: (Firing & { kind: TriggerKind })[];
  /** numbers that no longer exist, by trigger: from this one on */
  removals: { trigger_id: string; from: number }[];
  /** what happened for the first time: somebody is to be told, once for each number */
  news: (Firing & { trigger: Trigger })[];
};

/** `past` are the lead's firings by any trigger, in the order of their numbers. */
export function planFirings(
  lead_id: string,
  triggers: readonly Trigger[],
  moments: readonly Moment[],
  from: Position,
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
    // a late event may move firings to other events; only a number that is new is news, told of the last events found
    for (let n = before.length + 1; n <= after.length; n++) {
      const firing = found[found.length - (after.length - n) - 1] ?? after[n - 1];
      if (firing) plan.news.push({ ...firing, n, trigger });
    }
  }
  return plan;
}
