/** What the verbs of credentials accept. Times are ms. */
import { z } from "zod";
import { Instant, shortText } from "../../schemas";
import { CREDENTIAL_KINDS, oneOf, ROLES } from "../../vocabulary";

export const NewServiceAccount = z.object({ name: shortText(50) });

export const NewPersonalToken = z.object({
  name: shortText(100),
  expires_at: Instant.nullable()
    .default(null)
    .meta({ description: "null or left out: the token lives as long as the credential that created it" }),
});

export const NewCredential = z.object({
  kind: z.enum(CREDENTIAL_KINDS, oneOf(CREDENTIAL_KINDS)),
  name: shortText(200),
  unit_id: z.string().min(1, "must not be empty").optional().meta({ description: "Home org unit: the only one the credential opens" }),
  role: z.enum(ROLES, oneOf(ROLES)).default("admin"),
  rate_limit_per_hour: z
    .number()
    .int()
    .min(1, "must be at least 1")
    .optional()
    .meta({ description: "Requests in any 60 minutes, of a workspace key" }),
  expires_at: Instant.optional(),
});
