/** Levels as the page edits them: no draft overlaps by moving a boundary, and every lead is in one bar. */
import { describe, expect, it } from "vitest";
import {
  addLevel,
  binsOf,
  type DraftLevel,
  leadsBetween,
  moveStart,
  rangeOfStart,
  removeLevel,
} from "../../src/console/client/pages/scoring/levels-draft";

const level = (name: string, min_score: number, max_score: number | null): DraftLevel => ({
  level_id: null,
  name,
  min_score,
  max_score,
  color: "#64748b",
  position: 0,
});
const LEVELS = [level("Cold", 0, 24), level("Warm", 25, 49), level("Hot", 60, null)];
const ranges = (levels: readonly DraftLevel[]) => levels.map(({ min_score, max_score }) => [min_score, max_score]);

describe("where a level begins", () => {
  it("moves together with the end of the level below, where the two touch", () => {
    expect(ranges(moveStart(LEVELS, 1, 30))).toEqual([
      [0, 29],
      [30, 49],
      [60, null],
    ]);
    expect(ranges(moveStart(LEVELS, 2, 55))).toEqual([
      [0, 24],
      [25, 49],
      [55, null],
    ]);
  });

  it("stays above the level below and below its own end, however far it is dragged", () => {
    expect(rangeOfStart(LEVELS, 1)).toEqual({ least: 1, most: 49 });
    expect(ranges(moveStart(LEVELS, 1, -1_000))[1]).toEqual([1, 49]);
    expect(ranges(moveStart(LEVELS, 1, 1_000))[1]).toEqual([49, 49]);
    expect(ranges(moveStart(LEVELS, 2, 10))[2]).toEqual([50, null]);
    expect(ranges(moveStart(LEVELS, 0, -5.4))[0]).toEqual([-5, 24]);
  });
});

it("a level that is added begins where the highest one ends then; one that is removed leaves its scores to the one below", () => {
  expect(ranges(addLevel([]))).toEqual([[0, null]]);
  expect(ranges(addLevel(LEVELS)).slice(2)).toEqual([
    [60, 94],
    [95, null],
  ]);
  expect(ranges(addLevel([level("Only", 0, 9)]))).toEqual([
    [0, 9],
    [10, null],
  ]);
  expect(ranges(removeLevel(LEVELS, 1))).toEqual([
    [0, 49],
    [60, null],
  ]);
  expect(ranges(removeLevel(LEVELS, 2))).toEqual(ranges(LEVELS.slice(0, 2)));
});

describe("bars", () => {
  const scores: [number, number][] = [
    [-3, 1],
    [0, 40],
    [12, 30],
    [55, 20],
    [9_000, 1],
  ];
  const leads = 92;

  it("hold every lead once, the few with very high scores in the last one", () => {
    const { from, to, bins } = binsOf({ scores, leads }, [0, 50]);
    expect(bins.reduce((sum, bin) => sum + bin.leads, 0)).toBe(leads);
    expect([from <= -3, to > 55, to < 200, bins.length <= 45, bins.at(-1)?.leads]).toEqual([true, true, true, true, 1]);
    expect(new Set(bins.map((bin) => bin.to - bin.from)).size).toBe(1);
  });

  it("reach as far as the levels do, and are drawn without any lead", () => {
    expect(binsOf({ scores: [], leads: 0 }, [0, 500]).to).toBeGreaterThan(500);
    expect(binsOf({ scores: [], leads: 0 }, []).bins.every((bin) => bin.leads === 0)).toBe(true);
  });

  it("leads between two scores are counted with both of them", () => {
    expect(leadsBetween({ scores }, 0, 12)).toBe(70);
    expect(leadsBetween({ scores }, 13, null)).toBe(21);
  });
});
