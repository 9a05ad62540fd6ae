/** Headers that tell browsers how to treat every response, and which of their requests are refused. */
import type { Context } from "hono";
import { AppError } from "../../errors";
import { httpSettings } from "../../open-context";
import type { HttpEnv } from "../router";
import { isRead } from "./enter-org-unit";

const HSTS_MAX_AGE_SECONDS = 31_536_000;

/**
 * A page sets a policy of its own over this one. Set before the handler runs: a header that is set later makes Hono copy the response.
 * Browsers ignore Strict-Transport-Security over http; it is not sent there.
 */
export function setSecurityHeaders(c: Context<HttpEnv>): void {
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Referrer-Policy", "no-referrer");
  c.header("Content-Security-Policy", "frame-ancestors 'none'");
  if (c.req.url.startsWith("https:")) c.header("Strict-Transport-Security", `max-age=${HSTS_MAX_AGE_SECONDS}`);
}

/**
 * Refuses what another site's page can make a browser send with credentials that the browser keeps: a form, or a POST without a body, with
 * cached Basic credentials or the cookie. JSON needs a preflight, which only listed origins pass; clients other than browsers send none of
 * these headers (Fetch Metadata, RFC 6454).
 */
export function refuseForeignForm(c: Context<HttpEnv>): void {
  const { method } = c.req;
  if (isRead(method) || method === "OPTIONS" || c.req.header("Content-Type")?.toLowerCase().startsWith("application/json")) return;
  if (!hasKeptCredentials(c.req.header("Authorization")) || !isForeign(c)) return;
  const origin = c.req.header("Origin");
  if (origin !== undefined && httpSettings(c.env).allowedOrigins.includes(origin)) return;
  throw new AppError("forbidden", "This request comes from a page of another site: its origin is not in ALLOWED_ORIGINS");
}

/** A key in a header of its own or a Bearer token is never sent by the browser itself. */
const hasKeptCredentials = (authorization: string | undefined): boolean => /^basic /i.test(authorization ?? "");

/** `same-site` is foreign too: another subdomain can be somebody else's. */
function isForeign(c: Context<HttpEnv>): boolean {
  const site = c.req.header("Sec-Fetch-Site");
  if (site !== undefined) return site === "cross-site" || site === "same-site";
  const origin = c.req.header("Origin");
  return origin !== undefined && origin !== new URL(c.req.url).origin;
}
