/** Attribute filters: what each operator makes of what an event may carry. */
import { describe, expect, it } from "vitest";
import { type AttributeFilter, filterLabel, matchesFilters } from "../../../src/core/scoring/filters";

const METADATA = {
  path: "/pricing/enterprise",
  amount: 250,
  text_amount: "250",
  decimal: "9.5",
  zero: 0,
  yes: true,
  no: false,
  nothing: null,
  empty: "",
  tags: ["vip", "trial", 7],
  utm: { source: "google", deep: { er: 1 } },
  "utm.medium": "cpc",
  items: [{ sku: "A" }],
  date: "2025-09-15T14:30:00Z",
};
type Case = [field: string, operator: AttributeFilter["operator"], value: AttributeFilter["value"]];

const matches = ([field, operator, value]: Case) => matchesFilters([{ field, operator, value }], METADATA);

describe("operators", () => {
  it.each<Case>([
    ["path", "equals", "/pricing/enterprise"],
    ["amount", "equals", 250],
    ["amount", "equals", "250"],
    ["text_amount", "equals", 250],
    ["yes", "equals", true],
    ["yes", "equals", "true"],
    ["empty", "equals", ""],
    ["path", "not_equals", "/pricing"],
    ["missing", "not_equals", "x"],
    ["nothing", "not_equals", "x"],
    ["path", "contains", "/pricing"],
    ["path", "contains", ""],
    ["amount", "contains", "25"],
    ["tags", "contains", "vip"],
    ["tags", "contains", 7],
    ["tags", "contains", "7"],
    ["path", "starts_with", "/pricing"],
    ["amount", "starts_with", 2],
    ["amount", "gt", 249.9],
    ["amount", "gt", "30"],
    ["text_amount", "gt", 30],
    ["decimal", "lt", 10],
    ["decimal", "lt", "10"],
    ["amount", "gte", 250],
    ["amount", "lte", "250"],
    ["zero", "lte", 0],
    ["zero", "gte", "0"],
    ["date", "gt", "2025-09-15T14:00:00Z"],
    ["date", "lt", "2026-01-01T00:00:00Z"],
    ["path", "exists", undefined],
    ["empty", "exists", true],
    ["zero", "exists", "true"],
    ["no", "exists", undefined],
    ["missing", "exists", false],
    ["nothing", "exists", "false"],
    ["utm.source", "equals", "google"],
    ["utm.deep.er", "gte", 1],
    ["utm.medium", "equals", "cpc"],
    ["items.0.sku", "equals", "A"],
    ["utm", "exists", undefined],
  ])("%s %s %j matches", (...filter) => {
    expect(matches(filter)).toBe(true);
  });

  it.each<Case>([
    ["path", "equals", "/pricing"],
    ["path", "equals", "/PRICING/ENTERPRISE"],
    ["missing", "equals", ""],
    ["nothing", "equals", "null"],
    ["amount", "not_equals", "250"],
    ["path", "contains", "/demo"],
    ["tags", "contains", "vi"],
    ["missing", "contains", ""],
    ["path", "starts_with", "pricing"],
    ["missing", "starts_with", ""],
    ["amount", "gt", 250],
    ["amount", "gt", "1000"],
    ["amount", "lt", "30"],
    ["text_amount", "lt", "1000x"],
    ["path", "gte", 5],
    ["empty", "lt", 5],
    ["yes", "gte", 0],
    ["tags", "gte", 0],
    ["missing", "lt", 5],
    ["missing", "lte", 5],
    ["path", "exists", false],
    ["missing", "exists", undefined],
    ["nothing", "exists", undefined],
    ["utm.missing", "exists", undefined],
    ["path.length", "exists", undefined],
    ["utm.toString", "exists", undefined],
    ["__proto__", "exists", undefined],
    ["constructor", "exists", undefined],
  ])("%s %s %j does not match", (...filter) => {
    expect(matches(filter)).toBe(false);
  });

  it("all of a rule's filters must match, and none is met by everything", () => {
    const yes: AttributeFilter = { field: "amount", operator: "gte", value: 100 };
    const no: AttributeFilter = { field: "amount", operator: "gte", value: 1000 };
    expect([matchesFilters([], {}), matchesFilters([yes, yes], METADATA), matchesFilters([yes, no], METADATA)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

it("a label reads as the filters do", () => {
  expect(
    filterLabel([
      { field: "path", operator: "contains", value: "/pricing" },
      { field: "coupon", operator: "exists" },
    ]),
  ).toBe("path contains /pricing and coupon exists");
});
