/**
 * Context in, errors out: a workspace key becomes the context of its unit, and what the core throws becomes
 * `{success: false, error, code, details?, requestId}`.
 */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { authenticateSecret, WORKSPACE_KEY_PREFIX } from "../../core/auth";
import { EmailTaken } from "../../core/leads";
import { DEFAULT_UNIT_ID, requireUsableOrgUnit } from "../../core/org-units";
import { AppError, type ErrorCode } from "../../errors";
import { logError } from "../../log";
import { openAuth, openCaller, toDomainError } from "../../open-context";
import { networkOf } from "../address";
import { enterOrgUnit } from "../middleware/enter-org-unit";
import { retryAfterSeconds, setRetryAfter } from "../problem";
import type { HttpEnv } from "../router";
import { wireLeadId } from "./lead-view";

/** Requires a workspace key and enters its workspace: its home unit, or the default unit of its organization. */
export const authenticateKey = createMiddleware<HttpEnv>(async function authenticateKey(c, next) {
  const header = c.req.header("Authorization")?.trim();
  if (!header) throw new WorkspaceError(401, "MISSING_AUTH_HEADER", "Missing authorization header");
  const key = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (!key) {
    throw new WorkspaceError(401, "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>");
  }
  const found = key.startsWith(WORKSPACE_KEY_PREFIX)
    ? await authenticateSecret(await openAuth(c.env, networkOf(c)), "workspace_key", key)
    : null;
  if (found?.actor.kind !== "credential") throw new WorkspaceError(401, "INVALID_API_KEY", "Invalid API key");
  const caller = openCaller(c.env, found.actor, c.get("requestId"));
  c.set("caller", caller);
  c.set("rateLimit", found.rate_limit_per_hour);
  await enterOrgUnit(c, caller, await requireUsableOrgUnit(caller, found.actor.home ?? DEFAULT_UNIT_ID), "workspace", next);
});

type ErrorDetails = Record<string, string | number | boolean | null>;

/** An error in this dialect's words. */
export class WorkspaceError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly details?: ErrorDetails,
  ) {
    super(message);
    this.name = "WorkspaceError";
  }
}

const VALUE_CHARS_SHOWN = 200;
const ID_CHARS_SHOWN = 100;

/** The first field that is wrong. `value` is what was sent; null where it is no plain value. */
export function validationError(field: string, value: unknown, message: string): WorkspaceError {
  const shown = typeof value === "string" ? value.slice(0, VALUE_CHARS_SHOWN) : value;
  const plain = typeof shown === "string" || typeof shown === "number" || typeof shown === "boolean" ? shown : null;
  return new WorkspaceError(400, "VALIDATION_ERROR", "Validation failed", {
    field: field.slice(0, VALUE_CHARS_SHOWN),
    value: plain,
    message,
  });
}

export const leadNotFound = (leadId: string): WorkspaceError =>
  new WorkspaceError(404, "LEAD_NOT_FOUND", "Lead not found", {
    leadId: leadId.slice(0, ID_CHARS_SHOWN),
    message: "No lead found with this ID in your workspace",
  });

const duplicateEmail = ({ email, lead_id }: EmailTaken, creating: boolean): WorkspaceError =>
  new WorkspaceError(409, "DUPLICATE_EMAIL", "Email already exists", {
    email,
    existingLeadId: wireLeadId(lead_id),
    message: `A ${creating ? "" : "different "}lead with this email already exists in your workspace`,
  });

/** A key of the core's profile is a metadata key here. */
const wireField = (path: string): string => path.replace(/^profile\./, "metadata.");

/** What the core and the shared guards throw, in this dialect's words. */
const CODES: Record<ErrorCode, { status: ContentfulStatusCode; code: string }> = {
  invalid_request: { status: 400, code: "VALIDATION_ERROR" },
  no_active_org_unit: { status: 400, code: "VALIDATION_ERROR" },
  unauthenticated: { status: 401, code: "INVALID_API_KEY" },
  forbidden: { status: 403, code: "FORBIDDEN" },
  not_found: { status: 404, code: "NOT_FOUND" },
  gone: { status: 404, code: "NOT_FOUND" },
  conflict: { status: 409, code: "CONFLICT" },
  idempotency_key_in_use: { status: 409, code: "IDEMPOTENCY_KEY_IN_USE" },
  idempotency_key_reused: { status: 422, code: "IDEMPOTENCY_KEY_REUSED" },
  plan_outdated: { status: 409, code: "PLAN_OUTDATED" },
  precondition_failed: { status: 412, code: "PRECONDITION_FAILED" },
  too_large: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  unsupported_media_type: { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
  rate_limited: { status: 429, code: "RATE_LIMIT_EXCEEDED" },
  unavailable: { status: 503, code: "SERVICE_UNAVAILABLE" },
};

function toWorkspaceError(error: unknown, c: Context<HttpEnv>): WorkspaceError | null {
  if (error instanceof WorkspaceError) return error;
  if (error instanceof EmailTaken) return duplicateEmail(error, c.req.method === "POST");
  if (error instanceof AppError) {
    const [problem] = error.problems;
    if (error.code === "invalid_request" && problem) return validationError(wireField(problem.path), null, problem.message);
    const { status, code } = CODES[error.code];
    return new WorkspaceError(status, code, error.message);
  }
  // thrown by the body parser
  if (error instanceof HTTPException && error.status < 500)
    return new WorkspaceError(400, "INVALID_JSON", "Request body is not valid JSON");
  return null;
}

export function answerError(c: Context<HttpEnv>, { status, code, message, details }: WorkspaceError): Response {
  c.header("Cache-Control", "no-store");
  if (status === 401) c.header("WWW-Authenticate", 'Bearer realm="leadedge"');
  return c.json({ success: false, error: message, code, ...(details ? { details } : {}), requestId: c.get("requestId") }, status);
}

/** For every route of this dialect. An unexpected error is logged and not described to the caller. */
export function onError(thrown: Error, c: Context<HttpEnv>): Response {
  const failure = toDomainError(thrown);
  setRetryAfter(c, retryAfterSeconds(failure));
  const error = toWorkspaceError(failure, c);
  if (error) return answerError(c, error);
  logError("request failed", thrown, { request_id: c.get("requestId") });
  return answerError(c, new WorkspaceError(500, "INTERNAL_ERROR", "Internal server error"));
}
