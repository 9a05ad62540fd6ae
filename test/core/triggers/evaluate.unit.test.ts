/** Which events fire: crossings, in the order of the events' own time, told once. */

import { describe, expect, it } from "vitest";
import { type Contribution, compareCursors, decayed } from "../../../src/core/scoring/decay";
import { replay } from "../../../src/core/scoring/replay";
import { typeKey } from "../../../src/core/scoring/rule";
import { evaluateTrigger, type Firing, type Moment } from "../../../src/core/triggers/evaluate";
import { planFirings } from "../../../src/core/triggers/plan-firings";
import type { Condition, Trigger } from "../../../src/core/triggers/trigger";
import { fc } from "../../support/fast-check";

const DAY_MS = 86_400_000;
const EVER = { at: Number.NEGATIVE_INFINITY, event_id: "" };

/** An event as these tests write it: at a second, of a type, worth points. */
type Short = { at: number; type?: string; points?: number; id?: string; half_life_ms?: number; silent?: boolean; received_at?: number };

/** Moments with the scores that their points make. */
function momentsOf(events: readonly Short[]): Moment[] {
  const ids = events.map((event, index) => event.id ?? `e${index}`);
  const steps = events.map((event, index) => {
    const at = event.at * 1000;
    const event_id = ids[index] ?? "";
    const half_life_ms = event.half_life_ms ?? null;
    const contribution: Contribution = { at, event_id, rule_id: "r1", ruleset_id: "s1", weight: event.points ?? 0, half_life_ms };
    return { at, event_id, contributions: event.points === undefined ? [] : [contribution] };
  });
  const { scores } = replay({ decay: [], end: EVER }, [...steps].sort(compareCursors));
  return events
    .map((event, index) => ({
      event_id: ids[index] ?? "",
      at: event.at * 1000,
      event_type: event.type ?? "x",
      type_key: typeKey(event.type ?? "x"),
      received_at: event.received_at ?? event.at * 1000,
      silent: event.silent ?? false,
      ...(scores.get(ids[index] ?? "") ?? { before: 0, after: 0 }),
    }))
    .sort(compareCursors);
}

const triggerOf = (condition: Condition, active_since = Number.NEGATIVE_INFINITY): Trigger => ({
  trigger_id: "t1",
  name: "Trigger",
  active: true,
  active_since,
  condition,
  destination: {
    channel_ids: [],
    webhook_url: null,
    emails: [],
    email_subject: null,
    email_preheader: null,
    email_message: null,
    webhook_channel_id: null,
    email_channel_id: null,
  },
  created_at: 0,
  updated_at: 0,
});
const milestone = (
  score_threshold: number,
  more: { event_type?: string; fire_mode?: "once" | "always"; cooldown_seconds?: number } = {},
): Condition => ({
  kind: "milestone",
  score_threshold,
  event_type: null,
  fire_mode: "once",
  cooldown_seconds: 0,
  ...more,
});
const sequence = (event_types: string[], window_seconds: number, ordered = true): Condition => ({
  kind: "sequence",
  event_types,
  window_seconds,
  window_unit: null,
  ordered,
});
const surge = (threshold: number, window_seconds: number, event_type: string | null = null): Condition => ({
  kind: "surge",
  threshold,
  window_seconds,
  event_type,
});

/** Ids of the events that fire when all of them come at once. */
const fired = (condition: Condition, events: readonly Short[], active_since?: number): string[] =>
  evaluateTrigger(triggerOf(condition, active_since), momentsOf(events), EVER, []).map(({ event_id }) => event_id);
const points = (...worth: number[]): Short[] => worth.map((each, at) => ({ at, points: each }));

