/** Rules on profiles, as the page words them and as they are edited. Pure. */
import type { CallInput, CallOutput } from "../../../server/calls";
import { typedNumber } from "../../typed-number";

export type ProfileBook = CallOutput<"profileScoring.book">;
export type ProfileRuleset = ProfileBook["rulesets"][number];
export type ProfileRule = ProfileRuleset["rules"][number];
export type ProfileMapping = ProfileBook["mappings"][number];
export type SentProfileRule = Omit<CallInput<"profileScoring.createRule">, "ruleset_id" | "active">;
export type ProfileRuleDraft = Omit<SentProfileRule, "weight"> & { weight: string };

export const PROFILE_OPERATORS = {
  equals: "is",
  not_equals: "is not",
  contains: "contains",
  greater_than: "is more than",
  less_than: "is less than",
} as const satisfies Record<ProfileRule["operator"], string>;

export const NEW_PROFILE_RULE: ProfileRuleDraft = { profile_field: "", operator: "equals", value: "", weight: "10" };

export const profileDraftOf = ({ profile_field, operator, value, weight }: ProfileRule): ProfileRuleDraft => ({
  profile_field,
  operator,
  value,
  weight: String(weight),
});

/** Throws Problem when the points are not a number. */
export const sentProfileRule = ({ weight, ...draft }: ProfileRuleDraft): SentProfileRule => ({
  ...draft,
  weight: typedNumber("weight", weight),
});

/** A field is a name that people chose: `job_title` is read as "job title". */
export const fieldWords = (field: string): string => field.replaceAll("_", " ");

export const conditionWords = ({ operator, value }: Pick<ProfileRule, "operator" | "value">): string =>
  `${PROFILE_OPERATORS[operator]} ${value}`;

/** The keys of leads that fill a field; the first one that has a value counts. */
export const keysOf = (mappings: readonly ProfileMapping[], field: string): string[] =>
  mappings.filter(({ profile_field }) => profile_field === field).map(({ metadata_key }) => metadata_key);
