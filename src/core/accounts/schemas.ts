/** What the verbs of accounts take. */
import { z } from "zod";
import { isStorable, NOT_STORABLE } from "../../schemas";

const NAME_CHARS_MAX = 200;

export const AccountInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(NAME_CHARS_MAX, `must be at most ${NAME_CHARS_MAX} characters`)
    .refine(isStorable, NOT_STORABLE),
  domain: z
    .string()
    .trim()
    .regex(/^(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, "must be a domain name such as acme.com")
    .optional(),
});
