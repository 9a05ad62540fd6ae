/** An explanation sums to the score, to the cent, whatever the score is made of. */

import { expect, it } from "vitest";
import { type Contribution, compareContributions, decayed, scoreAt } from "../../../src/core/scoring/decay";
import { type ContributionSum, explain as explainSums } from "../../../src/core/scoring/explain";
import { foldContributions } from "../../../src/core/scoring/replay";
import { fc } from "../../support/fast-check";

const DAY_MS = 86_400_000;
const LABELS = new Map([["r2", { event_type: "Page View", filter_label: "path contains /pricing" }]]);

const rows = fc
  .uniqueArray(
    fc.record({
      at: fc.integer({ min: 0, max: 90 * DAY_MS }),
      event_id: fc.uuid(),
      rule_id: fc.constantFrom("r1", "r2", "r3", "r4"),
      ruleset_id: fc.constant("s1"),
      weight: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constantFrom(1, 10, -10, 1_000_000)),
      half_life_ms: fc.oneof(fc.constant(null), fc.integer({ min: 1000, max: 365 * DAY_MS })),
    }),
    { selector: ({ event_id, rule_id }) => event_id + rule_id, maxLength: 60 },
  )
  .map((found) => found.sort(compareContributions));

/** The sums as the database returns them. */
function explain(found: readonly Contribution[], since: number, at: number) {
  const groups = Map.groupBy(found, ({ rule_id, weight, at }) => `${rule_id} ${weight} ${at >= since}`);
  const sums = [...groups.values()].map((group): ContributionSum => {
    const [{ rule_id, ruleset_id, weight, at: time }] = group as [Contribution];
    const left = group.reduce((sum, each) => sum + decayed(weight, each.half_life_ms, at - each.at), 0);
    return { rule_id, ruleset_id, weight, in_range: time >= since ? 1 : 0, count: group.length, left };
  });
  return explainSums(sums, LABELS);
}

it("drivers and what lies outside the range sum to the score, to the cent", () => {
  fc.assert(
    fc.property(rows, fc.nat(200), fc.nat(2400), (found, daysOn, hours) => {
      const at = (found.at(-1)?.at ?? 0) + daysOn * DAY_MS;
      for (const since of [Number.NEGATIVE_INFINITY, at - hours * 3_600_000]) {
        const { score, drivers, outside_range } = explain(found, since, at);
        expect(Math.abs(score - scoreAt(foldContributions(found), at) * 100)).toBeLessThan(0.5 + 1e-6);
        expect(drivers.reduce((sum, { cents }) => sum + cents, 0) + outside_range).toBe(score);
        for (const { cents, count, weight, total } of drivers) {
          expect(Number.isInteger(cents)).toBe(true);
          expect(total).toBe(count * weight);
        }
        expect(drivers.reduce((sum, { count }) => sum + count, 0)).toBe(found.filter((each) => each.at >= since).length);
        if (since === Number.NEGATIVE_INFINITY) expect(outside_range).toBe(0);
      }
    }),
    { numRuns: 500 },
  );
});

it("no driver is a cent and more away from what it truly adds", () => {
  fc.assert(
    fc.property(rows, (found) => {
      const at = (found.at(-1)?.at ?? 0) + DAY_MS;
      for (const { rule_id, weight, cents } of explain(found, Number.NEGATIVE_INFINITY, at).drivers) {
        const own = found.filter((each) => each.rule_id === rule_id && each.weight === weight);
        const exact = own.reduce(
          (sum, each) => sum + each.weight * (each.half_life_ms === null ? 1 : 0.5 ** ((at - each.at) / each.half_life_ms)),
          0,
        );
        expect(Math.abs(cents / 100 - exact)).toBeLessThan(0.011);
      }
    }),
  );
});

it("whole points stay whole: nothing that does not fade loses a cent", () => {
  fc.assert(
    fc.property(rows, (found) => {
      const lasting = found.map((each) => ({ ...each, half_life_ms: null }));
      for (const { cents, total } of explain(lasting, Number.NEGATIVE_INFINITY, 91 * DAY_MS).drivers) expect(cents).toBe(total * 100);
    }),
  );
});

it("a rule whose weight was changed is two drivers; the biggest comes first, and filters are named", () => {
  const row = (at: number, rule_id: string, weight: number) => ({
    at,
    event_id: `e${at}`,
    rule_id,
    ruleset_id: "s1",
    weight,
    half_life_ms: null,
  });
  const found = [row(1, "r1", 10), row(2, "r1", 10), row(3, "r1", 15), row(4, "r2", -40)];
  expect(explain(found, Number.NEGATIVE_INFINITY, 10)).toEqual({
    score: -500,
    outside_range: 0,
    drivers: [
      expect.objectContaining({ rule_id: "r2", weight: -40, count: 1, total: -40, cents: -4000, filter_label: "path contains /pricing" }),
      expect.objectContaining({ rule_id: "r1", weight: 10, count: 2, total: 20, cents: 2000, filter_label: null }),
      expect.objectContaining({ rule_id: "r1", weight: 15, count: 1, total: 15, cents: 1500 }),
    ],
  });
});

it("nobody's score is nothing", () => {
  expect(explain([], Number.NEGATIVE_INFINITY, 5)).toEqual({ score: 0, drivers: [], outside_range: 0 });
});
