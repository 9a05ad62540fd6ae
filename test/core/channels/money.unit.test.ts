/** Rewards are whole minor units of their currency: no amount is lost or made by binary fractions. */

import { describe, expect, it } from "vitest";
import { amountOfMinorUnits, exponentOf, percentageInMinorUnits, toMinorUnits } from "../../../src/core/channels/rewards/money";
import { fc } from "../../support/fast-check";

describe("minor units", () => {
  it.each([
    ["JPY", 0, 1234],
    ["USD", 2, 123_400],
    ["BHD", 3, 1_234_000],
    ["CLF", 4, 12_340_000],
    ["XXX", 2, 123_400],
  ])("%s has %i decimal places", (currency, exponent, minorUnits) => {
    expect([exponentOf(currency), toMinorUnits(1234, currency)]).toEqual([exponent, minorUnits]);
    expect(amountOfMinorUnits(minorUnits, currency)).toBe(1234);
  });

  it.each([
    [1.005, "USD", 101],
    [2.675, "USD", 268],
    [-1.005, "USD", -101],
    [0.5, "JPY", 1],
    [-0.5, "JPY", -1],
    [0.4999, "JPY", 0],
    [1e-7, "USD", 0],
    [1e12, "USD", 1e14],
  ])("%d %s is rounded half away from zero", (amount, currency, minorUnits) => {
    expect(toMinorUnits(amount, currency)).toBe(minorUnits);
  });

  it("a percentage is rounded once, at the end", () => {
    expect(percentageInMinorUnits(12.5, 99.99, "EUR")).toBe(1250);
    expect(percentageInMinorUnits(10, 0.05, "USD")).toBe(1);
    expect(percentageInMinorUnits(10, 0.04, "USD")).toBe(0);
    expect(percentageInMinorUnits(33.3333, 0.3, "BHD")).toBe(100);
    expect(percentageInMinorUnits(10, 1005, "JPY")).toBe(101);
  });

  it("beyond what a JSON number holds exactly is refused", () => {
    expect(() => percentageInMinorUnits(1e12, 1e12, "USD")).toThrow(/minor units/);
    expect(() => toMinorUnits(1e12, "CLF")).toThrow(/minor units/);
  });

  it("whatever was paid is shown as it was", () => {
    const units = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
    fc.assert(
      fc.property(units, fc.constantFrom("JPY", "USD", "BHD", "CLF"), (minorUnits, currency) => {
        expect(toMinorUnits(amountOfMinorUnits(minorUnits, currency), currency)).toBe(minorUnits);
      }),
    );
  });
});
