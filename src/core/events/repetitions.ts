/** Which events of a batch are new: told by what is stored and by what comes before them in the batch. Pure. */
import type { QueuedEvent } from "./event";
import type { RefusedEvent } from "./store";

export type KnownIds = {
  /** ids of events that are on a timeline already */
  known: ReadonlySet<string>;
  /** event ids by Idempotency-Key */
  keys: ReadonlyMap<string, string>;
  /** leads that exist, of those that events name by id */
  leads: ReadonlySet<string>;
};

export type SiftedEvents = { fresh: QueuedEvent[]; refused: RefusedEvent[]; duplicates: number };

/**
 * Leaves out what is stored already, and what comes twice at once. A key stands for one event: for the one that is called so, or for the
 * one that was sent with it. An event that will be rejected stands for nothing: it may come again and count.
 */
export function withoutRepetitions(events: readonly QueuedEvent[], { known, keys, leads }: KnownIds): SiftedEvents {
  const seen = new Set(known);
  const keyed = new Map(keys);
  const sifted: SiftedEvents = { fresh: [], refused: [], duplicates: 0 };
  for (const event of events) {
    const { event_id, idempotency_key: key } = event;
    const original = keyed.get(key ?? event_id) ?? (key !== null && seen.has(key) ? key : undefined);
    if (seen.has(event_id)) sifted.duplicates += 1;
    else if (original !== undefined) {
      sifted.duplicates += 1;
      const reason = `The Idempotency-Key stands for the event ${original}`;
      sifted.refused.push({ event, status: "duplicate", duplicate_of: original, reason });
    } else {
      sifted.fresh.push(event);
      if (event.lead_id !== null && !leads.has(event.lead_id)) continue;
      seen.add(event_id);
      if (key !== null) keyed.set(key, event_id);
    }
  }
  return sifted;
}
