/** Which events of a burst are suppressed. */

import { describe, expect, it } from "vitest";
import { suppressions, type VelocityFilter, type WatchedEvent } from "../../../../src/core/events/velocity/filter";
import { fc } from "../../../support/fast-check";

const filter = (fields: Partial<VelocityFilter> = {}): VelocityFilter => ({
  filter_id: "vel_1",
  event_type: "Click",
  type_key: "click",
  threshold: 2,
  window_ms: 1_000,
  keep_first: false,
  active: true,
  created_at: 0,
  updated_at: 0,
  ...fields,
});
const event = (at: number, event_id = `e${at}`, type_key = "click"): WatchedEvent => ({ at, event_id, type_key });
const ids = (known: WatchedEvent[], added: WatchedEvent[], ...filters: VelocityFilter[]) => [...suppressions(filters, known, added).keys()];

describe("of one lead's events of a type", () => {
  it("those beyond the threshold within the window are suppressed, stored ones counted", () => {
    expect(ids([], [event(0), event(10), event(20)], filter())).toEqual(["e20"]);
    expect(ids([event(0), event(10)], [event(20), event(30)], filter())).toEqual(["e20", "e30"]);
    expect(ids([event(0, "x", "view"), event(10)], [event(20)], filter())).toEqual([]);
  });

  it("one that comes when the window has passed counts again", () => {
    expect(ids([event(0), event(10)], [event(999), event(1_011)], filter())).toEqual(["e999"]);
    expect(ids([event(0), event(10)], [event(1_000)], filter())).toEqual([]);
  });

  it("are named for the filter's way of counting", () => {
    const added = [event(0), event(1), event(2)];
    expect([...suppressions([filter()], [], added).values()]).toEqual(["inorganic"]);
    expect([...suppressions([filter({ threshold: 1, keep_first: true })], [], added)]).toEqual([
      ["e1", "inorganic_grouped"],
      ["e2", "inorganic_grouped"],
    ]);
  });

  it("are evaluated alike in whatever order they are sent together", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (times, threshold) => {
          const sorted = ids(
            [],
            times.toSorted((a, b) => a - b).map((at) => event(at)),
            filter({ threshold }),
          );
          expect(
            ids(
              [],
              times.map((at) => event(at)),
              filter({ threshold }),
            ).sort(),
          ).toEqual(sorted.sort());
          const kept = times.filter((at) => !sorted.includes(`e${at}`));
          for (const at of kept) expect(times.filter((other) => other <= at && other > at - 1_000).length).toBeLessThanOrEqual(threshold);
        },
      ),
    );
  });
});
