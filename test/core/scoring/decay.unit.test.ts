/** A score as a fold over contributions: the half-life, the one order, and what can be said of it at any time. */

import { describe, expect, it } from "vitest";
import {
  addContribution,
  boundAt,
  type Contribution,
  compareContributions,
  compareCursors,
  type DecayState,
  decayed,
  type EventCursor,
  endsBlock,
  scoreAt,
  scoresByRuleset,
} from "../../../src/core/scoring/decay";
import { hourlyScores as collectHourlyScores } from "../../../src/core/scoring/history";
import { type LedgerRange, openedRanges, replayLedger, segmentsOf } from "../../../src/core/scoring/ledger";
import { type Level, levelOf } from "../../../src/core/scoring/levels";
import { EMPTY_FOLD, foldContributions, replay, stepsOf } from "../../../src/core/scoring/replay";
import { contributionsOf, countsFrom, halfLifeMs, rulesByType, typeKey } from "../../../src/core/scoring/rule";
import { fc } from "../../support/fast-check";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const contribution = (
  at: number,
  weight: number,
  half_life_days: number | null = null,
  more: Partial<Contribution> = {},
): Contribution => ({
  at,
  event_id: `e${at}`,
  rule_id: "r1",
  ruleset_id: "s1",
  weight,
  half_life_ms: halfLifeMs(half_life_days),
  ...more,
});

const contributions = fc
  .uniqueArray(
    fc.record({
      at: fc.integer({ min: 0, max: 50 }).map((hours) => hours * 7 * HOUR_MS),
      event_id: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"),
      rule_id: fc.constantFrom("r1", "r2", "r3"),
      ruleset_id: fc.constantFrom("s1", "s2"),
      weight: fc.integer({ min: -100, max: 100 }),
      half_life_ms: fc.constantFrom(null, DAY_MS, 14 * DAY_MS, Math.round(0.37 * DAY_MS)),
    }),
    { selector: ({ at, event_id, rule_id }) => `${at} ${event_id} ${rule_id}`, maxLength: 40 },
  )
  .map((found) => found.sort(compareContributions));

describe("half-life", () => {
  it.each([
    [0, "10.00"],
    [14, "5.00"],
    [28, "2.50"],
    [30, "2.26"],
    [56, "0.63"],
    [90, "0.12"],
  ])("weight 10 with a half-life of 14 days is worth, after %i days, %s", (days, worth) => {
    expect(scoreAt(foldContributions([contribution(0, 10, 14)]), days * DAY_MS).toFixed(2)).toBe(worth);
  });

  it("without one a contribution never fades, and none is worth more before its time", () => {
    expect(decayed(10, null, 1e15)).toBe(10);
    expect(decayed(10, DAY_MS, -1)).toBe(10);
    expect(decayed(-10, DAY_MS, DAY_MS)).toBe(-5);
  });

  it("is kept in whole milliseconds", () => {
    expect([halfLifeMs(14), halfLifeMs(1 / 86_400), halfLifeMs(1 / 3), halfLifeMs(null)]).toEqual([14 * DAY_MS, 1000, 28_800_000, null]);
  });
});

