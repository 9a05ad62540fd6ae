/** Rulesets and rules on the wire. */
import { z } from "@hono/zod-openapi";
import { NewRule, NewRuleset, RULE_FIELDS, RULESET_FIELDS } from "../../core/scoring";
import { changesOf } from "../../schemas";
import { Moment, Timestamp } from "./schemas";

const sentPeriod = { starts_at: Moment.nullable(), ends_at: Moment.nullable() };
const periodOrNone = { starts_at: sentPeriod.starts_at.default(null), ends_at: sentPeriod.ends_at.default(null) };

export const RulesetBody = NewRuleset.extend(periodOrNone);
export const RulesetChanges = changesOf({ ...RULESET_FIELDS, ...sentPeriod });

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

export const RuleBody = NewRule.extend(periodOrNone);
export const RuleChanges = changesOf({ ...RULE_FIELDS, ...sentPeriod });

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
