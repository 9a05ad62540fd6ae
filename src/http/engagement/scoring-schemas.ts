/** Rulesets and rules on the wire. */
import { z } from "@hono/zod-openapi";
import { FILTER_OPERATORS } from "../../core/scoring";
import { changesOf, shortText, Timestamp } from "./schemas";

const name = shortText(100);

/** A moment as it is sent; milliseconds inside. */
export const Moment = z.iso
  .datetime({ offset: true, error: "must be a time in RFC 3339 format" })
  .transform((sent) => Date.parse(sent))
  .openapi({ type: "string", format: "date-time", example: "2026-01-15T10:00:00Z" });

const rulesetFields = { name, active: z.boolean(), starts_at: Moment.nullable(), ends_at: Moment.nullable() };
export const RulesetBody = z.object({
  name,
  active: rulesetFields.active.default(true),
  starts_at: rulesetFields.starts_at.default(null),
  ends_at: rulesetFields.ends_at.default(null),
});
export const RulesetChanges = changesOf(rulesetFields);

export const Ruleset = z.object({
  id: z.string(),
  name: z.string(),
  active: z.boolean(),
  starts_at: Timestamp.nullable(),
  ends_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
});

export const RULESET_EXAMPLE = {
  id: "rs_0193f3a2c7b07aa18000c0ffee123456",
  name: "Engagement",
  active: true,
  starts_at: null,
  ends_at: null,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};

const FILTERS_MAX = 20;
const WEIGHT_MAX = 1_000_000;
const HALF_LIFE_DAYS_MAX = 36_500;

const AttributeFilter = z
  .object({
    field: z.string().min(1, "must not be empty").max(200, "must be at most 200 characters").openapi({ example: "path" }),
    operator: z.enum(FILTER_OPERATORS, { error: `must be one of: ${FILTER_OPERATORS.join(", ")}` }),
    value: z.union([z.string().max(1000, "must be at most 1,000 characters"), z.number(), z.boolean()]).optional(),
  })
  .refine(({ operator, value }) => operator === "exists" || value !== undefined, { path: ["value"], message: "is required" });

const eventType = shortText(128);
const weight = z
  .number()
  .int("must be a whole number")
  .min(-WEIGHT_MAX, `must be at least -${WEIGHT_MAX}`)
  .max(WEIGHT_MAX, `must be at most ${WEIGHT_MAX}`);
const halfLife = z
  .number()
  .positive("must be positive")
  .min(1 / 86_400, "must be at least a second")
  .max(HALF_LIFE_DAYS_MAX, `must be at most ${HALF_LIFE_DAYS_MAX}`)
  .nullable()
  .openapi({ description: "Days until what the rule added counts half; null: it does not fade" });
const filters = z.array(AttributeFilter).max(FILTERS_MAX, `at most ${FILTERS_MAX} filters`);

const ruleFields = {
  event_type: eventType,
  weight,
  active: z.boolean(),
  starts_at: Moment.nullable(),
  ends_at: Moment.nullable(),
  half_life_days: halfLife,
  attribute_filters: filters,
};
export const RuleBody = z.object({
  ...ruleFields,
  active: ruleFields.active.default(true),
  starts_at: ruleFields.starts_at.default(null),
  ends_at: ruleFields.ends_at.default(null),
  half_life_days: halfLife.default(null),
  attribute_filters: filters.default([]),
});
export const RuleChanges = changesOf(ruleFields);
export const TriedRule = z.object({
  event_type: eventType,
  weight,
  half_life_days: halfLife.default(null),
  attribute_filters: filters.default([]),
});

export const Rule = z.object({
  id: z.string(),
  ruleset_id: z.string(),
  event_type: z.string(),
  weight: z.number().int(),
  active: z.boolean(),
  starts_at: Timestamp.nullable(),
  ends_at: Timestamp.nullable(),
  half_life_days: z.number().nullable(),
  attribute_filters: z.array(
    z.object({ field: z.string(), operator: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).optional() }),
  ),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type RuleFields = z.infer<typeof Rule>;

export const RULE_EXAMPLE = {
  id: "rule_0193f3a2c7b07aa18000c0ffee123456",
  ruleset_id: RULESET_EXAMPLE.id,
  event_type: "Page View",
  weight: 10,
  active: true,
  starts_at: null,
  ends_at: null,
  half_life_days: 14,
  attribute_filters: [{ field: "path", operator: "contains", value: "/pricing" }],
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
