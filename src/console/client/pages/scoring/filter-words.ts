/** The conditions of a rule as the page words them. Pure. */
import type { CallInput, CallOutput } from "../../../server/calls";

export type Rule = CallOutput<"scoring.rulesets">[number]["rules"][number];
export type Filter = Rule["attribute_filters"][number];
type SentFilter = NonNullable<CallInput<"scoring.tryRule">["attribute_filters"]>[number];

/** `missing` is `exists` with the value false. */
export const OPERATORS = {
  equals: "is",
  not_equals: "is not",
  contains: "contains",
  starts_with: "starts with",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  exists: "is there",
  missing: "is not there",
} as const;
export type OperatorWord = keyof typeof OPERATORS;

/** As it is edited: its value is a text. `given`: as it was loaded. */
export type EditedFilter = { field: string; operator: OperatorWord; value: string; given: Filter | null };

export const NO_FILTER: EditedFilter = { field: "", operator: "equals", value: "", given: null };

export const takesValue = (operator: OperatorWord): boolean => operator !== "exists" && operator !== "missing";

const wordOf = ({ operator, value }: Filter): OperatorWord =>
  operator === "exists" && (value === false || value === "false") ? "missing" : operator;

export const editedOf = (filter: Filter): EditedFilter => ({
  field: filter.field,
  operator: wordOf(filter),
  value: filter.value === undefined ? "" : String(filter.value),
  given: filter,
});

/** A number or a truth value that was loaded stays one as long as its text does. */
export function sentOf({ field, operator, value, given }: EditedFilter): SentFilter {
  if (operator === "missing") return { field, operator: "exists", value: false };
  if (operator === "exists") return { field, operator };
  const same = given?.value !== undefined && String(given.value) === value;
  return { field, operator, value: same ? given.value : value };
}

export const filterWords = (filter: Filter): string => {
  const operator = wordOf(filter);
  return `${filter.field} ${OPERATORS[operator]}${takesValue(operator) ? ` ${filter.value}` : ""}`;
};
