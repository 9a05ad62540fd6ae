/** The order, the number and the company in which events come change nothing: against the real database. */

import { expect, it } from "vitest";
import {
  blockEndingIds,
  deliverEvents,
  insertTrigger,
  milestone,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  outcomeOf,
  rowsOf,
} from "../../support/events";
import { fc } from "../../support/fast-check";
import type { Client } from "../../support/tenant";

const RUNS = 25;
const TIMEOUT_MS = 120_000;
const START = Date.parse("2026-03-01T22:00:00Z");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const CLOSING = blockEndingIds(7);
const LEADS = [
  ["email", "a@example.com"],
  ["cookie", "c1"],
  ["external_id", "CRM-7"],
] as const;

const event = fc.record({
  lead: fc.constantFrom(...LEADS),
  event_type: fc.constantFrom("Page View", "page_view", "Demo Request", "Bounce", "Open"),
  /** a few share a moment */
  occurred_at: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 5 })).map((steps) => START + steps * 11 * 60_000),
  /** some were sent before their time, most after */
  lag_ms: fc.oneof(fc.integer({ min: 0, max: 5 * DAY_MS }), fc.integer({ min: -DAY_MS, max: 0 })),
  metadata: fc.constantFrom(null, { path: "/pricing" }, { path: "/blog", amount: 250 }, { amount: "30" }),
});

/** Events, and how they come: every one of them, some again, in any order, in messages and batches of any size. */
const arrival = fc.array(event, { minLength: 2, maxLength: 16 }).chain((events) => {
  const all = [...events.keys()];
  return fc.record({
    events: fc.constant(events),
    order: fc
      .tuple(
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.array(fc.constantFrom(...all), { maxLength: 6 }),
      )
      .chain(([each, again]) =>
        fc.shuffledSubarray([...each.map((index) => [index, 0]), ...again.map((index, n) => [index, n + 1])], {
          minLength: each.length + again.length,
          maxLength: each.length + again.length,
        }),
      ),
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
    together: fc.boolean(),
  });
});

async function mintRulebook({ client, unit }: { client: Client; unit: number }): Promise<void> {
  const [behaviour, intent] = [await mintRuleset(client, "Behaviour"), await mintRuleset(client, "Intent")];
  await mintRule(client, { event_type: "Page View", weight: 7, half_life_days: 1 }, behaviour);
  await mintRule(client, { event_type: "page view", weight: 3 }, behaviour);
  await mintRule(client, { event_type: "Bounce", weight: -9, half_life_days: 0.1 }, behaviour);
  await mintRule(client, { event_type: "Bounce", weight: -4 }, intent);
  const pricing = [{ field: "path", operator: "starts_with", value: "/pricing" }];
  await mintRule(client, { event_type: "Page View", weight: 11, half_life_days: 0.37, attribute_filters: pricing }, intent);
  const large = [{ field: "amount", operator: "gte", value: 30 }];
  await mintRule(client, { event_type: "Demo Request", weight: 20, half_life_days: 1, attribute_filters: large }, intent);
  await insertTrigger(unit, "milestone", milestone(20));
  await insertTrigger(unit, "milestone", milestone(10, { fire_mode: "always", cooldown_seconds: 3600 }));
  await insertTrigger(unit, "milestone", milestone(5, { fire_mode: "always", event_type: "Page View" }));
  await insertTrigger(unit, "sequence", { event_types: ["Page View", "Open"], window_seconds: 7200, window_unit: null, ordered: true });
  await insertTrigger(unit, "sequence", {
    event_types: ["Open", "Open", "Bounce"],
    window_seconds: 9000,
    window_unit: null,
    ordered: false,
  });
  await insertTrigger(unit, "surge", { event_type: null, threshold: 3, window_seconds: 3600 });
}

/** Explanations of all leads at one moment, under names that do not change. */
async function explanationsOf({ client, unit }: { client: Client; unit: number }): Promise<string[]> {
  const aliases = await rowsOf<{ value: string; lead_id: string }>(unit, "aliases", "value");
  const rules = await rowsOf<{ rule_id: string; ruleset_id: string }>(unit, "rules", "rule_id");
  const texts = [];
  for (const { value, lead_id } of aliases) {
    const answer = await client.get(`/lead/${lead_id}/score-explain?at=${new Date(START + 6 * DAY_MS).toISOString()}`);
    expect(answer.status).toBe(200);
    let text = (await answer.text()).replaceAll(lead_id, value);
    for (const [index, { rule_id, ruleset_id }] of rules.entries())
      text = text.replaceAll(rule_id, `rule ${index}`).replaceAll(ruleset_id, index < 3 ? "first" : "second");
    texts.push(text);
  }
  return texts;
}

it(
  "any permutation, repetition and batching of events ends in the same scores, explanations, contributions and firings",
  async () => {
    let [firings, blocks] = [0, 0];
    await fc.assert(
      fc.asyncProperty(arrival, async ({ events, order, sizes, together }) => {
        const queued = events.map(({ lead: [kind, value], lag_ms, ...rest }, index) => ({
          ...rest,
          // ids are in no order of time, and every third ends a block of the ledger
          event_id: index % 3 === 2 ? (CLOSING[(index * 5) % CLOSING.length] ?? "") : `event-${(index * 7) % 31}`,
          idempotency_key: null,
          lead_id: null,
          aliases: [[kind, value, null]],
          received_at: rest.occurred_at + lag_ms,
        }));
        const outcomes = [];
        for (const arriving of [
          [...events.keys()].map((index) => [index]),
          cut(
            order.map(([index = 0]) => index),
            sizes,
          ),
        ]) {
          const tenant = await mintUnitTenant();
          await mintRulebook(tenant);
          const messages = arriving.map((part) => ({ unit: tenant.unit, events: part.map((index) => queued[index]) }));
          // told in order, one by one; then as they come
          const batches = outcomes.length === 1 && together ? cut(messages, sizes.toReversed()) : messages.map((message) => [message]);
          for (const batch of batches) expect((await deliverEvents(batch)).retried).toEqual([]);
          outcomes.push({ ...(await outcomeOf(tenant.unit)), explanations: await explanationsOf(tenant) });
        }
        expect(outcomes[1]).toEqual(outcomes[0]);
        expect(outcomes[0]?.events).toHaveLength(events.length);
        firings += outcomes[0]?.firings.length ?? 0;
        blocks += outcomes[0]?.blocks.length ?? 0;
      }),
      { numRuns: RUNS },
    );
    // the property is worth something only while things fire
    expect(firings).toBeGreaterThan(RUNS);
    expect(blocks).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);

/** Parts of these sizes, over and over. */
function cut<Item>(items: readonly Item[], sizes: readonly number[]): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; ) {
    const size = sizes[parts.length % sizes.length] ?? 1;
    parts.push(items.slice(from, from + size));
    from += size;
  }
  return parts;
}
