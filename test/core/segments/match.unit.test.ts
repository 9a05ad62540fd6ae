/** Operators of segment rules, and how rules are joined. */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/leads";
import { compares, matches } from "../../../src/core/segments/match";
import { type Operator, type Rule, Rules } from "../../../src/core/segments/schemas";

const facts = (profile: Record<string, Json>, more: object = {}) =>
  ({
    lead: { profile, aliases: [], status: "new", owner_id: null, account_id: null, shown_email: null, shown_phone: null },
    account: null,
    score: { score: 12.345, level: null },
    profileLevel: null,
    eventCounts: new Map(),
    ...more,
  }) as unknown as Parameters<typeof matches>[1];

describe("operators", () => {
  it.each<[Operator, Json | undefined, string | number | boolean | undefined, boolean]>([
    ["equals", "Acme", "acme", true],
    ["equals", "5", 5, true],
    ["equals", true, true, true],
    ["equals", undefined, "x", false],
    ["not_equals", undefined, "x", true],
    ["not_equals", "x", "X", false],
    ["contains", "Acme Corp", "corp", true],
    ["contains", ["vip", "beta"], "vip", true],
    ["starts_with", "Acme", "ac", true],
    ["ends_with", "Acme", "ME", true],
    ["ends_with", "Acme", "ac", false],
    ["greater_than", "10", 9, true],
    ["greater_than", "b", "a", true],
    ["less_than", 3, 3, false],
    ["less_or_equal", 3, 3, true],
    ["greater_or_equal", null, 0, false],
    ["is_empty", undefined, undefined, true],
    ["is_empty", "", undefined, true],
    ["is_empty", [], undefined, true],
    ["is_empty", 0, undefined, false],
    ["is_not_empty", false, undefined, true],
  ])("%s: %j and %j", (operator, actual, wanted, expected) => {
    expect(compares(operator, actual, wanted)).toBe(expected);
  });
});

describe("rules", () => {
  const plan = (value: string): Rule => ({ type: "lead_metadata", field: "plan", operator: "equals", value });

  it("are joined by and, or and not", () => {
    const lead = facts({ plan: "pro" });
    expect(matches({ and: [plan("pro"), { not: plan("free") }] }, lead)).toBe(true);
    expect(matches({ or: [plan("free"), plan("pro")] }, lead)).toBe(true);
    expect(matches({ and: [plan("pro"), plan("free")] }, lead)).toBe(false);
    expect(matches({ not: { or: [plan("free"), plan("team")] } }, lead)).toBe(true);
  });

  it("compare the score as it is displayed", () => {
    expect(matches({ type: "score", operator: "equals", value: 12.35 }, facts({}))).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["an unknown type", { and: [{ type: "moon", operator: "equals", value: 1 }] }, "and.0.type"],
    ["an unknown operator", { type: "score", operator: "contains", value: 1 }, "operator"],
    ["a missing value", { or: [{ type: "lead_metadata", field: "plan", operator: "equals" }] }, "or.0"],
    ["an empty list", { and: [] }, "and"],
    ["both and and or", { and: [plan("a")], or: [plan("b")] }, "type"],
    ["a list", [], ""],
    ["an operator that levels do not have", { type: "account_level", operator: "contains", value: "x" }, "operator"],
    ["six levels", { not: { not: { not: { not: { not: plan("a") } } } } }, "not.not.not.not.not"],
    ["31 conditions", { and: Array.from({ length: 16 }, () => ({ or: [plan("a"), plan("b")] })) }, ""],
    ["six conditions on events", { and: Array(6).fill({ type: "event_count", operator: "greater_than", value: 1 }) }, ""],
  ])("%s is refused, and its place named", (_, rules, path) => {
    const parsed = Rules.safeParse(rules);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });
});
