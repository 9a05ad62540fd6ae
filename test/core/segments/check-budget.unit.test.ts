/** What a request for a preview may read is bounded, however large leads are and however many events they have. */

import { describe, expect, it } from "vitest";
import { EVENTS_READ_MAX, requestBudget, type SizedLead, takeSlice } from "../../../src/core/segments/check-budget";
import { fc } from "../../support/fast-check";

const lead = fc.record({
  lead_id: fc.uuid(),
  bytes: fc.integer({ min: 50, max: 300_000 }),
  events: fc.oneof(fc.nat(10), fc.nat(1_000_000)),
});

const slicesOf = (leads: readonly SizedLead[], conditions: number): SizedLead[][] => {
  const budget = requestBudget();
  const slices: SizedLead[][] = [];
  for (let from = 0; from < leads.length; ) {
    const end = takeSlice(leads, from, { conditions, sumsAccounts: false }, budget);
    if (end === from) break;
    slices.push(leads.slice(from, end));
    from = end;
  }
  return slices;
};

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe("a request", () => {
  it("reads at most 20 MB of leads and 50,000 events, 4 MB and 25,000 at a time, and one lead more", () => {
    fc.assert(
      fc.property(fc.array(lead, { maxLength: 400 }), fc.integer({ min: 0, max: 10 }), (leads, conditions) => {
        const slices = slicesOf(leads, conditions);
        const reads = slices.map((slice) => sum(slice.map(({ events }) => Math.min(EVENTS_READ_MAX, events) * conditions)));
        const bytes = slices.map((slice) => sum(slice.map((one) => one.bytes)));
        for (const slice of bytes) expect(slice).toBeLessThanOrEqual(4_000_000 + 300_000);
        for (const slice of reads) expect(slice).toBeLessThanOrEqual(25_000 + EVENTS_READ_MAX * conditions);
        expect(sum(bytes)).toBeLessThanOrEqual(20_000_000 + 300_000);
        expect(sum(reads)).toBeLessThanOrEqual(50_000 + EVENTS_READ_MAX * conditions);
        expect(slices.flat()).toEqual(leads.slice(0, slices.flat().length));
      }),
    );
  });

  it("checks all of 5,000 usual leads in slices of 500", () => {
    const leads = Array.from({ length: 5_000 }, (_, at) => ({ lead_id: String(at), bytes: 400, events: 2 }));
    expect(slicesOf(leads, 5).map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 500));
  });
});
