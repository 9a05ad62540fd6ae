/** Numbers by day: what is known, and what is not. */
import { describe, expect, it } from "vitest";
import { completeFrom, seriesOf, sizesOf } from "../../../src/core/overview/series";

const days = { first: 100, length: 5 };

describe("a series", () => {
  it("has 0 for a day on which nothing happened, and null for a day that was not read", () => {
    const rows = [
      { day: 101, n: 7 },
      { day: 103, n: 2 },
    ];
    expect(seriesOf(rows, days, ({ n }) => n)).toEqual([0, 7, 0, 2, 0]);
    expect(seriesOf(rows, days, ({ n }) => n, 102)).toEqual([null, null, 0, 2, 0]);
  });

  it("does not trust the oldest day of a read that ended at its limit", () => {
    const rows = [{ day: 104 }, { day: 102 }];
    expect(completeFrom(rows, 9, 10, 100)).toBe(100);
    expect(completeFrom(rows, 10, 10, 100)).toBe(103);
  });

  it("holds a measured size until the next measure; before the first one it is not known", () => {
    const measured = [
      { day: 101, size: 5 },
      { day: 102, size: null },
      { day: 103, size: 9 },
    ];
    expect(sizesOf(measured, days, 11)).toEqual([null, 5, 5, 9, 11]);
  });
});
