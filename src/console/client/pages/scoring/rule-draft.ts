/** A rule as it is edited: numbers are what was typed. Pure. */
import type { CallInput } from "../../../server/calls";
import { typedNumber } from "../../typed-number";
import { type EditedFilter, editedOf, type Rule, sentOf } from "./filter-words";
import type { Period } from "./period-fields";

export type RuleDraft = Period & {
  event_type: string;
  weight: string;
  half_life: string;
  fades: boolean;
  filters: readonly EditedFilter[];
};
export type SentRule = Omit<CallInput<"scoring.createRule">, "ruleset_id" | "active">;

const HALF_LIFE_SUGGESTED = "14";

export const NEW_RULE: RuleDraft = {
  event_type: "",
  weight: "10",
  half_life: HALF_LIFE_SUGGESTED,
  fades: true,
  filters: [],
  starts_at: null,
  ends_at: null,
};

export const draftOf = ({ event_type, weight, half_life_days, attribute_filters, starts_at, ends_at }: Rule): RuleDraft => ({
  event_type,
  weight: String(weight),
  half_life: half_life_days === null ? HALF_LIFE_SUGGESTED : String(half_life_days),
  fades: half_life_days !== null,
  filters: attribute_filters.map(editedOf),
  starts_at,
  ends_at,
});

/** Throws Problem at a field that holds no number. */
export const sentRule = ({ event_type, weight, half_life, fades, filters, starts_at, ends_at }: RuleDraft): SentRule => ({
  event_type,
  weight: typedNumber("weight", weight),
  half_life_days: fades ? typedNumber("half_life_days", half_life) : null,
  attribute_filters: filters.map(sentOf),
  starts_at,
  ends_at,
});

/** What of a saved rule is another in the draft. */
export function changesOf(rule: Rule, sent: SentRule): Partial<SentRule> {
  const before = sentRule(draftOf(rule));
  const changed = Object.entries(sent).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof SentRule]),
  );
  return Object.fromEntries(changed) as Partial<SentRule>;
}
