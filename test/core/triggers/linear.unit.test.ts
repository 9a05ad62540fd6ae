/** One pass over a lead's events fires exactly what the definition of a crossing, applied to every event's own window, fires. */

import { expect, it } from "vitest";
import { compareCursors, type EventCursor } from "../../../src/core/scoring/decay";
import { evaluateTrigger, type Firing, type Moment } from "../../../src/core/triggers/evaluate";
import type { Condition } from "../../../src/core/triggers/trigger";
import { fc } from "../../support/fast-check";
import { evaluateTrigger as evaluateByDefinition } from "./by-definition";

const TYPES = ["a", "b", "c", "d"];
const type = fc.constantFrom(...TYPES);
const window_seconds = fc.constantFrom(1, 2, 5, 12, 40, 100);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant("milestone" as const),
    score_threshold: fc.integer({ min: -5, max: 20 }),
    event_type: fc.option(type),
    fire_mode: fc.constantFrom("once" as const, "always" as const),
    cooldown_seconds: fc.constantFrom(0, 1, 10),
  }),
  fc.record({
    kind: fc.constant("sequence" as const),
    event_types: fc.array(type, { minLength: 1, maxLength: 6 }),
    window_seconds,
    window_unit: fc.constant(null),
    ordered: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("surge" as const),
    event_type: fc.option(type),
    threshold: fc.integer({ min: 1, max: 12 }),
    window_seconds,
  }),
);

/** Histories with many ties in time and windows that end exactly on an event. */
const history = fc
  .uniqueArray(
    fc.record({
      event_id: fc.integer({ min: 0, max: 999 }).map((n) => `e${n}`),
      at: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 10 })).map((second) => second * 1000),
      type_key: type,
      delay: fc.constantFrom(0, 0, 0, 5_000, 50_000),
      before: fc.integer({ min: -10, max: 25 }),
      after: fc.integer({ min: -10, max: 25 }),
      silent: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
    { selector: ({ event_id }) => event_id, minLength: 3, maxLength: 80, size: "max" },
  )
  .map((events) =>
    events
      .map(
        ({ delay, ...event }): Moment => ({
          ...event,
          event_type: event.type_key,
          received_at: event.at + delay,
        }),
      )
      .sort(compareCursors),
  );

const START: EventCursor = { at: Number.NEGATIVE_INFINITY, event_id: "" };
const triggerOf = (each: Condition, active_since = 0) => ({ trigger_id: "t1", active_since, condition: each });

it("from the beginning of a history", () => {
  let firings = 0;
  fc.assert(
    fc.property(condition, history, fc.constantFrom(0, 20_000), (each, moments, activeSince) => {
      const fired = evaluateTrigger(triggerOf(each, activeSince), moments, START, []);
      expect(fired).toEqual(evaluateByDefinition(triggerOf(each, activeSince), moments, START, []));
      firings += fired.length;
    }),
    { numRuns: 3000 },
  );
  expect(firings).toBeGreaterThan(1000);
});

it("after a late event, with the firings that were stored before it came, all of them or only those from the last before it on", () => {
  let moved = 0;
  fc.assert(
    fc.property(condition, history, fc.nat(), fc.constantFrom(0, 20_000), (each, moments, pick, activeSince) => {
      const late = moments[pick % Math.max(1, moments.length)];
      if (!late) return;
      const without = moments.filter((moment) => moment !== late);
      const stored = evaluateByDefinition(triggerOf(each, activeSince), without, START, []);
      const expected = evaluateByDefinition(triggerOf(each, activeSince), moments, late, stored);
      expect(evaluateTrigger(triggerOf(each, activeSince), moments, late, stored)).toEqual(expected);

      const earlier = stored.filter((firing) => compareCursors(firing, late) < 0).length;
      const loaded: Firing[] = stored.slice(Math.max(0, earlier - 1));
      expect(evaluateTrigger(triggerOf(each, activeSince), moments, late, loaded)).toEqual(expected.slice(Math.max(0, earlier - 1)));
      if (JSON.stringify(stored) !== JSON.stringify(expected)) moved += 1;
    }),
    { numRuns: 3000 },
  );
  expect(moved).toBeGreaterThan(100);
});
