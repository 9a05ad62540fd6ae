/** Errors on the wire of the engagement dialect and of everything that belongs to no dialect: problem JSON (RFC 9457). */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError, type ErrorCode, Unavailable } from "../errors";
import { logError } from "../log";
import { toDomainError } from "../open-context";
import { RateLimited } from "../quotas";
import type { HttpEnv } from "./router";

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    merged_into: z.string().optional().openapi({ description: "With 410: id of the surviving lead" }),
    rows_moved: z.number().int().optional().openapi({ description: "Of `plan_outdated`: rows whose leads have changed since the plan" }),
  })
  .openapi("Problem");

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = "application/problem+json";

/** The HTTP status of each error code. */
export const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  invalid_request: 400,
  no_active_org_unit: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  gone: 410,
  conflict: 409,
  idempotency_key_in_use: 409,
  idempotency_key_reused: 422,
  plan_outdated: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  unavailable: 503,
};

export const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

type ProblemFields = {
  status: ContentfulStatusCode;
  code: string;
  detail: string;
  errors?: readonly { path: string; message: string }[];
  merged_into?: string;
  rows_moved?: number;
};

export function problem(c: Context<HttpEnv>, { status, code, detail, errors, ...more }: ProblemFields): Response {
  const body = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail, code, request_id: c.get("requestId"), ...more };
  c.header("Cache-Control", "no-store");
  return c.body(JSON.stringify(errors && errors.length > 0 ? { ...body, errors } : body), status, {
    "Content-Type": PROBLEM_TYPE,
  });
}

/** After how many seconds a request that failed so may be sent again; null where that would not help. */
export function retryAfterSeconds(error: unknown): number | null {
  if (error instanceof RateLimited || error instanceof Unavailable) return error.retryAfterSeconds;
  return error instanceof AppError && (error.code === "unavailable" || error.code === "idempotency_key_in_use") ? 1 : null;
}

/** Sets Retry-After where there is a point in it. */
export function setRetryAfter(c: Context<HttpEnv>, seconds: number | null): void {
  if (seconds !== null) c.header("Retry-After", String(seconds));
}

/** Handles what a route throws: expected failures keep their status; anything else is logged and becomes a 500 without details. */
export function onError(thrown: Error, c: Context<HttpEnv>): Response {
  const error = toDomainError(thrown);
  if (error instanceof AppError) {
    const status = STATUS[error.code];
    if (status === 401) c.header("WWW-Authenticate", 'Bearer realm="leadedge", Basic realm="leadedge", charset="UTF-8"');
    setRetryAfter(c, retryAfterSeconds(error));
    return problem(c, { status, code: error.code, detail: error.message, errors: error.problems, ...error.facts });
  }
  if (error instanceof HTTPException && error.status < 500) {
    return problem(c, { status: error.status as ContentfulStatusCode, code: "invalid_request", detail: error.message });
  }
  logError("request failed", error, { request_id: c.get("requestId") });
  return problem(c, { status: 500, code: "internal_error", detail: "Something went wrong on our side; quote the request id" });
}
