/** Which events an org unit has room for: the quotas of leads and of event types. Pure. */
import { type QuotaName, type QuotaSettings, quotaOf, quotaReached } from "../../quotas";
import { typeKey } from "../scoring";
import type { QueuedEvent } from "./event";

/** `types`: of the batch, those that the unit has not seen. */
export type Used = { leads: number; known_types: number; new_types: ReadonlySet<string> };
/** `quota`: null for what no quota is the reason of. */
export type Rejection = { event: QueuedEvent; reason: string; quota: QuotaName | null };

type Limited = { limits: QuotaSettings };

const overQuota = (event: QueuedEvent, unit: Limited, quota: QuotaName): Rejection => ({
  event,
  reason: quotaReached(quota, quotaOf(unit, quota)).message,
  quota,
});

/** Events whose type is known, or among the first new ones that fit. */
export function admitTypes(events: readonly QueuedEvent[], used: Used, unit: Limited): { admitted: QueuedEvent[]; rejected: Rejection[] } {
  const room = quotaOf(unit, "event_types") - used.known_types;
  const added = new Set<string>();
  const split = { admitted: [] as QueuedEvent[], rejected: [] as Rejection[] };
  for (const event of events) {
    const key = typeKey(event.event_type);
    if (event.call === undefined && used.new_types.has(key) && !added.has(key)) {
      if (added.size >= room) {
        split.rejected.push(overQuota(event, unit, "event_types"));
        continue;
      }
      added.add(key);
    }
    split.admitted.push(event);
  }
  return split;
}

/** The events of new leads that do not fit, in the order in which the leads appear. */
export function withoutRoom(
  found: readonly { event: QueuedEvent; lead_id: string }[],
  newLeads: readonly { lead_id: string }[],
  used: Used,
  unit: Limited,
): Rejection[] {
  const room = Math.max(0, quotaOf(unit, "leads") - used.leads);
  if (newLeads.length <= room) return [];
  const isNew = new Set(newLeads.map(({ lead_id }) => lead_id));
  const fitting = new Set<string>();
  return found.flatMap(({ event, lead_id }) => {
    if (!isNew.has(lead_id) || fitting.has(lead_id)) return [];
    if (fitting.size < room) {
      fitting.add(lead_id);
      return [];
    }
    return [overQuota(event, unit, "leads")];
  });
}