describe("the fold", () => {
  it("adds up what has one half-life, and keeps others apart", () => {
    const decay = foldContributions([
      contribution(0, 10, 14),
      contribution(14 * DAY_MS, 10, 14),
      contribution(14 * DAY_MS, 3, null, { event_id: "x" }),
    ]);
    expect(decay).toEqual([
      ["s1", null, 3, 14 * DAY_MS],
      ["s1", 14 * DAY_MS, 15, 14 * DAY_MS],
    ]);
    expect(scoreAt(decay, 28 * DAY_MS)).toBe(10.5);
  });

  it("is the sum of its contributions, each decayed by itself", () => {
    fc.assert(
      fc.property(contributions, fc.nat(400), (found, hours) => {
        const at = (found.at(-1)?.at ?? 0) + hours * HOUR_MS;
        const sum = found.reduce((total, each) => total + decayed(each.weight, each.half_life_ms, at - each.at), 0);
        expect(scoreAt(foldContributions(found), at)).toBeCloseTo(sum, 8);
      }),
    );
  });

  it("gone on with is, to the last bit, what it is at once: also through JSON", () => {
    fc.assert(
      fc.property(contributions, fc.nat(40), (found, cut) => {
        const stored = JSON.parse(JSON.stringify(foldContributions(found.slice(0, cut)))) as DecayState;
        const goneOn = found.slice(cut).reduce<DecayState>((decay, each) => addContribution(decay, each), stored);
        expect(goneOn).toEqual(foldContributions(found));
      }),
    );
  });

  it("splits by ruleset without a rest", () => {
    fc.assert(
      fc.property(contributions, (found) => {
        const at = (found.at(-1)?.at ?? 0) + DAY_MS;
        const decay = foldContributions(found);
        const sum = [...scoresByRuleset(decay, at).values()].reduce((total, score) => total + score, 0);
        expect(sum).toBeCloseTo(scoreAt(decay, at), 8);
      }),
    );
  });

  it("never rises above its bound, however long it fades", () => {
    fc.assert(
      fc.property(contributions, fc.nat(5000), fc.nat(5000), (found, first, then) => {
        const from = (found.at(-1)?.at ?? 0) + first * HOUR_MS;
        const decay = foldContributions(found);
        expect(scoreAt(decay, from + then * HOUR_MS)).toBeLessThanOrEqual(boundAt(decay, from) + 1e-9);
      }),
    );
  });

  it("a bound never grows with time", () => {
    fc.assert(
      fc.property(contributions, fc.nat(5000), (found, hours) => {
        const from = found.at(-1)?.at ?? 0;
        expect(boundAt(foldContributions(found), from + hours * HOUR_MS)).toBeLessThanOrEqual(
          boundAt(foldContributions(found), from) + 1e-9,
        );
      }),
    );
  });
});

describe("blocks", () => {
  it.each([
    ["in a row", (n: number) => `event-${n}`],
    ["minted", (n: number) => `evt_${n.toString(16).padStart(12, "0")}7000800${"0123456789abcdef"[n % 16]}${(n * 7919).toString(16)}`],
    ["of a CRM", (n: number) => `CRM/2026-03-01/${n * 17}`],
  ])("there is one for each 1,000 contributions, give or take, whatever the ids look like: %s", (_, idOf) => {
    for (const rules of [1, 2, 10]) {
      const events = 200_000 / rules;
      const ended = Array.from({ length: events }, (_, n) => endsBlock(idOf(n), rules)).filter(Boolean).length;
      expect(ended).toBeGreaterThan(140);
      expect(ended).toBeLessThan(260);
    }
  });

  it("an event that contributes nothing ends none, one with 1,000 contributions always does", () => {
    expect(endsBlock("x", 0)).toBe(false);
    for (let n = 0; n < 100; n++) expect(endsBlock(`x${n}`, 1000)).toBe(true);
  });

  /** Many of these ids end a block. */
  const ending = Array.from({ length: 100_000 }, (_, n) => `e${n}`).filter((id) => endsBlock(id, 1));
  const ledger = fc
    .uniqueArray(
      fc.record({
        at: fc.integer({ min: 0, max: 50 }).map((hours) => hours * 7 * HOUR_MS),
        event_id: fc.oneof(fc.constantFrom(...ending.slice(0, 20)), fc.constantFrom(...ending.slice(0, 20).map((id) => `${id}-x`))),
        rule_id: fc.constantFrom("r1", "r2"),
        ruleset_id: fc.constantFrom("s1", "s2"),
        weight: fc.integer({ min: -100, max: 100 }),
        half_life_ms: fc.constantFrom(null, DAY_MS, Math.round(0.37 * DAY_MS)),
      }),
      { selector: ({ event_id, rule_id }) => `${event_id} ${rule_id}`, minLength: 2, maxLength: 40, size: "max" },
    )
    .map((found) => {
      // an event has one time
      const times = new Map(found.map(({ event_id, at }) => [event_id, at]));
      return stepsOf(found.map((each) => ({ ...each, at: times.get(each.event_id) ?? each.at })).sort(compareContributions));
    });

  it("a late event refolds its own block and ends, to the last bit, in what the fold from the beginning is", () => {
    let closed = 0;
    fc.assert(
      fc.property(ledger, fc.nat(), fc.option(fc.nat()), (steps, pick, detail) => {
        const late = steps[pick % steps.length];
        if (!late) return;
        const stored = replay(
          EMPTY_FOLD,
          steps.filter((step) => step !== late),
        );
        const whole = replay(EMPTY_FOLD, steps);
        const details = detail === null ? null : (steps[detail % steps.length] ?? null);
        const segments = segmentsOf(stored.blocks, [late], details);
        const opened = steps.filter((step) => openedRanges(segments).some((range) => isIn(step, range)));
        const again = replayLedger(segments, opened, { decay: stored.decay, ...stored.end });
        expect([again.decay, again.end]).toEqual([whole.decay, whole.end]);
        expect(again.scores.get(late.event_id)).toEqual(whole.scores.get(late.event_id));
        for (const [id, score] of again.scores) expect(score).toEqual(whole.scores.get(id));
        if (details) expect(again.scores.has(details.event_id)).toBe(true);
        const kept = new Map([...stored.blocks, ...again.blocks].map((block) => [block.event_id, block]));
        expect([...kept.values()].sort(compareCursors)).toEqual(whole.blocks);
        closed += whole.blocks.length;
      }),
      { numRuns: 2000 },
    );
    expect(closed).toBeGreaterThan(5000);
  });

  const isIn = (cursor: EventCursor, { after, until }: LedgerRange) =>
    compareCursors(cursor, after) > 0 && (until === null || compareCursors(cursor, until) <= 0);

  it("a ledger from before there were blocks is one open block: a late event divides it", () => {
    const ids = ["a", ending[0] ?? "", "b", ending[1] ?? "", "c"];
    const steps = ids.map((event_id, n) => ({
      at: n * HOUR_MS,
      event_id,
      contributions: [contribution(n * HOUR_MS, 10, 1, { event_id })],
    }));
    const flat = steps.flatMap((step) => step.contributions).reduce<DecayState>((decay, each) => addContribution(decay, each), []);
    const late = { at: 1, event_id: "late", contributions: [contribution(1, 5, 1, { event_id: "late" })] };
    const segments = segmentsOf([], [late], null);
    const all = [...steps, late].sort(compareCursors);
    const again = replayLedger(segments, all, { decay: flat, at: 4 * HOUR_MS, event_id: "c" });
    const whole = replay(EMPTY_FOLD, all);
    expect(again).toEqual(whole);
    expect(again.blocks).toHaveLength(2);
  });
});

