/** The moment at which time alone may change an answer is never later than when it does. */

import { describe, expect, it } from "vitest";
import { type DecayState, nextCrossing, scoreAt } from "../../../src/core/scoring";
import { compares } from "../../../src/core/segments/match";
import { nextChange } from "../../../src/core/segments/next-change";
import type { EventCondition } from "../../../src/core/segments/schemas";
import { fc } from "../../support/fast-check";

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

const term = fc
  .tuple(fc.option(fc.integer({ min: 3_600_000, max: 90 * DAY_MS }), { nil: null }), fc.integer({ min: -100, max: 100 }), fc.nat(30))
  .map(([halfLife, value, days]): DecayState[number] => ["rs", halfLife, value, NOW - days * DAY_MS]);

describe("a score's next crossing", () => {
  it("comes before or with every change of side that a day-by-day look finds", () => {
    fc.assert(
      fc.property(
        fc.array(term, { maxLength: 5 }),
        fc.array(fc.integer({ min: -50, max: 150 }), { minLength: 1, maxLength: 4 }),
        (decay, bounds) => {
          const next = nextCrossing(decay, bounds, NOW);
          const sideAt = (at: number) => bounds.map((bound) => scoreAt(decay, at) >= bound).join();
          for (let at = NOW; at < NOW + 200 * DAY_MS && (next === null || at < next - 1_500); at += DAY_MS / 2)
            expect(sideAt(at)).toBe(sideAt(NOW));
          if (next !== null) expect(next).toBeGreaterThan(NOW);
        },
      ),
    );
  });

  it("is exact to about a second for one that only decays, and none without decay", () => {
    const decay: DecayState = [["rs", DAY_MS, 40, NOW]];
    const next = nextCrossing(decay, [10], NOW) ?? 0;
    expect(Math.abs(next - (NOW + 2 * DAY_MS))).toBeLessThan(2_000);
    expect(nextCrossing([["rs", null, 40, NOW]], [10], NOW)).toBeNull();
    expect(nextCrossing(decay, [50], NOW)).toBeNull();
  });
});

describe("events that leave a window", () => {
  it("never change the answer before that moment, whatever the comparison", () => {
    const operators = ["equals", "not_equals", "greater_than", "less_than", "greater_or_equal", "less_or_equal"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...operators),
        fc.nat(6),
        fc.array(fc.integer({ min: 0, max: 7 * DAY_MS }), { maxLength: 8 }),
        (operator, value, ages) => {
          const condition: EventCondition = { type: "event_count", operator, value, within_days: 7 };
          const times = ages.map((age) => NOW - age);
          const holdsAt = (at: number) => compares(operator, times.filter((time) => time >= at - 7 * DAY_MS).length, value);
          const timing = { decay: [], levels: [], eventTimes: new Map([[condition, times]]), nextEventAt: null };
          const next = nextChange(condition, timing, NOW);
          const changes = times.map((time) => time + 7 * DAY_MS + 1).filter((at) => holdsAt(at) !== holdsAt(NOW));
          // where several events leave at once, it may be a moment that changes nothing
          if (changes.length > 0) expect(next).not.toBeNull();
          expect(next ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(Math.min(...changes));
          if (next !== null) expect(times.map((time) => time + 7 * DAY_MS + 1)).toContain(next);
        },
      ),
    );
  });
});
