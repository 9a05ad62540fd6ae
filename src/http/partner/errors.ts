/** Errors on the wire of the partner dialect (seed 002): `{error}`, and `invalid` where properties are refused. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { InvalidProperties, type InvalidProperty } from "../../core/channels";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { explainFailure } from "../../open-context";
import { STATUS } from "../problem";
import type { HttpEnv } from "../router";

/** An error as this dialect tells it. */
export class PartnerError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    message: string,
    readonly invalid?: readonly InvalidProperty[],
  ) {
    super(message);
    this.name = "PartnerError";
  }
}

function toPartnerError(error: unknown): PartnerError | null {
  if (error instanceof PartnerError) return error;
  if (error instanceof InvalidProperties) return new PartnerError(400, error.message, error.invalid);
  if (error instanceof AppError) return new PartnerError(STATUS[error.code], error.message);
  if (error instanceof HTTPException && error.status < 500) return new PartnerError(error.status as ContentfulStatusCode, error.message);
  return null;
}

export function answerError(c: Context<HttpEnv>, { status, message, invalid }: PartnerError): Response {
  c.header("Cache-Control", "no-store");
  if (status === 503) c.header("Retry-After", "1");
  return c.json({ error: message, ...(invalid ? { invalid } : {}) }, status);
}

/** The last resort of both paths: what nobody expected is told to the log and not to the caller. */
export function onError(thrown: Error, c: Context<HttpEnv>): Response {
  const error = toPartnerError(explainFailure(thrown));
  if (error) return answerError(c, error);
  logError("request failed", thrown, { request_id: c.get("requestId") });
  return answerError(c, new PartnerError(500, "Internal server error"));
}