describe("a replay", () => {
  it("tells the score just before and just after every event, those without points among them", () => {
    const steps = [
      {
        at: 0,
        event_id: "a",
        contributions: [contribution(0, 10, 14, { event_id: "a" }), contribution(0, 1, null, { event_id: "a", rule_id: "r2" })],
      },
      { at: 14 * DAY_MS, event_id: "b", contributions: [] },
      { at: 14 * DAY_MS, event_id: "c", contributions: [contribution(14 * DAY_MS, -2, null, { event_id: "c" })] },
    ];
    const { scores, end } = replay({ decay: [], end: { at: 0, event_id: "" } }, steps);
    expect(Object.fromEntries(scores)).toEqual({ a: { before: 0, after: 11 }, b: { before: 6, after: 6 }, c: { before: 6, after: 4 } });
    expect(end).toEqual({ at: 14 * DAY_MS, event_id: "c" });
  });

  it("groups contributions by event, in their order", () => {
    fc.assert(fc.property(contributions, (found) => void expect(stepsOf(found).flatMap((step) => step.contributions)).toEqual(found)));
  });
});

describe("what an event is worth", () => {
  const rule = {
    rule_id: "r1",
    ruleset_id: "s1",
    type_key: "page view",
    weight: 10,
    half_life_ms: null,
    attribute_filters: [],
    periods: [{ starts_at: null, ends_at: null }],
  };
  const event = { event_id: "e1", type_key: "page view", metadata: null, occurred_at: 1000, received_at: 5000 };
  const weights = (rules: (typeof rule)[], more: Partial<typeof event> = {}) =>
    contributionsOf({ ...event, ...more }, rulesByType(rules)).map(({ weight }) => weight);

  it("every rule that it matches adds its weight, in the order of their ids", () => {
    expect(weights([{ ...rule, rule_id: "r2", weight: -3 }, rule, { ...rule, rule_id: "r3", type_key: "other" }])).toEqual([10, -3]);
  });

  it("from a rule's start, up to its end, and inside its ruleset's time", () => {
    const during = (starts_at: number | null, ends_at: number | null) => weights([{ ...rule, periods: [{ starts_at, ends_at } as never] }]);
    expect([during(1000, null), during(1001, null), during(null, 1001), during(null, 1000)]).toEqual([[10], [], [10], []]);
    expect(weights([{ ...rule, periods: [...rule.periods, { starts_at: 1001, ends_at: null } as never] }])).toEqual([]);
  });

  it("from its own time, or from when it was known where that is earlier", () => {
    expect([countsFrom({ occurred_at: 1, received_at: 5 }), countsFrom({ occurred_at: 9, received_at: 5 })]).toEqual([1, 5]);
  });

  it.each(["Page View", "page_view", "PAGE  VIEW", " page\tview ", "Page_ View", "_page_view_"])("%j is the type Page View", (type) => {
    expect(typeKey(type)).toBe("page view");
  });

  it.each(["PageView", "page-view", "page.view"])("%j is another", (type) => {
    expect(typeKey(type)).not.toBe("page view");
  });
});

