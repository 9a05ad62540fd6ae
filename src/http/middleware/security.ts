/** Headers that tell browsers how to treat every response, and which of their requests are refused. */
import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { httpSettings } from "../../open-context";
import type { HttpEnv } from "../router";
import { isRead } from "./enter-org-unit";

const HSTS_MAX_AGE_SECONDS = 31_536_000;

/** A page with a policy of its own keeps it. Browsers ignore Strict-Transport-Security over http; it is not sent there. */
export const securityHeaders = createMiddleware<HttpEnv>(async function securityHeaders(c, next) {
  await next();
  const headers: Record<string, string> = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'",
    ...(c.req.url.startsWith("https:") ? { "Strict-Transport-Security": `max-age=${HSTS_MAX_AGE_SECONDS}` } : {}),
  };
  for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.header(name, value);
});

/**
 * Refuses what another site's page can make a browser send with credentials that the browser keeps: a form, or a POST without a body, with
 * cached Basic credentials or the cookie. JSON needs a preflight, which only listed origins pass; clients other than browsers send none of
 * these headers (Fetch Metadata, RFC 6454).
 */
export const refuseForeignForms = createMiddleware<HttpEnv>(async function refuseForeignForms(c, next) {
  if (!isRead(c.req.method) && c.req.method !== "OPTIONS" && hasKeptCredentials(c.req.header()) && isForeign(c.req.url, c.req.header())) {
    const { origin, "content-type": type } = c.req.header();
    const listed = origin !== undefined && httpSettings(c.env).allowedOrigins.includes(origin);
    if (!listed && !type?.toLowerCase().startsWith("application/json")) {
      throw new AppError("forbidden", "This request comes from a page of another site: its origin is not in ALLOWED_ORIGINS");
    }
  }
  await next();
});

type Headers = Record<string, string | undefined>;

/** A key in a header of its own or a Bearer token is never sent by the browser itself. */
const hasKeptCredentials = ({ authorization }: Headers): boolean => /^basic /i.test(authorization ?? "");

/** `same-site` is foreign too: another subdomain can be somebody else's. */
function isForeign(url: string, { origin, "sec-fetch-site": site }: Headers): boolean {
  if (site !== undefined) return site === "cross-site" || site === "same-site";
  return origin !== undefined && origin !== new URL(url).origin;
}
