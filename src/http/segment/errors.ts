/** Errors as this dialect shows them: `{"success": false, "message": "…"}`. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { toDomainError } from "../../open-context";
import { retryAfterSeconds, STATUS, setRetryAfter } from "../problem";
import type { HttpEnv } from "../router";

export class SegmentError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    message: string,
  ) {
    super(message);
    this.name = "SegmentError";
  }
}

export function onError(thrown: Error, c: Context<HttpEnv>): Response {
  const error = toDomainError(thrown);
  if (error instanceof SegmentError) return failure(c, error.status, error.message);
  if (error instanceof AppError) {
    setRetryAfter(c, retryAfterSeconds(error));
    return failure(c, STATUS[error.code], error.message);
  }
  if (error instanceof HTTPException && error.status < 500) return failure(c, error.status as ContentfulStatusCode, error.message);
  logError("request failed", error, { request_id: c.get("requestId") });
  return failure(c, 500, "Internal server error");
}

function failure(c: Context<HttpEnv>, status: ContentfulStatusCode, message: string): Response {
  c.header("Cache-Control", "no-store");
  return c.json({ success: false, message }, status);
}
