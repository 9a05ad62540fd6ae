/** Wire shapes that several engagement routes share. */

import { z } from "@hono/zod-openapi";
import { ProfileObject } from "../../core/leads";
import { TextMap as PlainTextMap } from "../../schemas";
import { ALIAS_KINDS, oneOf } from "../../vocabulary";

export { shortText } from "../../schemas";
export { Moment } from "../moment";

export const AliasKind = z
  .enum(ALIAS_KINDS, oneOf(ALIAS_KINDS))
  .openapi({ description: `Kind of alias: ${ALIAS_KINDS.join(", ")}`, example: "email" });

export const Attributes = ProfileObject.openapi({
  type: "object",
  additionalProperties: {},
  example: { quote_step: "Step 1", interest_level: "high" },
});

/** An object of texts. */
export const TextMap = PlainTextMap.openapi({ type: "object", additionalProperties: { type: "string" } });

/** A whole number in a query. */
export const queryNumber = (from: number, to: number) => {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.coerce.number({ error: rule }).int(rule).min(from, rule).max(to, rule);
};

/** A time in a response. */
export const Timestamp = z.string().openapi({ format: "date-time", example: "2026-01-15T10:00:00.000Z" });

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
