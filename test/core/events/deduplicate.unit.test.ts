/** Which events of a batch are new: an id, and an Idempotency-Key, stand for one event. */
import { expect, it } from "vitest";
import { deduplicate, type KnownIds } from "../../../src/core/events/deduplicate";
import type { QueuedEvent } from "../../../src/core/events/event";

const event = (event_id: string, more: Partial<QueuedEvent> = {}): QueuedEvent => ({
  event_id,
  idempotency_key: null,
  lead_id: null,
  aliases: [["email", "ann@example.com", null]],
  event_type: "Page View",
  occurred_at: 0,
  received_at: 0,
  metadata: null,
  ...more,
});

const NOTHING: KnownIds = { known: new Set(), keys: new Map(), leads: new Set() };

function idsOf(events: QueuedEvent[], stored: Partial<KnownIds> = {}) {
  const { fresh, refused, duplicates } = deduplicate(events, { ...NOTHING, ...stored });
  return {
    fresh: fresh.map(({ event_id }) => event_id),
    refused: refused.map((refusal) => [refusal.event.event_id, refusal.status, refusal.duplicate_of]),
    duplicates,
  };
}

it("events with different ids are all new, in their order", () => {
  expect(idsOf([event("b"), event("a"), event("c")])).toEqual({ fresh: ["b", "a", "c"], refused: [], duplicates: 0 });
});

it("a stored id and a repeated one are dropped without a refusal: it is the same event", () => {
  const found = idsOf([event("a"), event("b"), event("b")], { known: new Set(["a"]) });
  expect(found).toEqual({ fresh: ["b"], refused: [], duplicates: 2 });
});

it.each<[string, QueuedEvent[], Partial<KnownIds>]>([
  ["stored with another event", [event("b", { idempotency_key: "k" })], { keys: new Map([["k", "a"]]) }],
  ["sent with another event of the batch", [event("a", { idempotency_key: "k" }), event("b", { idempotency_key: "k" })], {}],
  ["the id of a stored event", [event("b", { idempotency_key: "a" })], { known: new Set(["a"]) }],
  ["the id of another event of the batch", [event("a"), event("b", { idempotency_key: "a" })], {}],
])("another id under a key that is %s is refused as its duplicate", (_, events, stored) => {
  expect(idsOf(events, stored)).toMatchObject({ refused: [["b", "duplicate", "a"]], duplicates: 1 });
});

it("an event whose id is a key of another event is refused as its duplicate", () => {
  expect(idsOf([event("k")], { keys: new Map([["k", "a"]]) })).toEqual({ fresh: [], refused: [["k", "duplicate", "a"]], duplicates: 1 });
  expect(idsOf([event("a", { idempotency_key: "k" }), event("k")])).toMatchObject({ fresh: ["a"], refused: [["k", "duplicate", "a"]] });
});

it("an event that will be rejected for its lead uses up neither its id nor its key", () => {
  const lost = event("a", { lead_id: "nobody", aliases: [], idempotency_key: "k" });
  const known = event("a", { lead_id: "somebody", aliases: [], idempotency_key: "k" });
  const leads = new Set(["somebody"]);
  expect(idsOf([lost, known, known], { leads })).toEqual({ fresh: ["a", "a"], refused: [], duplicates: 1 });
  expect(idsOf([lost, event("b", { idempotency_key: "k" })], { leads })).toEqual({ fresh: ["a", "b"], refused: [], duplicates: 0 });
});
