/** What OpenAPI says of routes whose requests may carry an Idempotency-Key. */
import { type RouteConfig, z } from "@hono/zod-openapi";
import { KEY_CHARS_MAX } from "../core/idempotency";
import { KEY_HEADER, REPLAYED_HEADER } from "./idempotency";

export const KEY_PARAMETER = {
  in: "header" as const,
  name: KEY_HEADER,
  description:
    "A value of your own for this request, with or without double quotes. Within 48 hours, a repetition with the same key and body gets the " +
    "status and body of the first request and changes nothing",
  schema: { type: "string" as const, minLength: 1, maxLength: KEY_CHARS_MAX + 2, example: "9f1c1c52-5d0c-4f0e-9a52-0c0ffee12345" },
};

export const REPLAYED_RESPONSE_HEADERS = {
  [REPLAYED_HEADER]: {
    description: "`true`: the answer of an earlier request with the same Idempotency-Key",
    schema: { type: "string" as const, enum: ["true"] },
  },
};

/** A secret that the first answer shows, and what a replay has in its place. */
export const shownOnce = <Field extends string>(field: Field, description: string) =>
  z.object({
    [field]: z.string().optional().openapi({ description }),
    secret_notice: z
      .string()
      .optional()
      .openapi({ description: `Of a replay, which leaves out \`${field}\`` }),
  } as Record<Field | "secret_notice", z.ZodOptional<z.ZodString>>);

const IN_USE = "a request with the same Idempotency-Key is being carried out: `Retry-After` says when to repeat it";

/** Of a route that has a 409 of its own, that one first. */
export const keyErrors = (conflict: string | undefined) => ({
  409: conflict === undefined ? `A${IN_USE.slice(1)}` : `${conflict}; or ${IN_USE}`,
  422: "The Idempotency-Key was used for another request",
});

/** The responses of a route, each of which may be a replay. */
export const replayable = (responses: RouteConfig["responses"]): RouteConfig["responses"] =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      "$ref" in response ? response : { ...response, headers: REPLAYED_RESPONSE_HEADERS },
    ]),
  );
