/** What the verbs of leads take. Each dialect's wire schemas are built on these or are narrower. */
import { z } from "zod";
import { shortText } from "../../schemas";
import { ALIAS_KINDS, LEAD_STATUSES, oneOf } from "../../vocabulary";
import { ConsentInput } from "./consent";
import { ALIASES_PER_LEAD_MAX } from "./lead";
import type { Profile } from "./profile";

/** Any JSON object, `__proto__` as a key included: zod's own record would drop that key. */
export const ProfileObject = z.custom<Profile>((value) => typeof value === "object" && value !== null && !Array.isArray(value), {
  error: "must be an object",
});

export const LeadId = z.string().regex(/^[0-9a-f]{32}$/, "must be a lead id of 32 hex digits");

const Kind = z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS));
const Status = z.enum(LEAD_STATUSES, oneOf(LEAD_STATUSES));
const OWNER_CHARS_MAX = 200;
const OwnerText = shortText(OWNER_CHARS_MAX);
const AccountId = z.string().trim().min(1, "must not be empty");

export const NewLeadInput = z.object({
  profile: ProfileObject,
  /** as the caller wrote them, most important first: the first of a kind is the one the lead shows */
  aliases: z.array(z.object({ kind: Kind, value: z.string() })).max(ALIASES_PER_LEAD_MAX, `must be at most ${ALIASES_PER_LEAD_MAX}`),
  /** `new` when left out */
  status: Status.optional(),
  account_id: AccountId.nullish(),
});

export const LeadChangeInput = z.object({
  /** the whole new profile */
  profile: ProfileObject.optional(),
  status: Status.optional(),
  /** as the caller wrote it; null: the lead shows none. What it replaces is released: see `replaceShown` */
  email: z.string().nullish(),
  phone: z.string().nullish(),
  account_id: AccountId.nullish(),
  owner_id: OwnerText.nullish(),
  owner_name: OwnerText.nullish(),
  consent: ConsentInput.optional(),
});

/** `profile` is merged key by key; null removes a key. */
export const LeadPatchInput = z.object({ profile: ProfileObject.optional(), account_id: AccountId.optional() });

export const AliasInput = z.object({ kind: Kind, value: z.string() });

const ALIAS_BATCH_MAX = 100;
export const AliasBatch = z
  .array(AliasInput)
  .min(1, "must name at least one alias")
  .max(ALIAS_BATCH_MAX, `must be at most ${ALIAS_BATCH_MAX} aliases`);

/** Null: nobody. A name without an owner is dropped. */
export const OwnerInput = z.object({ owner_id: OwnerText.nullable(), owner_name: OwnerText.nullish() });

const OWNED_LEADS_MAX = 500;
export const BulkOwnerInput = OwnerInput.extend({
  lead_ids: z.array(z.string()).min(1, "must name at least one lead").max(OWNED_LEADS_MAX, `must be at most ${OWNED_LEADS_MAX} leads`),
});

export const ProfileFieldInput = z.object({
  name: z.string().trim().min(1, "must not be empty").meta({ maxLength: 64, description: "Letters, digits, underscore, dash, dot, space" }),
});

export const LIST_PAGE_MAX = 1_000_000;
export const LIST_LIMIT_MAX = 100;
export const SEARCH_CHARS_MAX = 1_000;
