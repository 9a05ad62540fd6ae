/** What the verbs of organizations and org units accept. */
import { z } from "zod";
import { shortText } from "../../schemas";
import { isPhoneRegion, PHONE_REGIONS } from "../leads";

const EXTERNAL_REF_CHARS_MAX = 200;

const REGION = { description: "ISO 3166 country whose rules read phone numbers without `+`", example: "GB" };
/** A country whose phone rules are known, in either case. */
export const Region = z
  .string()
  .toUpperCase()
  .refine(isPhoneRegion, "must be an ISO 3166 country code of two letters")
  .meta({ ...REGION, enum: PHONE_REGIONS });

export const OrgUnitInput = z.object({
  name: shortText(100),
  external_ref: z
    .string()
    .trim()
    .max(EXTERNAL_REF_CHARS_MAX, `must be at most ${EXTERNAL_REF_CHARS_MAX} characters`)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "must not hold NUL or half a surrogate pair")
    .nullable()
    .optional(),
  default_region: Region.nullable()
    .meta({ ...REGION, enum: [...PHONE_REGIONS, null] })
    .optional(),
});

export const NewOrganization = z.object({ name: shortText(200), default_region: Region.optional() });

/** The choice of an active org unit. */
export const UnitChoice = z.object({ ouId: z.string().min(1, "must not be empty") });