describe("a milestone", () => {
  it.each([
    ["reached by one event from nothing", [100], ["e0"]],
    ["reached exactly", [50, 50], ["e1"]],
    ["missed by a point", [50, 49], []],
    ["passed by the second", [60, 60], ["e1"]],
    ["passed once and never again above it", [100, 10, 10], ["e0"]],
    ["fallen below and reached again", [100, -50, 50], ["e0"]],
    ["never reached", [1, 2, 3], []],
  ])("once: %s", (_, worth, expected) => {
    expect(fired(milestone(100), points(...worth))).toEqual(expected);
  });

  it("always: every time that it is reached from below", () => {
    expect(fired(milestone(100, { fire_mode: "always" }), points(100, -1, 1, 5, -50, 200))).toEqual(["e0", "e2", "e5"]);
  });

  it("always, with a pause: what comes before the pause is over does not fire, what comes just then does", () => {
    const upAndDown = (seconds: number): Short[] => [
      { at: 0, points: 100 },
      { at: 1, points: -50 },
      { at: seconds, points: 50 },
    ];
    const condition = milestone(100, { fire_mode: "always", cooldown_seconds: 60 });
    expect(fired(condition, upAndDown(59))).toEqual(["e0"]);
    expect(fired(condition, upAndDown(60))).toEqual(["e0", "e2"]);
  });

  it("a crossing that a pause silenced begins no pause of its own", () => {
    const events = [0, 50, 70].flatMap((at) => [
      { at, points: 100 },
      { at: at + 1, points: -100 },
    ]);
    expect(fired(milestone(100, { fire_mode: "always", cooldown_seconds: 60 }), events)).toEqual(["e0", "e4"]);
  });

  it("decayed below and reached again", () => {
    const events = [
      { at: 0, points: 100, half_life_ms: DAY_MS },
      { at: 86_400, points: 49 },
      { at: 86_401, points: 2 },
    ];
    expect(fired(milestone(100, { fire_mode: "always" }), events)).toEqual(["e0", "e2"]);
    expect(fired(milestone(100), events)).toEqual(["e0"]);
  });

  it("counts what has decayed until then, not what was added", () => {
    expect(decayed(60, DAY_MS, DAY_MS) + 60).toBe(90);
    expect(
      fired(milestone(100), [
        { at: 0, points: 60, half_life_ms: DAY_MS },
        { at: 86_400, points: 60, half_life_ms: DAY_MS },
      ]),
    ).toEqual([]);
  });

  it("of one event type: only a crossing by such an event, in any spelling", () => {
    const events: Short[] = [
      { at: 0, points: 100, type: "Page View" },
      { at: 1, points: -50, type: "Bounce" },
      { at: 2, points: 60, type: "demo_request" },
    ];
    expect(fired(milestone(100, { event_type: "Demo Request" }), events)).toEqual(["e2"]);
    expect(fired(milestone(100, { event_type: "Bounce" }), events)).toEqual([]);
  });

  it("two thresholds crossed by one event, and by two of a batch", () => {
    expect([50, 80].map((threshold) => fired(milestone(threshold), points(100)))).toEqual([["e0"], ["e0"]]);
    expect([50, 80].map((threshold) => fired(milestone(threshold), points(60, 60)))).toEqual([["e0"], ["e1"]]);
  });

  it("a threshold below nothing is not reached by falling", () => {
    expect(fired(milestone(-10, { fire_mode: "always" }), points(-20, 15))).toEqual(["e1"]);
  });
});

describe("a sequence", () => {
  const of = (...types: string[]): Short[] => types.map((type, at) => ({ at, type }));

  it("in order: fires with its last event, whatever lies between", () => {
    expect(fired(sequence(["A", "B", "C"], 60), of("A", "x", "B", "B", "y", "C"))).toEqual(["e5"]);
    expect(fired(sequence(["A", "B"], 60), of("B", "A"))).toEqual([]);
    expect(fired(sequence(["A", "B"], 60), of("B", "A", "B"))).toEqual(["e2"]);
  });

  it("in any order: fires with whatever completes it", () => {
    expect(fired(sequence(["A", "B", "C"], 60, false), of("C", "A", "x", "B"))).toEqual(["e3"]);
  });

  it("a type that is listed twice must have happened twice", () => {
    for (const ordered of [true, false]) {
      expect(fired(sequence(["A", "A", "B"], 60, ordered), of("A", "B"))).toEqual([]);
      expect(fired(sequence(["A", "A", "B"], 60, ordered), of("A", "A", "B"))).toEqual(["e2"]);
    }
    expect(fired(sequence(["A", "A", "B"], 60, false), of("A", "B", "A"))).toEqual(["e2"]);
    expect(fired(sequence(["A", "A"], 60), of("A", "A", "A"))).toEqual(["e1"]);
  });

  it.each([true, false])("its window holds both of its edges (ordered: %s)", (ordered) => {
    const apart = (seconds: number): Short[] => [
      { at: 0, type: "A" },
      { at: seconds, type: "B" },
    ];
    expect(fired(sequence(["A", "B"], 60, ordered), apart(60))).toEqual(["e1"]);
    expect(fired(sequence(["A", "B"], 60, ordered), apart(60.001))).toEqual([]);
  });

  it("goes on being complete without firing again, and fires again when its window has emptied", () => {
    const at = (...seconds: number[]) => seconds.map((second, index) => ({ at: second, type: index % 2 === 0 ? "A" : "B" }));
    expect(fired(sequence(["A", "B"], 60), at(0, 10, 20, 30))).toEqual(["e1"]);
    expect(fired(sequence(["A", "B"], 60), at(0, 10, 100, 110))).toEqual(["e1", "e3"]);
  });

  it("one type alone is a sequence, and types are written as anybody likes", () => {
    expect(fired(sequence(["Page View"], 60), of("page_view", "x"))).toEqual(["e0"]);
  });

  it("events of the same instant are in the order of their ids", () => {
    const same = (a: string, b: string): Short[] => [
      { at: 0, type: "A", id: a },
      { at: 0, type: "B", id: b },
    ];
    expect(fired(sequence(["A", "B"], 60), same("1", "2"))).toEqual(["2"]);
    expect(fired(sequence(["A", "B"], 60), same("2", "1"))).toEqual([]);
  });
});

