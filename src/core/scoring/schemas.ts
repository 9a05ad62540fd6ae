/** What the verbs of scoring accept. Times are ms. */
import { z } from "zod";
import { changesOf, Instant, shortText, wholeNumber } from "../../schemas";
import { oneOf } from "../../vocabulary";
import { FILTER_OPERATORS } from "./filters";

export const RULESET_FIELDS = { name: shortText(100), active: z.boolean(), starts_at: Instant.nullable(), ends_at: Instant.nullable() };

export const NewRuleset = z.object({
  ...RULESET_FIELDS,
  active: RULESET_FIELDS.active.default(true),
  starts_at: RULESET_FIELDS.starts_at.default(null),
  ends_at: RULESET_FIELDS.ends_at.default(null),
});
export const RulesetChange = changesOf(RULESET_FIELDS);

const FILTERS_MAX = 20;
const WEIGHT_MAX = 1_000_000;
const HALF_LIFE_DAYS_MAX = 36_500;

const AttributeFilter = z
  .object({
    field: z.string().min(1, "must not be empty").max(200, "must be at most 200 characters").meta({ example: "path" }),
    operator: z.enum(FILTER_OPERATORS, oneOf(FILTER_OPERATORS)),
    value: z
      .union([z.string().max(1000, "must be at most 1,000 characters"), z.number(), z.boolean()])
      .optional()
      .meta({ description: "Required unless the operator is `exists`" }),
  })
  .refine(({ operator, value }) => operator === "exists" || value !== undefined, { path: ["value"], message: "is required" });

export const RULE_FIELDS = {
  event_type: shortText(128),
  weight: z
    .number()
    .int("must be a whole number")
    .min(-WEIGHT_MAX, `must be at least -${WEIGHT_MAX}`)
    .max(WEIGHT_MAX, `must be at most ${WEIGHT_MAX}`),
  active: z.boolean(),
  starts_at: Instant.nullable(),
  ends_at: Instant.nullable(),
  half_life_days: z
    .number()
    .refine((days) => days > 0, "must be positive")
    .min(1 / 86_400, "must be at least a second")
    .max(HALF_LIFE_DAYS_MAX, `must be at most ${HALF_LIFE_DAYS_MAX}`)
    .nullable()
    .meta({ description: "Days until the points of an event count half; null: they do not decay" }),
  attribute_filters: z.array(AttributeFilter).max(FILTERS_MAX, `at most ${FILTERS_MAX} filters`),
};

export const NewRule = z.object({
  ...RULE_FIELDS,
  active: RULE_FIELDS.active.default(true),
  starts_at: RULE_FIELDS.starts_at.default(null),
  ends_at: RULE_FIELDS.ends_at.default(null),
  half_life_days: RULE_FIELDS.half_life_days.default(null),
  attribute_filters: RULE_FIELDS.attribute_filters.default([]),
});
export const RuleChange = changesOf(RULE_FIELDS);
export const TriedRule = NewRule.pick({ event_type: true, weight: true, half_life_days: true, attribute_filters: true });

const PERIODS_MAX = 100;
/** Where each period begins, in ms. */
export const TrialPeriods = z
  .array(Instant)
  .min(1, "must have at least one period")
  .max(PERIODS_MAX, `must have at most ${PERIODS_MAX} periods`);

const points = z.number().int("must be a whole number");
export const LEVEL_FIELDS = {
  name: shortText(50),
  min_score: points.meta({ description: "Inclusive" }),
  max_score: points.nullable().meta({ description: "Inclusive; null: open" }),
  color: z.string().regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #64748b"),
  position: points,
};

export const NewLevel = z.object({
  ...LEVEL_FIELDS,
  max_score: LEVEL_FIELDS.max_score.default(null),
  color: LEVEL_FIELDS.color.default("#64748b"),
  position: LEVEL_FIELDS.position.default(0),
});
export const LevelChange = changesOf(LEVEL_FIELDS);

const LEVELS_MAX = 1_000;
/** Every level of a dimension. `version`: of the levels that the caller looked at. */
export const LevelArrangement = z.object({
  version: z.string(),
  levels: z
    .array(
      z.object({
        level_id: z
          .string()
          .regex(/^lvl_[0-9a-f]{32}$/, "must be the id of a level")
          .nullable(),
        ...LEVEL_FIELDS,
      }),
    )
    .max(LEVELS_MAX, `at most ${LEVELS_MAX} levels`),
});

const EXPLAINED_YEARS_MAX = 10;
export const EXPLAINED_HOURS_MAX = EXPLAINED_YEARS_MAX * 365 * 24;
export const ExplanationInput = z.object({
  hours: wholeNumber(1, EXPLAINED_HOURS_MAX).optional(),
  at: Instant.optional(),
});

export const HISTORY_DAYS_MAX = 90;
export const HistoryInput = z.object({
  days: wholeNumber(1, HISTORY_DAYS_MAX).default(30),
  start_date: Instant.optional(),
  end_date: Instant.optional(),
  ruleset_id: z.string().optional(),
});

export const TOP_LEADS_MAX = 100;
export const TopLeadsInput = z.object({ limit: wholeNumber(1, TOP_LEADS_MAX).default(10) });
