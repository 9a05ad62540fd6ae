/** Which events of a batch are new, given what is stored and what precedes them in the batch. Pure. */
import type { QueuedEvent } from "./event";
import type { RefusedEvent } from "./store";

export type KnownIds = {
  /** ids of events that are already on a timeline */
  known: ReadonlySet<string>;
  /** event ids by Idempotency-Key */
  keys: ReadonlyMap<string, string>;
  /** those leads named by id that exist */
  leads: ReadonlySet<string>;
};

export type DedupResult = { fresh: QueuedEvent[]; refused: RefusedEvent[]; duplicates: number };

/**
 * Drops events that are already stored and repetitions within the batch. An Idempotency-Key identifies one event: the one whose id it is,
 * or the one that was sent with it. An event that will be rejected does not use up its id or key: it may be sent again and count.
 */
export function deduplicate(events: readonly QueuedEvent[], { known, keys, leads }: KnownIds): DedupResult {
  const seen = new Set(known);
  const keyed = new Map(keys);
  const dedup: DedupResult = { fresh: [], refused: [], duplicates: 0 };
  for (const event of events) {
    const { event_id, idempotency_key: key } = event;
    const original = keyed.get(key ?? event_id) ?? (key !== null && seen.has(key) ? key : undefined);
    if (seen.has(event_id)) dedup.duplicates += 1;
    else if (original !== undefined) {
      dedup.duplicates += 1;
      const reason = `The Idempotency-Key stands for the event ${original}`;
      dedup.refused.push({ event, status: "duplicate", duplicate_of: original, reason });
    } else {
      dedup.fresh.push(event);
      if (event.lead_id !== null && !leads.has(event.lead_id)) continue;
      seen.add(event_id);
      if (key !== null) keyed.set(key, event_id);
    }
  }
  return dedup;
}
