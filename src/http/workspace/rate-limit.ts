import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { RequestQuota } from "../../context";
import { actorId } from "../../core/auth";
import { logError } from "../../log";
import type { HttpEnv } from "../router";
import { answerError, WorkspaceError } from "./adapter";

const REQUESTS_PER_HOUR = 1_000;

/**
 * Counts every request of a key in its hour, before anything else runs. If the unit's object is unavailable, requests pass without the
 * headers: a limit is no reason to be down.
 */
export const limitRequests = createMiddleware<HttpEnv>(async function limitRequests(c, next) {
  const quota = await takeRequest(c);
  if (quota?.allowed === false) return refuse(c, quota);
  await next();
  if (quota) setHeaders(c, quota);
});

async function takeRequest(c: Context<HttpEnv>): Promise<RequestQuota | null> {
  const { live, unit, actor } = c.get("ctx");
  try {
    return await live.takeRequest(unit, actorId(actor), c.get("rateLimit") ?? REQUESTS_PER_HOUR);
  } catch (error) {
    logError("rate limit unavailable", error, { request_id: c.get("requestId") });
    return null;
  }
}

function refuse(c: Context<HttpEnv>, quota: RequestQuota): Response {
  const retryAfter = Math.max(1, Math.ceil((quota.frees_at - c.get("ctx").now()) / 1000));
  const details = { limit: quota.limit, remaining: 0, resetTime: resetSeconds(quota), retryAfter };
  setHeaders(c, quota);
  c.header("Retry-After", String(retryAfter));
  return answerError(c, new WorkspaceError(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded", details));
}

/** Rounded up: in that second the oldest request has left the window. */
const resetSeconds = ({ frees_at }: RequestQuota): number => Math.ceil(frees_at / 1000);

function setHeaders(c: Context<HttpEnv>, quota: RequestQuota): void {
  c.header("X-RateLimit-Limit", String(quota.limit));
  c.header("X-RateLimit-Remaining", String(Math.max(0, quota.limit - quota.used)));
  c.header("X-RateLimit-Used", String(quota.used));
  c.header("X-RateLimit-Reset", String(resetSeconds(quota)));
}
