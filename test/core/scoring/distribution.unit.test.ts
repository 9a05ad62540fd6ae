/** Scores in equal ranges. */
import { describe, expect, it } from "vitest";
import { binsOf } from "../../../src/core/scoring";
import { fc } from "../../support/fast-check";

describe("the distribution of scores", () => {
  it("has no range without scores, and one range for scores that are all 0", () => {
    expect(binsOf([])).toEqual([]);
    expect(binsOf([0, 0])).toEqual([{ from: 0, to: 1, leads: 2 }]);
  });

  it("puts a score at the lower end of a range into that range", () => {
    expect(binsOf([0, 9.99, 10, 95])).toEqual([
      { from: 0, to: 5, leads: 1 },
      { from: 5, to: 10, leads: 1 },
      { from: 10, to: 15, leads: 1 },
      ...Array.from({ length: 16 }, (_, at) => ({ from: 15 + at * 5, to: 20 + at * 5, leads: 0 })),
      { from: 95, to: 100, leads: 1 },
    ]);
  });

  it("counts every score once, in at most 21 ranges that begin at 0 or below and have no gap", () => {
    const score = fc.oneof(
      fc.integer({ min: -100_000_000, max: 100_000_000 }).map((cents) => cents / 100),
      fc.integer({ min: -50, max: 500 }),
    );
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 50 }), (scores) => {
        const bins = binsOf(scores);
        expect(bins.reduce((sum, { leads }) => sum + leads, 0)).toBe(scores.length);
        expect(bins.length).toBeLessThanOrEqual(21);
        expect(bins[0]?.from).toBeLessThanOrEqual(0);
        for (const [at, { from }] of bins.entries()) if (at > 0) expect(from).toBe(bins[at - 1]?.to);
        for (const score of scores) expect(bins.some(({ from, to }) => from <= score && score < to)).toBe(true);
      }),
    );
  });
});
