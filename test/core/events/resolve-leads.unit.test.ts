/** Which lead an event belongs to: no batch gives a lead more aliases than a row may hold. */
import { expect, it } from "vitest";
import type { QueuedAlias, QueuedEvent } from "../../../src/core/events/event";
import { resolveLeads } from "../../../src/core/events/resolve-leads";
import { ALIASES_PER_LEAD_MAX } from "../../../src/core/leads";

const STORED = "a".repeat(32);
const EMAIL: QueuedAlias = ["email", "noemail@example.com", null];

const event = (n: number): QueuedEvent => ({
  event_id: `event-${n}`,
  idempotency_key: null,
  lead_id: null,
  aliases: [EMAIL, ...Array.from({ length: 19 }, (_, at): QueuedAlias => ["cookie", `${n}-${at}`, null])],
  event_type: "Page View",
  occurred_at: 0,
  received_at: 0,
  metadata: null,
});
const EVENTS = Array.from({ length: 60 }, (_, n) => event(n));

it.each([
  ["a lead of this batch", new Map<string, string>(), new Map<string, number>(), ALIASES_PER_LEAD_MAX],
  ["a stored lead", new Map([["email:noemail@example.com", STORED]]), new Map([[STORED, 990]]), 10],
])("%s gains no alias over the limit, and its events stay its own", (_, owners, counts, gained) => {
  const { found, leads } = resolveLeads(EVENTS, owners, counts, () => "b".repeat(32), 0);
  expect([...leads.inserts, ...leads.updates].map(({ aliases }) => aliases.length)).toEqual([gained]);
  expect(new Set(found.map(({ lead_id }) => lead_id)).size).toBe(1);
  expect(found).toHaveLength(EVENTS.length);
});
