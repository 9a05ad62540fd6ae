/** What the verbs of this part take. */
import { z } from "zod";
import { changesOf, Instant, shortText, wholeNumber } from "../../schemas";
import { LEAD_STATUSES, oneOf } from "../../vocabulary";
import { RANGES } from "../events";
import { ConsentPurpose, isAttributeKey, LeadChangeInput, LeadId, LIST_LIMIT_MAX, LIST_PAGE_MAX, SEARCH_CHARS_MAX } from "../leads";
import { Rules } from "../segments";

const { profile, ...fields } = LeadChangeInput.shape;

/** `metadata` is the whole new metadata. */
export const LEAD_UPDATE_FIELDS = { ...fields, metadata: profile.unwrap() };

/** `metadata_patch` is merged key by key; null removes a key. */
export const LeadUpdateInput = changesOf({ ...LEAD_UPDATE_FIELDS, metadata_patch: profile.unwrap() });

export type LeadUpdate = z.input<typeof LeadUpdateInput>;

const FILTER_CHARS_MAX = 200;
const ATTRIBUTES_MAX = 5;
const IDS_MAX = 10_000;
const FilterText = shortText(FILTER_CHARS_MAX);
const Score = z.number({ error: "must be a number" });

export const LEAD_SORTS = ["-created_at", "-updated_at", "-score", "name"] as const;
export type LeadSort = (typeof LEAD_SORTS)[number];

/** What a list of leads is narrowed by: all of it has to hold. */
export const LeadListInput = z.object({
  /** from 1; counted from the cursor where there is one */
  page: wholeNumber(1, LIST_PAGE_MAX),
  limit: wholeNumber(1, LIST_LIMIT_MAX),
  /** as a page returned it: the list goes on there */
  cursor: z
    .string()
    .regex(/^(c1_[0-9a-f]{32}|c2_[\w-]{1,3000})$/, "must be a cursor that a page returned")
    .optional(),
  /** `-created_at` when left out */
  sort: z.enum(LEAD_SORTS, oneOf(LEAD_SORTS)).optional(),
  /** whether to count up to 10,000 */
  count: z.boolean().optional(),
  /** only these leads, in any order; cannot be combined with another criterion */
  ids: z.array(LeadId).min(1, "must name at least one lead").max(IDS_MAX, `must be at most ${IDS_MAX} leads`).optional(),
  /** words of the name, an email or a domain */
  q: z.string().max(SEARCH_CHARS_MAX, `must be at most ${SEARCH_CHARS_MAX} characters`).optional(),
  status: z.enum(LEAD_STATUSES, oneOf(LEAD_STATUSES)).optional(),
  account_id: FilterText.optional(),
  owner_id: FilterText.optional(),
  /** leads that have granted this purpose */
  consent: ConsentPurpose.optional(),
  has: z.enum(["email", "phone"], oneOf(["email", "phone"])).optional(),
  /** texts by profile key; numbers and true or false as JSON writes them */
  attributes: z
    .array(z.tuple([z.string().refine(isAttributeKey, "is no attribute key"), z.string().max(SEARCH_CHARS_MAX)]))
    .max(ATTRIBUTES_MAX, `must be at most ${ATTRIBUTES_MAX} attributes`)
    .optional(),
  min_score: Score.optional(),
  max_score: Score.optional(),
  /** a level's id or name */
  level: FilterText.optional(),
  /** of the lead's last event */
  event_type: FilterText.optional(),
  active_since: Instant.optional(),
  updated_since: Instant.optional(),
  /** the members of a segment, by its id */
  segment: FilterText.optional(),
  /** rules as a segment has them */
  filter: Rules.optional(),
  /** days of creation */
  range: z.enum(RANGES, oneOf(RANGES)).optional(),
});
