/** What the verbs of organizations and org units accept. */
import { z } from "zod";
import { isPhoneRegion, PHONE_REGIONS } from "../../phone-regions";
import { QUOTA_NAMES, type QuotaName } from "../../quotas";
import { isStorable, NOT_STORABLE, shortText } from "../../schemas";

const EXTERNAL_REF_CHARS_MAX = 200;

const REGION = { description: "ISO 3166 country whose rules read phone numbers without `+`", example: "GB" };
/** A country whose phone rules are known, in either case. */
export const Region = z
  .string()
  .toUpperCase()
  .refine(isPhoneRegion, "must be an ISO 3166 country code of two letters")
  .meta({ ...REGION, enum: PHONE_REGIONS });

export const OrgUnitInput = z.strictObject({
  name: shortText(100),
  external_ref: z
    .string()
    .trim()
    .max(EXTERNAL_REF_CHARS_MAX, `must be at most ${EXTERNAL_REF_CHARS_MAX} characters`)
    .refine(isStorable, NOT_STORABLE)
    .nullable()
    .optional(),
  default_region: Region.nullable()
    .meta({ ...REGION, enum: [...PHONE_REGIONS, null] })
    .optional(),
  link_accounts_by_domain: z
    .boolean("must be true or false")
    .meta({ description: "Whether a new lead is linked to the account of its email's domain; free-mail domains never are" })
    .optional(),
});

export const NewOrganization = z.strictObject({ name: shortText(200), default_region: Region.optional() });

export const OrganizationSelection = z.object({
  q: z.string().trim().max(200, "must be at most 200 characters").optional(),
  cursor: z.string().max(100).optional(),
});

/** The choice of an active org unit. */
export const UnitChoice = z.strictObject({ ouId: z.string().min(1, "must not be empty") });

/** The highest quota: every smaller whole number is exact in JSON and in SQLite. */
const QUOTA_MAX = 1_000_000_000_000;

const quota = z
  .int("must be a whole number, or null for the default")
  .min(0, "must not be negative")
  .max(QUOTA_MAX, `must be at most ${QUOTA_MAX}`)
  .nullable()
  .optional();

const quotaFields = Object.fromEntries(QUOTA_NAMES.map((name) => [name, quota])) as Record<QuotaName, typeof quota>;

/** Each quota that is named is replaced, by its default where null; the others stay. */
export const LimitsChange = z.strictObject(quotaFields);
