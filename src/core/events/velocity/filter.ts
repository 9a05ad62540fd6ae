/** Velocity filters, and which of a lead's new events they suppress. Pure. */
import type { SuppressionReason } from "../../../vocabulary";
import { compareCursors, type EventCursor } from "../../scoring";

export type VelocityFilter = {
  filter_id: string;
  event_type: string;
  type_key: string;
  /** events of a lead within the window that still count */
  threshold: number;
  window_ms: number;
  /** the burst counts as one visit: its later events are grouped with the first */
  keep_first: boolean;
  active: boolean;
  created_at: number;
  updated_at: number;
};

/** An event of a lead, as far as a filter looks at it. */
export type WatchedEvent = EventCursor & { type_key: string };

/**
 * Why new events are suppressed, by event id: with them, more events of their type than the filter's threshold lie in the window that
 * ends with them, suppressed ones included. `known`: the lead's stored events in the windows. Stored events are not evaluated again.
 */
export function suppressions(
  filters: readonly VelocityFilter[],
  known: readonly WatchedEvent[],
  added: readonly WatchedEvent[],
): Map<string, SuppressionReason> {
  const suppressed = new Map<string, SuppressionReason>();
  for (const { type_key, threshold, window_ms, keep_first } of filters) {
    const fresh = new Set(added.filter((event) => event.type_key === type_key).map(({ event_id }) => event_id));
    if (fresh.size === 0) continue;
    const events = [...known, ...added].filter((event) => event.type_key === type_key).sort(compareCursors);
    let first = 0;
    for (const [index, { at, event_id }] of events.entries()) {
      while ((events[first]?.at ?? at) <= at - window_ms) first += 1;
      const isTooMany = index - first + 1 > threshold;
      if (isTooMany && fresh.has(event_id) && !suppressed.has(event_id))
        suppressed.set(event_id, keep_first ? "inorganic_grouped" : "inorganic");
    }
  }
  return suppressed;
}
