/** What a profile scores by its rules. */
import { describe, expect, it } from "vitest";
import { matches, type ProfileOperator, scoreProfile } from "../../../src/core/profile-scoring/rule";

type Case = [actual: string | number | boolean | string[] | undefined, operator: ProfileOperator, value: string];
const hit = ([actual, operator, value]: Case) => matches({ operator, value }, actual);

it.each<Case>([
  ["Head of Sales", "equals", " head of sales"],
  ["Head of Sales", "contains", "SALES"],
  [["vip", "Trial"], "contains", "trial"],
  ["Head of Sales", "not_equals", "Intern"],
  [undefined, "not_equals", "Intern"],
  [250, "equals", "250"],
  [true, "equals", "true"],
  [250, "greater_than", "99"],
  ["250", "greater_than", "99"],
  ["9", "less_than", "10"],
  ["2026-01-15T10:00:00Z", "greater_than", "2026-01-01T00:00:00Z"],
])("%j %s %j", (...args) => expect(hit(args)).toBe(true));

it.each<Case>([
  ["Head of Sales", "equals", "Sales"],
  [undefined, "equals", ""],
  [undefined, "contains", "a"],
  [undefined, "less_than", "5"],
  ["Intern", "not_equals", "intern"],
  ["many", "greater_than", "5"],
  ["5", "greater_than", "many"],
  [5, "greater_than", "5"],
  [["vip trial"], "contains", "trial"],
])("not %j %s %j", (...args) => expect(hit(args)).toBe(false));

const RULE = { ruleset_id: "a", profile_field: "job_title", operator: "contains", value: "head", weight: 20 } as const;
const TITLE = { metadata_key: "title", profile_field: "job_title" };

describe("a profile's score", () => {
  it("is the sum of the matching rules, for each ruleset", () => {
    const rules = [RULE, { ...RULE, value: "sales", weight: 5 }, { ...RULE, ruleset_id: "b", weight: -3 }, { ...RULE, value: "intern" }];
    expect(scoreProfile({ rules, mappings: [TITLE] }, { title: "Head of Sales" })).toEqual(
      new Map([
        ["a", 25],
        ["b", -3],
      ]),
    );
  });

  it("is empty without a mapping for the rules' field", () => {
    expect(scoreProfile({ rules: [RULE], mappings: [] }, { title: "Head", job_title: "Head" })).toEqual(new Map());
  });

  it("takes the oldest mapping whose key is filled", () => {
    const mappings = [TITLE, { metadata_key: "position", profile_field: "job_title" }];
    expect(scoreProfile({ rules: [RULE], mappings }, { title: "", position: "Head" }).get("a")).toBe(20);
    expect(scoreProfile({ rules: [RULE], mappings }, { title: "Intern", position: "Head" }).get("a")).toBeUndefined();
  });
});
