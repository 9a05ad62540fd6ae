/** What the verbs of this part take. */
import { z } from "zod";
import { Instant, shortText, wholeNumber } from "../../schemas";
import { oneOf } from "../../vocabulary";

const TEXT_CHARS_MAX = 200;
const PER_PAGE_MAX = 100;
const PAGE_MAX = 100_000;
const SOURCES_MAX = 20;

export const ACCOUNT_SORTS = ["name", "score", "engagement", "last_activity"] as const;
export const SORT_ORDERS = ["asc", "desc"] as const;
export const SURGE_STATUSES = ["active", "inactive"] as const;

const Score = z.number({ error: "must be a number" });

export const AccountListInput = z.object({
  page: wholeNumber(1, PAGE_MAX),
  per_page: wholeNumber(1, PER_PAGE_MAX),
  /** part of a name or a domain */
  search: shortText(TEXT_CHARS_MAX).optional(),
  sort_by: z.enum(ACCOUNT_SORTS, oneOf(ACCOUNT_SORTS)),
  sort_order: z.enum(SORT_ORDERS, oneOf(SORT_ORDERS)),
  /** name or id of an account level */
  account_level: shortText(TEXT_CHARS_MAX).optional(),
  min_score: Score.optional(),
  max_score: Score.optional(),
  min_engagement: Score.optional(),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
  last_activity_after: Instant.optional(),
  surge_status: z.enum(SURGE_STATUSES, oneOf(SURGE_STATUSES)).optional(),
});

const AccountId = z.string().min(1, "must not be empty").max(TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters`);

export const AccountMergeInput = z.object({
  target_account_id: AccountId,
  source_account_ids: z.array(AccountId).min(1, "must name at least one account").max(SOURCES_MAX, `must be at most ${SOURCES_MAX}`),
});
