/** Rules on a lead's profile, and what a profile scores by them. Pure. */
import type { Json, Profile } from "../leads";

export const PROFILE_OPERATORS = ["equals", "not_equals", "contains", "greater_than", "less_than"] as const;
export type ProfileOperator = (typeof PROFILE_OPERATORS)[number];

export type ProfileRuleset = { ruleset_id: string; name: string; active: boolean; created_at: number; updated_at: number };

export type ProfileRule = {
  rule_id: string;
  ruleset_id: string;
  profile_field: string;
  operator: ProfileOperator;
  value: string;
  /** whole points, positive or negative */
  weight: number;
  active: boolean;
  created_at: number;
  updated_at: number;
};

/** A key of leads' metadata that fills a field of the rules. */
export type ProfileMapping = { mapping_id: string; metadata_key: string; profile_field: string; created_at: number };

export type ScoringRule = Pick<ProfileRule, "ruleset_id" | "profile_field" | "operator" | "value" | "weight">;

/** The active rules of active rulesets, and the mappings, oldest first. */
export type ProfileBook = {
  rules: readonly ScoringRule[];
  mappings: readonly Pick<ProfileMapping, "metadata_key" | "profile_field">[];
};

/** The points of each ruleset that has given any. */
export function scoreProfile({ rules, mappings }: ProfileBook, profile: Profile): Map<string, number> {
  const scores = new Map<string, number>();
  const fields = fieldsOf(mappings, profile);
  for (const rule of rules) {
    if (matches(rule, fields.get(rule.profile_field))) scores.set(rule.ruleset_id, (scores.get(rule.ruleset_id) ?? 0) + rule.weight);
  }
  return scores;
}

/** The fields of a profile: each has the value of its oldest mapping whose key is filled. A field without a mapping has none. */
export function fieldsOf(mappings: ProfileBook["mappings"], profile: Profile): Map<string, Json> {
  const fields = new Map<string, Json>();
  for (const { metadata_key, profile_field } of mappings) {
    const value = Object.hasOwn(profile, metadata_key) ? profile[metadata_key] : null;
    if (!fields.has(profile_field) && value !== undefined && value !== null && value !== "") fields.set(profile_field, value);
  }
  return fields;
}

/** Texts compare without regard to case; an empty field matches no rule but `not_equals`. */
export function matches({ operator, value }: Pick<ProfileRule, "operator" | "value">, actual: Json | undefined): boolean {
  if (actual === undefined) return operator === "not_equals";
  const wanted = folded(value);
  switch (operator) {
    case "equals":
      return folded(actual) === wanted;
    case "not_equals":
      return folded(actual) !== wanted;
    case "contains":
      return Array.isArray(actual) ? actual.some((item) => folded(item) === wanted) : folded(actual).includes(wanted);
    case "greater_than":
      return order(actual, value) > 0;
    case "less_than":
      return order(actual, value) < 0;
  }
}

const folded = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value)).trim().toLowerCase();

/** Numbers by value, RFC 3339 times and other texts by code unit; NaN, which is neither more nor less, for anything else. */
function order(actual: Json, wanted: string): number {
  const [a, b] = [Number(actual === "" ? Number.NaN : actual), Number(wanted.trim() === "" ? Number.NaN : wanted)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  if (typeof actual !== "string" || Number.isNaN(a) !== Number.isNaN(b)) return Number.NaN;
  return actual < wanted ? -1 : actual > wanted ? 1 : 0;
}
