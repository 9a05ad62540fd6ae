/** Cross-origin requests: browsers may send credentials from listed origins only, web pages and browser extensions alike. */
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { httpSettings } from "../open-context";
import { refuseForeignForm } from "./middleware/security";
import type { HttpEnv } from "./router";

const PREFLIGHT_MAX_AGE_SECONDS = 600;

const policy = cors({
  origin: (origin, c) => (httpSettings(c.env).allowedOrigins.includes(origin) ? origin : null),
  credentials: true,
  allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Mcp-Method",
    "Mcp-Name",
    "MCP-Protocol-Version",
    "Mcp-Session-Id",
    "X-Org-Unit",
    "X-Request-Id",
    "x-d1-bookmark",
  ],
  exposeHeaders: [
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Mcp-Session-Id",
    "Retry-After",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Used",
    "X-Org-Unit",
    "X-Request-Id",
    "x-d1-bookmark",
  ],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
});

/** Other origins get no CORS header, and the forms of their pages are refused. */
export const guardOrigins = createMiddleware<HttpEnv>(function guardOrigins(c, next) {
  const { allowedOrigins } = httpSettings(c.env);
  if (allowedOrigins.length > 0) {
    if (allowedOrigins.includes(c.req.header("Origin") ?? "")) return policy(c, next);
    c.header("Vary", "Origin");
  }
  refuseForeignForm(c);
  return next();
});