/** The hourly scores of contributions that come in two pages. */
function hourlyScores(found: readonly Contribution[], start: number, end: number, rulesetId?: string) {
  const history = collectHourlyScores(EMPTY_FOLD, start, end, rulesetId);
  const steps = stepsOf(found);
  const half = steps.slice(0, steps.length / 2).flatMap((step) => step.contributions);
  history.add(half);
  history.add(found.slice(half.length));
  return history.finish();
}

describe("a history", () => {
  it("has the score of every full hour, beginning with the first points", () => {
    const found = [
      contribution(1.5 * HOUR_MS, 10),
      contribution(2 * HOUR_MS, 5),
      contribution(3.2 * HOUR_MS, -1, null, { ruleset_id: "s2" }),
    ];
    expect(hourlyScores(found, 0, 4 * HOUR_MS)).toEqual([
      { at: 2 * HOUR_MS, score: 15 },
      { at: 3 * HOUR_MS, score: 15 },
      { at: 4 * HOUR_MS, score: 14 },
    ]);
    expect(hourlyScores(found, 0, 4 * HOUR_MS, "s2").map(({ score }) => score)).toEqual([0, 0, -1]);
    expect(hourlyScores(found, 3 * HOUR_MS, 3 * HOUR_MS)).toEqual([{ at: 3 * HOUR_MS, score: 15 }]);
    expect(hourlyScores(found, 0, HOUR_MS)).toEqual([]);
    expect(hourlyScores([], 0, 100 * HOUR_MS)).toEqual([]);
  });

  it("agrees with the fold at each of its hours", () => {
    fc.assert(
      fc.property(contributions, (found) => {
        for (const { at, score } of hourlyScores(found, 0, 400 * HOUR_MS).filter((_, index) => index % 37 === 0))
          expect(score).toBe(scoreAt(foldContributions(found.filter((each) => each.at <= at)), at));
      }),
      { numRuns: 30 },
    );
  });
});

describe("levels", () => {
  const level = (name: string, min_score: number, max_score: number | null): Level => ({
    level_id: name,
    name,
    min_score,
    max_score,
    color: "#000000",
    position: 0,
  });
  const levels = [level("Cold", 0, 24), level("Warm", 25, 49), level("Hot", 50, 74), level("Very Hot", 75, null)];

  it.each([
    [0, "Cold"],
    [24, "Cold"],
    [24.9, "Cold"],
    [24.999999, "Cold"],
    [25, "Warm"],
    [49.5, "Warm"],
    [50, "Hot"],
    [74.99, "Hot"],
    [75, "Very Hot"],
    [1e9, "Very Hot"],
    [-0.1, undefined],
    [-5, undefined],
  ])("a score of %d is %s", (score, name) => {
    expect(levelOf(levels, score)?.name).toBe(name);
  });

  it("a gap between levels is no level", () => {
    expect(levelOf([level("A", 0, 9), level("B", 20, null)], 15)).toBeUndefined();
  });
});