describe("a surge", () => {
  const every = (seconds: number, count: number, type = "x"): Short[] =>
    Array.from({ length: count }, (_, n) => ({ at: n * seconds, type }));

  it("fires with the event that makes it many, and pauses for as long as its window", () => {
    expect(fired(surge(3, 60), every(10, 4))).toEqual(["e2"]);
    // one that goes on is one surge
    expect(fired(surge(3, 60), every(20, 20))).toEqual(["e2"]);
    expect(fired(surge(3, 60), [...every(10, 3), { at: 100, id: "a" }, { at: 110, id: "b" }, { at: 120, id: "c" }])).toEqual(["e2", "c"]);
  });

  it("does not fire when they are too far apart; both edges of the window count", () => {
    expect(fired(surge(3, 60), every(31, 10))).toEqual([]);
    expect(fired(surge(3, 60), every(30, 3))).toEqual(["e2"]);
  });

  it("that ebbs and returns notifies again once a window has passed", () => {
    const events = [0, 60, 119, 120.5, 180.4].map((at) => ({ at }));
    expect(fired(surge(2, 60), events)).toEqual(["e1", "e3"]);
    expect(
      fired(
        surge(3, 60),
        [0, 1, 2, 63.5, 64, 64.5].map((at) => ({ at })),
      ),
    ).toEqual(["e2", "e5"]);
  });

  it("of one type counts that type only", () => {
    const events: Short[] = [{ at: 0, type: "Page View" }, { at: 1 }, { at: 2, type: "page_view" }, { at: 3 }];
    expect(fired(surge(2, 60, "PAGE VIEW"), events)).toEqual(["e2"]);
  });

  it("of one event is every event, with a pause", () => {
    expect(fired(surge(1, 60), [{ at: 0 }, { at: 61 }, { at: 122 }])).toEqual(["e0", "e1", "e2"]);
    expect(fired(surge(1, 60), [{ at: 0 }, { at: 30 }])).toEqual(["e0"]);
  });
});

describe("events that fire nothing", () => {
  it("silent ones, though they count: nobody is notified of what they cross", () => {
    expect(
      fired(milestone(100), [
        { at: 0, points: 100, silent: true },
        { at: 1, points: 10 },
      ]),
    ).toEqual([]);
    expect(
      fired(milestone(100), [
        { at: 0, points: 90, silent: true },
        { at: 1, points: 10 },
      ]),
    ).toEqual(["e1"]);
    expect(
      fired(sequence(["A", "B"], 60), [
        { at: 0, type: "A", silent: true },
        { at: 1, type: "B" },
      ]),
    ).toEqual(["e1"]);
    expect(
      fired(sequence(["A", "B"], 60), [
        { at: 0, type: "A" },
        { at: 1, type: "B", silent: true },
      ]),
    ).toEqual([]);
  });

  it("those received before the trigger was created, or created anew", () => {
    expect(fired(milestone(100), points(100), 1)).toEqual([]);
    expect(fired(milestone(100), [{ at: 0, points: 100, received_at: 1 }], 1)).toEqual(["e0"]);
    expect(fired(milestone(100, { fire_mode: "always" }), points(100, -100, 100), 1000)).toEqual(["e2"]);
  });

  it("a firing from before the trigger was changed stays; what fires once is not notified again by a late event before it", () => {
    const before: Firing = { trigger_id: "t1", n: 1, event_id: "e1", event_type: "x", at: 10_000, score: 100 };
    const moments = momentsOf([
      { at: 5, points: 100, received_at: 30_000 },
      { at: 10, points: 50, received_at: 10_000 },
    ]);
    const from = { at: 5000, event_id: "e0" };
    expect(evaluateTrigger(triggerOf(milestone(100), 20_000), moments, from, [before])).toEqual([before]);
    expect(evaluateTrigger(triggerOf(milestone(100, { fire_mode: "always" }), 20_000), moments, from, [before]).map(({ n }) => n)).toEqual([
      1, 2,
    ]);
  });
});

