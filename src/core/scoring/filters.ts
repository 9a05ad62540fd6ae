/** Attribute filters of a rule, on an event's metadata. Pure. */
import type { Json } from "../leads";

export const FILTER_OPERATORS = ["equals", "not_equals", "contains", "starts_with", "gt", "gte", "lt", "lte", "exists"] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** `exists` with the value false matches a missing field. */
export type AttributeFilter = { field: string; operator: FilterOperator; value?: string | number | boolean | undefined };

export type Metadata = { [key: string]: Json };

export const matchesFilters = (filters: readonly AttributeFilter[], metadata: Metadata): boolean =>
  filters.every((filter) => matchesFilter(filter, attributeOf(metadata, filter.field)));

/** The filters of a rule in words: "path contains /pricing". */
export const filterLabel = (filters: readonly AttributeFilter[]): string =>
  filters
    .map(({ field, operator, value }) => (value === undefined ? `${field} ${operator}` : `${field} ${operator} ${value}`))
    .join(" and ");

function matchesFilter({ operator, value: wanted }: AttributeFilter, actual: Json | undefined): boolean {
  const exists = actual !== undefined && actual !== null;
  if (operator === "exists") return exists === (wanted !== false && wanted !== "false");
  if (operator === "not_equals") return !exists || text(actual) !== text(wanted);
  if (!exists || wanted === undefined) return false;
  switch (operator) {
    case "equals":
      return text(actual) === text(wanted);
    case "contains":
      return Array.isArray(actual) ? actual.some((item) => text(item) === text(wanted)) : text(actual).includes(text(wanted));
    case "starts_with":
      return text(actual).startsWith(text(wanted));
    default:
      return compares(operator, actual, wanted);
  }
}

/** Numbers (numeric strings included) compare by value; other strings, RFC 3339 times among them, by code unit. */
function compares(operator: "gt" | "gte" | "lt" | "lte", actual: Json, wanted: string | number | boolean): boolean {
  const [a, b] = [number(actual), number(wanted)];
  const order =
    a !== null && b !== null ? a - b : typeof actual === "string" && typeof wanted === "string" ? compareTexts(actual, wanted) : NaN;
  if (operator === "gt") return order > 0;
  if (operator === "gte") return order >= 0;
  return operator === "lt" ? order < 0 : order <= 0;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function number(value: Json): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));

/** A key that is spelt exactly so comes first, then a dotted path: `utm.source`. */
function attributeOf(metadata: Metadata, field: string): Json | undefined {
  if (Object.hasOwn(metadata, field)) return metadata[field];
  let value: Json | undefined = metadata;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Metadata)[key];
  }
  return value;
}
