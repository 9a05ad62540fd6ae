/** Wire shapes that several engagement routes share. */

import { z } from "@hono/zod-openapi";
import type { Profile } from "../../core/leads";
import { ALIAS_KINDS, oneOf } from "../../vocabulary";

export const AliasKind = z
  .enum(ALIAS_KINDS, oneOf(ALIAS_KINDS))
  .openapi({ description: `Kind of alias: ${ALIAS_KINDS.join(", ")}`, example: "email" });

/** Any JSON object, `__proto__` and all: zod's own record would drop that key. */
export const Attributes = z
  .custom<Profile>((value) => typeof value === "object" && value !== null && !Array.isArray(value), { error: "must be an object" })
  .openapi({ type: "object", additionalProperties: {}, example: { quote_step: "Step 1", interest_level: "high" } });

/** An object of texts, for mappings from column names: those may be called anything. */
export const TextMap = z
  .custom<Record<string, string>>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((item) => typeof item === "string"),
    { error: "must be an object whose values are strings" },
  )
  .openapi({ type: "object", additionalProperties: { type: "string" } });

export const Timestamp = z.string().openapi({ format: "date-time", example: "2026-01-15T10:00:00.000Z" });

/** A text of one line: trimmed, not empty, and such that the database gives it back as it was. */
export const shortText = (chars: number) =>
  z
    .string()
    .trim()
    .min(1, `must be 1 to ${chars} characters`)
    .max(chars, `must be 1 to ${chars} characters`)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "must not hold NUL or half a surrogate pair");

/** A score as it is shown: two decimals. */
export const rounded = (score: number): number => Math.round(score * 100) / 100 + 0;

/** A body that changes what it names, at least one of its fields: those that are left out are not there at all. */
export const changesOf = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z
    .object(fields)
    .partial()
    .refine(
      (body) => Object.values(body).some((value) => value !== undefined),
      `must have at least one of: ${Object.keys(fields).join(", ")}`,
    )
    .transform((body) => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Changes<typeof body>);
type Changes<Body> = { [Field in keyof Body]?: Exclude<Body[Field], undefined> };

const PAGE_MAX = 1_000_000;
const LIMIT_MAX = 100;

/** `page` and `limit` of a list, as the contract counts them. */
export const PageQuery = z.object({
  page: z.coerce
    .number({ error: "must be a whole number of at least 1" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(PAGE_MAX, `must be at most ${PAGE_MAX}`)
    .default(1)
    .openapi({ description: "Page number", example: 1 }),
  limit: z.coerce
    .number({ error: `must be a whole number from 1 to ${LIMIT_MAX}` })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(LIMIT_MAX, `must be at most ${LIMIT_MAX}`)
    .default(25)
    .openapi({ description: "Results per page", example: 25 }),
});
