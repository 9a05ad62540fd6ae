/** Events of merged leads: they belong to the target and record the lead that they would have belonged to. Pure. */
import { type AliasOwner, aliasKey, type MergedInto } from "../leads";
import type { QueuedEvent } from "./event";

/**
 * The events, with the surviving lead in place of a merged one and with their origin: the merged lead that they name by id, or that had
 * their first known alias before the merge. An unmerge gives them to that lead.
 */
export function withOrigins(events: readonly QueuedEvent[], merged: readonly MergedInto[], owners: readonly AliasOwner[]): QueuedEvent[] {
  const moved = owners.filter(({ moved_from }) => moved_from);
  if (merged.length === 0 && moved.length === 0) return [...events];
  const into = new Map(merged.map(({ named, lead_id }) => [named, lead_id]));
  const known = new Map(owners.map((owner) => [aliasKey(owner), owner.moved_from ?? null]));
  return events.map((event) => {
    if (event.lead_id !== null) {
      const lead_id = into.get(event.lead_id);
      return lead_id === undefined ? event : { ...event, lead_id, original_lead_id: event.lead_id };
    }
    const first = event.aliases.map(([kind, value]) => aliasKey({ kind, value })).find((key) => known.has(key));
    const origin = first === undefined ? null : known.get(first);
    return origin ? { ...event, original_lead_id: origin } : event;
  });
}
