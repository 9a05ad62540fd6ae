/** What the verbs of accounts take. */
import { z } from "zod";
import { changesOf, isStorable, NOT_STORABLE } from "../../schemas";
import { utf8Bytes } from "../../text";
import { jsonProblem } from "../leads";

const NAME_CHARS_MAX = 200;

const METADATA_BYTES_MAX = 64 * 1024;
const Metadata = z
  .custom<Record<string, unknown>>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
  .superRefine((value, context) => {
    const problem = jsonProblem(value);
    if (problem) context.addIssue({ code: "custom", message: `${problem.at ? `${problem.at} ` : ""}${problem.message}` });
    else if (utf8Bytes(JSON.stringify(value)) > METADATA_BYTES_MAX) context.addIssue({ code: "custom", message: "must be at most 64 KB" });
  });

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
  metadata: Metadata.optional(),
});

/** `metadata` replaces the whole document; `domain: null` removes the domain. */
export const ACCOUNT_FIELDS = { name: AccountInput.shape.name, domain: AccountInput.shape.domain.unwrap().nullable(), metadata: Metadata };
export const AccountChange = changesOf(ACCOUNT_FIELDS);