describe("late events", () => {
  /** All that happens when events come one after the other in this order: what stands at the end, and whom it was told of. */
  function arrive(condition: Condition, events: readonly Short[], order: readonly number[]) {
    const trigger = triggerOf(condition);
    const named = events.map((event, index) => ({ id: `e${index}`, ...event }));
    let past: Firing[] = [];
    const told: string[] = [];
    const come: Short[] = [];
    for (const index of order) {
      const event = named[index] as Short & { id: string };
      come.push(event);
      const plan = planFirings("lead", [trigger], momentsOf(come), { at: event.at * 1000, event_id: event.id }, past);
      const rows = new Map(past.map((firing) => [firing.n, firing]));
      for (const { from } of plan.removals) for (const n of [...rows.keys()]) if (n >= from) rows.delete(n);
      for (const { kind: _, ...firing } of plan.upserts) rows.set(firing.n, firing);
      past = [...rows.values()].sort((a, b) => a.n - b.n);
      told.push(...plan.news.map(({ n, event_id }) => `${n}:${event_id}`));
    }
    return { fired: past.map(({ event_id, n, score }) => `${n}:${event_id}:${score}`), told };
  }

  it("one that crosses earlier moves the firing, and tells nobody twice", () => {
    const events = [
      { at: 10, points: 60 },
      { at: 20, points: 60 },
    ];
    expect(arrive(milestone(60), events, [1, 0])).toEqual({ fired: ["1:e0:60"], told: ["1:e1"] });
    expect(arrive(milestone(100), events, [1, 0])).toEqual({ fired: ["1:e1:120"], told: ["1:e1"] });
  });

  it("one that crosses by itself in between notifies, under the next number", () => {
    const events = [
      { at: 0, points: 100 },
      { at: 1, points: -100 },
      { at: 2, points: 100 },
      { at: 3, points: -100 },
      { at: 4, points: 100 },
    ];
    expect(arrive(milestone(100, { fire_mode: "always" }), events, [0, 1, 3, 4, 2]).fired).toEqual(["1:e0:100", "2:e2:100", "3:e4:100"]);
  });

  it("one that shows that there was no crossing takes the firing away", () => {
    const events = [
      { at: 0, points: -50 },
      { at: 1, points: 100 },
    ];
    expect(arrive(milestone(100), events, [1, 0])).toEqual({ fired: [], told: ["1:e1"] });
  });

  it("one that completes a sequence before its end fires with that end, and with its score", () => {
    const events = [
      { at: 0, type: "A", points: 7 },
      { at: 1, type: "B" },
      { at: 2, type: "C" },
    ];
    expect(arrive(sequence(["A", "B", "C"], 60), events, [0, 2, 1])).toEqual({ fired: ["1:e2:7"], told: ["1:e2"] });
  });

  const condition: fc.Arbitrary<Condition> = fc.oneof(
    fc
      .record({ threshold: fc.integer({ min: 1, max: 30 }), once: fc.boolean(), pause: fc.constantFrom(0, 5) })
      .map(({ threshold, once, pause }) =>
        milestone(threshold, { fire_mode: once ? "once" : "always", cooldown_seconds: once ? 0 : pause }),
      ),
    fc
      .record({
        types: fc.array(fc.constantFrom("A", "B"), { minLength: 1, maxLength: 3 }),
        window: fc.constantFrom(3, 10),
        ordered: fc.boolean(),
      })
      .map(({ types, window, ordered }) => sequence(types, window, ordered)),
    fc
      .record({ threshold: fc.integer({ min: 1, max: 4 }), window: fc.constantFrom(3, 8) })
      .map(({ threshold, window }) => surge(threshold, window)),
  );
  const events = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 30 }), type: fc.constantFrom("A", "B", "C"), points: fc.integer({ min: -20, max: 20 }) }),
    { minLength: 1, maxLength: 12 },
  );

  it("any order of arrival ends with the same firings, and each number notifies at most once while nothing is taken away", () => {
    fc.assert(
      fc.property(
        condition,
        events.chain((found) =>
          fc.tuple(fc.constant(found), fc.shuffledSubarray([...found.keys()], { minLength: found.length, maxLength: found.length })),
        ),
        (each, [found, order]) => {
          const inOrder = [...found.keys()].sort((a, b) => (found[a]?.at ?? 0) - (found[b]?.at ?? 0) || (`e${a}` < `e${b}` ? -1 : 1));
          const expected = arrive(each, found, inOrder);
          expect(arrive(each, found, order).fired).toEqual(expected.fired);
          expect(new Set(expected.told).size).toBe(expected.told.length);
          expect(expected.told.length).toBe(expected.fired.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
