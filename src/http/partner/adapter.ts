/** The partner dialect around the core: a context for each call, and errors as the contract writes them, `{error}` and `invalid`. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { CallerCtx, Ctx, OrgUnit } from "../../context";
import { authenticateSecret } from "../../core/auth";
import {
  type Channel,
  type ChannelAtHome,
  InvalidProperties,
  type InvalidProperty,
  requireAccessibleChannel,
  requireChannelOfLead,
} from "../../core/channels";
import { AppError, type ErrorCode } from "../../errors";
import { logError } from "../../log";
import { openAuth, openCaller, openUnit, toDomainError } from "../../open-context";
import { networkOf } from "../address";
import { countRequest } from "../middleware/enter-org-unit";
import { retryAfterSeconds, setRetryAfter } from "../problem";
import type { HttpEnv } from "../router";

const KEY_HEADER = "X-Api-Key";
const BOOKMARK_HEADER = "x-d1-bookmark";

/** A request with its caller. */
export type Call = { c: Context<HttpEnv>; caller: CallerCtx; access: "read" | "write" };
/** A channel in the context of its home unit. */
type InChannel = { ctx: Ctx; channel: Channel };

export const hasKey = (c: Context<HttpEnv>): boolean => Boolean(c.req.header(KEY_HEADER));

/** Throws a 401. */
export async function requireKey(c: Context<HttpEnv>): Promise<CallerCtx> {
  const key = c.req.header(KEY_HEADER)?.trim();
  const found = key ? await authenticateSecret(await openAuth(c.env, networkOf(c)), "partner_key", key) : null;
  if (!found) throw new PartnerError(401, "Invalid API key");
  const caller = openCaller(c.env, found.actor, c.get("requestId"));
  c.set("caller", caller);
  return caller;
}

/** Throws as `requireAccessibleChannel`. */
export async function enterChannel(call: Call, channelId: string): Promise<InChannel> {
  return enterHome(call, await requireAccessibleChannel(call.caller, channelId));
}

/** By a lead's UUID, which `leadId` has as the core does. Throws as `requireChannelOfLead`. */
export async function enterChannelOfLead(call: Call, leadUuid: string): Promise<InChannel & { leadId: string }> {
  const leadId = leadUuid.replaceAll("-", "");
  return { ...enterHome(call, await requireChannelOfLead(call.caller, leadId)), leadId };
}

/** Throws RateLimited. */
export function enterHome(call: Call, { channel, home }: ChannelAtHome): InChannel {
  countRequest(call.c, home);
  const ctx = openHome(call, home);
  call.c.set("ctx", ctx);
  return { ctx, channel };
}

/**
 * Clients of this dialect know no bookmarks and must still read what they wrote: a read without one goes to the primary database, as a
 * write does.
 */
export function openHome({ c, caller, access }: Call, home: OrgUnit): Ctx {
  const bookmark = c.req.header(BOOKMARK_HEADER);
  return openUnit(c.env, caller, home, { bookmark, writes: access === "write" || !bookmark, dialect: "partner" }).ctx;
}

/** An error as this dialect shows it. */
export class PartnerError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    message: string,
    readonly invalid?: readonly InvalidProperty[],
    /** over in a moment: the response says Retry-After */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = "PartnerError";
  }
}

const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  invalid_request: 400,
  no_active_org_unit: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  gone: 404,
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

/** Null for an unexpected error. */
export function toPartnerError(thrown: unknown): PartnerError | null {
  const error = toDomainError(thrown);
  if (error instanceof PartnerError) return error;
  if (error instanceof InvalidProperties) return new PartnerError(STATUS[error.code], error.message, error.invalid);
  if (error instanceof AppError) {
    return new PartnerError(STATUS[error.code], error.message, undefined, retryAfterSeconds(error));
  }
  if (error instanceof HTTPException && error.status < 500) return new PartnerError(error.status as ContentfulStatusCode, error.message);
  return null;
}

export const errorBody = ({ message, invalid }: PartnerError) => ({ error: message, ...(invalid ? { invalid } : {}) });

export function errorResponse(c: Context<HttpEnv>, error: PartnerError): Response {
  c.header("Cache-Control", "no-store");
  setRetryAfter(c, error.retryAfterSeconds);
  return c.json(errorBody(error), error.status);
}

/** An unexpected error is logged and not shown. */
export function onError(thrown: Error, c: Context<HttpEnv>): Response {
  const error = toPartnerError(thrown);
  if (error) return errorResponse(c, error);
  logError("request failed", thrown, { request_id: c.get("requestId") });
  return errorResponse(c, new PartnerError(500, "Internal server error"));
}
