/**
 * The language of segments: conditions on a lead, its account, its score and its events, joined by `and`, `or` and `not`. It is parsed here
 * and nowhere else.
 */
import { z } from "zod";
import { changesOf, isStorable, NOT_STORABLE, shortText, wholeNumber } from "../../schemas";
import { oneOf, SEGMENT_SUBJECTS, type SegmentSubject } from "../../vocabulary";
import { ConsentPurpose, isAttributeKey } from "../leads";

export const OPERATORS = [
  "equals",
  "not_equals",
  "contains",
  "starts_with",
  "ends_with",
  "greater_than",
  "less_than",
  "greater_or_equal",
  "less_or_equal",
  "is_empty",
  "is_not_empty",
] as const;
export type Operator = (typeof OPERATORS)[number];
const NUMBER_OPERATORS = ["equals", "not_equals", "greater_than", "less_than", "greater_or_equal", "less_or_equal"] as const;
const LEVEL_OPERATORS = ["equals", "not_equals", "is_empty", "is_not_empty"] as const;

const LEAD_FIELDS = ["status", "owner_id", "account_id", "email", "phone", "name"] as const;
const CONSENTS = ["granted", "denied"] as const;

const TEXT_CHARS_MAX = 200;
const DAYS_MAX = 365;
const DEPTH_MAX = 5;
const CONDITIONS_MAX = 30;
/** Each reads events of every lead that is checked. */
const EVENT_CONDITIONS_MAX = 5;

