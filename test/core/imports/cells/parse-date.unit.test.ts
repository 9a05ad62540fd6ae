/** Times of event files: one moment, however it is written; none, where it is no time. */

import { describe, expect, it } from "vitest";
import { type DateOrder, inferDateOrder, isTimeZone, parseDate } from "../../../../src/core/imports/cells";
import { fc } from "../../../support/fast-check";

const parse = (text: string, time_zone = "UTC", order: DateOrder | null = null) => parseDate(text, { time_zone, order });
const iso = (text: string, time_zone?: string, order?: DateOrder | null) => {
  const parsed = parse(text, time_zone, order);
  return parsed && new Date(parsed.ms).toISOString();
};

describe("a time in a file", () => {
  it.each([
    ...["2026-11-01 10:00:00", "2026-11-01T10:00:00Z", "2026-11-01T11:00:00+01:00", "2026-11-01 11:00:00 +0100", "2026-11-01T05:00-05"],
    ...["2026/11/01 10:00", "2026.11.01 10:00", "20261101T100000Z", "2026-11-01 10:00:00.000000", "2026-11-01 10:00:00 UTC"],
    ...["01.11.2026 10:00", "1.11.2026, 10:00 Uhr", "1.11.26 10:00", "1 Nov 2026 10:00", "1. November 2026 10:00", "01-Nov-2026 10:00"],
    ...["Nov 1, 2026 10:00 AM", "November 1, 2026 at 10:00 AM", "Sun, 01 Nov 2026 10:00:00 +0000", "Sunday, November 1, 2026 10:00 AM"],
    ...[
      "1 novembre 2026 10:00",
      "1 de noviembre de 2026 10:00",
      "1 listopada 2026 10:00",
      "1 ноября 2026 г. 10:00",
      "1 de novembro de 2026 10:00",
    ],
    ...["2026年11月1日 10:00", "2026年11月1日 10時00分", "1793527200", "1793527200000", "1793527200.0", "２０２６-11-01 10:00"],
  ])("%j is ten o'clock on the first of November", (text) => {
    expect(parse(text)).toEqual({ ms: Date.UTC(2026, 10, 1, 10), ambiguous: null });
  });

  it.each([
    ["2026-11-01", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01 12:30 AM", "2026-11-01T00:30:00.000Z"],
    ["2026-11-01 12:30 p.m.", "2026-11-01T12:30:00.000Z"],
    ["2026-11-01 23:59:59,123", "2026-11-01T23:59:59.123Z"],
    ["29.02.2028", "2028-02-29T00:00:00.000Z"],
    ["1.1.70", "1970-01-01T00:00:00.000Z"],
  ])("%j is %s", (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ...[
      "",
      "soon",
      "n/a",
      "2026-02-30",
      "31.04.2026",
      "29.02.2027",
      "2026-13-01",
      "2026-11-01 24:30",
      "2026-11-01 13:00 PM",
      "2026-11-01 10:60",
    ],
    ...[
      "13/13/2026",
      "1 Brumaire 2026",
      "2026",
      "46327",
      "+49 151 23456789",
      "2024-00123",
      "2026-11-01 10:00 and later",
      `2026-11-01${" ".repeat(100)}`,
    ],
  ])("%j is none", (text) => {
    expect(parse(text)).toBeNull();
  });

  it("is read in the zone of the file, summer time included", () => {
    expect(iso("2026-07-01 10:00", "Europe/Berlin")).toBe("2026-07-01T08:00:00.000Z");
    expect(iso("2026-11-01 10:00", "Europe/Berlin")).toBe("2026-11-01T09:00:00.000Z");
    expect(iso("2026-07-01 10:00", "America/New_York")).toBe("2026-07-01T14:00:00.000Z");
    expect(iso("2026-07-01 10:00", "Asia/Kolkata")).toBe("2026-07-01T04:30:00.000Z");
    expect(iso("2026-07-01 10:00+00:00", "Asia/Kolkata")).toBe("2026-07-01T10:00:00.000Z");
    expect([isTimeZone("Europe/Berlin"), isTimeZone("Berlin")]).toEqual([true, false]);
  });

  it("where the clocks change it says so", () => {
    expect(parse("2026-10-25 02:30", "Europe/Berlin")).toEqual({ ms: Date.UTC(2026, 9, 25, 0, 30), ambiguous: "clock_change" });
    expect(parse("2026-03-29 02:30", "Europe/Berlin")).toEqual({ ms: Date.UTC(2026, 2, 29, 1, 30), ambiguous: "clock_change" });
    expect(parse("2026-10-25 03:30", "Europe/Berlin")).toEqual({ ms: Date.UTC(2026, 9, 25, 2, 30), ambiguous: null });
  });

  it("every moment of every zone is read back, but for the hours that occur twice", () => {
    const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC");
    const minute = fc.integer({ min: Date.UTC(1990, 0, 1) / 60_000, max: Date.UTC(2035, 0, 1) / 60_000 });
    fc.assert(
      fc.property(minute, zone, (minutes, time_zone) => {
        const ms = minutes * 60_000;
        const parsed = parse(new Date(ms).toLocaleString("sv-SE", { timeZone: time_zone }), time_zone);
        if (parsed?.ambiguous === null) expect(parsed.ms).toBe(ms);
        else expect(Math.abs((parsed?.ms ?? 0) - ms)).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });
});

describe("the order of day and month", () => {
  it.each([
    ["dmy", "2026-11-01T10:00:00.000Z"],
    ["mdy", "2026-01-11T10:00:00.000Z"],
  ] as const)("%s reads 01/11/2026 as %s", (order, expected) => {
    expect(iso("01/11/2026 10:00", "UTC", order)).toBe(expected);
  });

  it("is reported where it is ambiguous", () => {
    expect(parse("01/11/2026")).toEqual({ ms: Date.UTC(2026, 10, 1), ambiguous: "order" });
    expect(parse("25/12/2026")).toEqual({ ms: Date.UTC(2026, 11, 25), ambiguous: null });
    expect(parse("12/25/2026")).toEqual({ ms: Date.UTC(2026, 11, 25), ambiguous: null });
    expect(parse("11/11/2026")).toEqual({ ms: Date.UTC(2026, 10, 11), ambiguous: null });
    expect(parse("12/25/2026", "UTC", "dmy")).toBeNull();
  });

  it("is inferred from the whole column", () => {
    expect(inferDateOrder(["01/02/2026", "03/04/2026", "25/12/2026 10:00"])).toEqual({ order: "dmy", ambiguous: 0, contradicting: 0 });
    expect(inferDateOrder(["01/02/2026", "12/25/2026", ""])).toEqual({ order: "mdy", ambiguous: 0, contradicting: 0 });
    expect(inferDateOrder(["01/02/2026", "03/04/26", "05/05/2026", "01.02.2026"])).toEqual({ order: null, ambiguous: 2, contradicting: 0 });
    expect(inferDateOrder(["25/12/2026", "26/12/2026", "12/25/2026"])).toEqual({ order: "dmy", ambiguous: 0, contradicting: 1 });
  });
});
