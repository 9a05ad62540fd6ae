/** What happened is counted in the period in which it happened, whatever their lengths. */
import { expect, it } from "vitest";
import { periodCounter } from "../../../src/core/scoring/periods";

it("a period takes what happens from its beginning until the next one begins, the last one for ever, and earlier things are left out", () => {
  const counter = periodCounter([10, 20, 100]);
  for (const [lead, at] of [
    ["a", 9],
    ["a", 10],
    ["a", 19],
    ["b", 19],
    ["b", 20],
    ["a", 1_000],
  ] as const)
    counter.add(lead, at);
  expect(counter.counts()).toEqual([
    { at: 10, events: 3, leads: 2 },
    { at: 20, events: 1, leads: 1 },
    { at: 100, events: 1, leads: 1 },
  ]);
});