const operator = <const List extends readonly string[]>(list: List) => z.enum(list, oneOf(list));
const Value = z
  .union([
    z.string().max(TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters`).refine(isStorable, NOT_STORABLE),
    z.number(),
    z.boolean(),
  ])
  .meta({ description: "Texts are compared without regard to case, numbers and texts of numbers by value" });
const Key = z.string().refine(isAttributeKey, "is not an attribute key: 1 to 64 characters, letters, digits, underscore, dash, dot, space");
const eventType = shortText(128).optional().meta({ description: "Events of this type; left out: of any" });
const withinDays = wholeNumber(1, DAYS_MAX).optional().meta({ description: "Events of the last days; left out: all that are looked at" });
const anyOperator = { operator: operator(OPERATORS), value: Value.optional() };

const level = {
  operator: operator(LEVEL_OPERATORS),
  value: shortText(TEXT_CHARS_MAX).optional().meta({ description: "Id or name of a level" }),
};

export const Condition = z.discriminatedUnion("type", [
  z.object({ type: z.literal("lead"), field: z.enum(LEAD_FIELDS, oneOf(LEAD_FIELDS)), ...anyOperator }),
  z.object({ type: z.literal("lead_metadata"), field: Key, ...anyOperator }),
  z.object({
    type: z.literal("consent"),
    field: ConsentPurpose.meta({ description: "A purpose" }),
    operator: operator(LEVEL_OPERATORS),
    value: z.enum(CONSENTS, oneOf(CONSENTS)).optional(),
  }),
  z.object({ type: z.literal("account_metadata"), field: Key, ...anyOperator }),
  z.object({ type: z.literal("account_score"), operator: operator(NUMBER_OPERATORS), value: z.number() }),
  z.object({ type: z.literal("account_level"), ...level }),
  z.object({ type: z.literal("event_metadata"), event_type: eventType, field: Key, ...anyOperator, within_days: withinDays }),
  z.object({
    type: z.literal("event_count"),
    event_type: eventType,
    operator: operator(NUMBER_OPERATORS),
    value: wholeNumber(0, 1_000),
    within_days: withinDays,
  }),
  z.object({ type: z.literal("score"), operator: operator(NUMBER_OPERATORS), value: z.number() }),
  z.object({ type: z.literal("engagement_level"), ...level }),
  z.object({ type: z.literal("profile_level"), ...level }),
]);
export type Condition = z.output<typeof Condition>;
export type EventCondition = Extract<Condition, { type: "event_metadata" | "event_count" }>;
export type AccountCondition = Extract<Condition, { type: "account_metadata" | "account_score" | "account_level" }>;
export type Rule = Condition | { and: Rule[] } | { or: Rule[] } | { not: Rule };

const WITHOUT_VALUE: readonly string[] = ["is_empty", "is_not_empty"];

export const isEventCondition = (rule: Rule): rule is EventCondition =>
  "type" in rule && (rule.type === "event_metadata" || rule.type === "event_count");

export const isAccountCondition = (condition: Condition): condition is AccountCondition =>
  condition.type === "account_metadata" || condition.type === "account_score" || condition.type === "account_level";

/** Whether rules add up the scores of all leads of an account. */
export const sumsAccounts = (rules: readonly Rule[]): boolean =>
  rules.flatMap(conditionsOf).some(({ type }) => type === "account_level" || type === "account_score");

/** The conditions of a rule, in their order. */
export const conditionsOf = (rule: Rule): Condition[] => {
  if ("type" in rule) return [rule];
  if ("not" in rule) return conditionsOf(rule.not);
  return ("and" in rule ? rule.and : rule.or).flatMap(conditionsOf);
};

/** Rules as JSON. One that is too deep or too long is refused. */
export const Rules = z
  .custom<Record<string, unknown>>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
  .transform((value, context): Rule => {
    const rule = readRule(value, [], 1, context);
    if (rule === null) return z.NEVER;
    const conditions = conditionsOf(rule);
    if (conditions.length > CONDITIONS_MAX) context.addIssue({ code: "custom", message: `must have at most ${CONDITIONS_MAX} conditions` });
    if (conditions.filter(isEventCondition).length > EVENT_CONDITIONS_MAX)
      context.addIssue({ code: "custom", message: `must have at most ${EVENT_CONDITIONS_MAX} conditions on events` });
    return rule;
  });

/** Rules that events of a lead are processed under: what they say has to be known by then. */
export const TriggerFilter = Rules.refine(
  (rule) => !conditionsOf(rule).some(isEventCondition) && !sumsAccounts([rule]),
  "must not name events, account_score or account_level",
);

type Context = z.RefinementCtx;
type Path = (string | number)[];

function readRule(value: unknown, path: Path, depth: number, context: Context): Rule | null {
  const refuse = (message: string) => {
    context.addIssue({ code: "custom", path, message });
    return null;
  };
  if (depth > DEPTH_MAX) return refuse(`must not be nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("must be a condition, or have and, or or not");
  const [key, ...others] = Object.keys(value);
  const given = value as Record<string, unknown>;
  if (key === "not" && others.length === 0) {
    const inner = readRule(given.not, [...path, "not"], depth + 1, context);
    return inner && { not: inner };
  }
  if ((key === "and" || key === "or") && others.length === 0) return readList(given[key], key, [...path, key], depth, context);
  const parsed = Condition.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      context.addIssue({ code: "custom", path: [...path, ...issue.path.map(String)], message: issue.message });
    return null;
  }
  const { data } = parsed;
  if (data.value === undefined && !WITHOUT_VALUE.includes(data.operator)) return refuse(`${data.operator} needs a value`);
  return data;
}

function readList(list: unknown, key: "and" | "or", path: Path, depth: number, context: Context): Rule | null {
  if (!Array.isArray(list) || list.length === 0 || list.length > CONDITIONS_MAX) {
    context.addIssue({ code: "custom", path, message: `must be a list of 1 to ${CONDITIONS_MAX} rules` });
    return null;
  }
  const rules = list.map((inner, at) => readRule(inner, [...path, at], depth + 1, context));
  if (rules.includes(null)) return null;
  return key === "and" ? { and: rules as Rule[] } : { or: rules as Rule[] };
}

const NAME_CHARS_MAX = 100;
const DESCRIPTION_CHARS_MAX = 500;

export const NOT_OF_ACCOUNTS = "must name nothing but account_metadata, account_score and account_level: it is a segment of accounts";

const FIELDS = {
  name: shortText(NAME_CHARS_MAX),
  description: shortText(DESCRIPTION_CHARS_MAX).nullable(),
  rules: Rules,
  active: z.boolean(),
};

/** A segment keeps its subject: its rules would mean something else. */
export const NewSegment = z
  .object({
    ...FIELDS,
    subject: z.enum(SEGMENT_SUBJECTS, oneOf(SEGMENT_SUBJECTS)).default("leads"),
    description: FIELDS.description.default(null),
    active: FIELDS.active.default(true),
  })
  .refine(({ subject, rules }) => fitsSubject(subject, rules), { path: ["rules"], message: NOT_OF_ACCOUNTS });
export const SegmentChange = changesOf(FIELDS);

export const fitsSubject = (subject: SegmentSubject, rules: Rule): boolean =>
  subject === "leads" || conditionsOf(rules).every(isAccountCondition);
