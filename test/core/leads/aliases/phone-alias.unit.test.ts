/** Phone numbers that lack only their + are the numbers that have it. */

import { describe, expect, it } from "vitest";
import { normaliseAlias } from "../../../../src/core/leads/aliases/alias";
import { fc } from "../../../support/fast-check";

describe("a phone alias without +", () => {
  it.each([
    ["4915123456789", "DE", "+4915123456789"],
    ["49 151 23456789", "DE", "+4915123456789"],
    ["436641234567", "AT", "+436641234567"],
    ["447911123456", "GB", "+447911123456"],
    ["48601234567", "PL", "+48601234567"],
    ["79161234567", "RU", "+79161234567"],
    ["5511987654321", "BR", "+5511987654321"],
    ["0049 151 23456789", null, "+4915123456789"],
    ["0049 151 23456789", "US", "+4915123456789"],
    ["0049 151 23456789", "DE", "+4915123456789"],
    ["011 49 151 23456789", "US", "+4915123456789"],
  ] as const)("%j in %s has a country code", (raw, region, value) => {
    expect(normaliseAlias("phone", raw, region)).toEqual({ value });
  });

  it.each([
    ["0151 23456789", "DE", "+4915123456789"],
    ["(415) 555-0100", "US", "+14155550100"],
    ["1 (415) 555-0100", "US", "+14155550100"],
    ["4912345678", null, "4912345678"],
    ["000123", null, "000123"],
  ] as const)("%j in %s has none", (raw, region, value) => {
    expect(normaliseAlias("phone", raw, region)).toEqual({ value });
  });

  it("reading what was read changes nothing", () => {
    const written = fc.stringMatching(/^(00|49|33|1|0)?[0-9]{7,13}$/);
    fc.assert(
      fc.property(written, fc.constantFrom(null, "DE", "FR", "US", "AT"), (raw, region) => {
        const once = normaliseAlias("phone", raw, region);
        if ("value" in once && once.value.startsWith("+")) expect(normaliseAlias("phone", once.value, region)).toEqual(once);
      }),
    );
  });
});
