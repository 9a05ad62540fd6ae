/** What a list of leads is narrowed by, under the names of its parameters: in a query, in a saved filter, in whatever works on such a list. */
import { z } from "zod";
import { Instant } from "../../schemas";
import { DAY_MS, parseIsoTime } from "../../time";
import { invalidRequest, parseInput } from "../../validation";
import { oneOf } from "../../vocabulary";
import { searchTerms } from "../leads";
import { Rules } from "../segments";
import { LEAD_SORTS, LeadListInput } from "./schemas";

const NUMBER = "must be a number";
const Score = z
  .union([z.number(), z.string().trim().min(1)], NUMBER)
  .transform(Number)
  .refine(Number.isFinite, NUMBER);
const RFC_3339 = "must be a time in RFC 3339 format";
const Moment = z
  .string(RFC_3339)
  .transform(parseIsoTime)
  .refine((at) => !Number.isNaN(at), RFC_3339)
  .pipe(Instant);

const ACTIVE_DAYS = { "7d": 7, "30d": 30 } as const;
const ACTIVE = ["7d", "30d"] as const;
const ATTRIBUTE_PREFIX = "attr.";
const { q, status, account_id, owner_id, consent, has, level, event_type, range, segment } = LeadListInput.shape;

/** Rules as a segment has them: an object, or its JSON in a query. */
const RuleCriterion = z.preprocess((value, context) => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue({ code: "custom", message: "must be rules as JSON" });
    return z.NEVER;
  }
}, Rules);

export const CRITERIA = {
  q,
  status,
  account_id,
  owner_id,
  consent,
  has,
  min_score: Score.optional(),
  max_score: Score.optional(),
  level,
  event_type,
  last_active: z.enum(ACTIVE, oneOf(ACTIVE)).optional(),
  updated_since: Moment.optional(),
  range,
  segment,
  filter: RuleCriterion.optional(),
};
type NamedCriteria = z.output<z.ZodObject<typeof CRITERIA>>;

const Scalar = z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false");

const criteriaObject = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z
    .object(fields)
    .catchall(Scalar)
    .superRefine((criteria, context) => {
      for (const key of Object.keys(criteria)) {
        if (!(key in fields) && !key.startsWith(ATTRIBUTE_PREFIX))
          context.addIssue({ code: "custom", path: [key], message: "is no parameter of the list of leads" });
      }
    });

/** What a saved filter keeps, with the order of the list. */
export const SavedCriteria = criteriaObject({ ...CRITERIA, sort: z.enum(LEAD_SORTS, oneOf(LEAD_SORTS)).optional() });

export type Criteria = Omit<z.input<typeof LeadListInput>, "page" | "limit" | "cursor" | "count" | "sort">;

/** The criteria of a list: `attr.<key>` among the others. */
export function criteriaOf({ last_active, ...named }: NamedCriteria, others: Readonly<Record<string, unknown>>, now: number): Criteria {
  return {
    ...named,
    active_since: last_active && now - ACTIVE_DAYS[last_active] * DAY_MS,
    attributes: Object.entries(others).flatMap(([name, value]): [string, string][] =>
      name.startsWith(ATTRIBUTE_PREFIX) ? [[name.slice(ATTRIBUTE_PREFIX.length), String(value)]] : [],
    ),
  };
}

/** Throws invalid_request for what is no parameter of the list, or a value that it cannot have. */
export function readCriteria(given: unknown, now: number): Criteria {
  const { sort, ...parsed } = parseInput(SavedCriteria, given);
  const named = Object.fromEntries(Object.entries(parsed).filter(([name]) => name in CRITERIA)) as NamedCriteria;
  const criteria = criteriaOf(named, parsed, now);
  parseInput(LeadListInput, { ...criteria, page: 1, limit: 1 });
  return criteria;
}

/**
 * As `readCriteria`, for what changes or deletes leads: an order, or a search without words, narrows nothing and would mean every lead.
 * Throws invalid_request.
 */
export function readNarrowing(given: unknown, now: number): Criteria {
  const { q, attributes = [], ...criteria } = readCriteria(given, now);
  const searches = searchTerms(q ?? "").length > 0;
  const narrows = searches || attributes.length > 0 || Object.values(criteria).some((value) => value !== undefined);
  if (!narrows) throw invalidRequest([{ path: "filter", message: "must have at least one criterion: no filter would mean every lead" }]);
  return { ...criteria, attributes, ...(searches ? { q } : {}) };
}
