import { z } from "@hono/zod-openapi";
import { isPhoneRegion } from "../core/leads";

/** A country whose phone rules we know. */
export const Region = z
  .string()
  .toUpperCase()
  .refine(isPhoneRegion, "must be an ISO 3166 country code of two letters")
  .openapi({ description: "Country whose rules read phone numbers without `+`", example: "GB" });
