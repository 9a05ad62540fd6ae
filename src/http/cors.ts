/** Browsers: only listed origins may call with credentials (design: browser extensions). */
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "./router";

const PREFLIGHT_MAX_AGE_SECONDS = 600;

const policy = cors({
  origin: (origin, c) => (allowedOrigins(c.env.ALLOWED_ORIGINS).includes(origin) ? origin : null),
  credentials: true,
  allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "X-Org-Unit",
    "X-Request-Id",
    "x-d1-bookmark",
  ],
  exposeHeaders: [
    "Content-Disposition",
    "ETag",
    "Location",
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

/** An origin that is not listed gets no CORS header at all. */
export const corsForListedOrigins = createMiddleware<HttpEnv>(async function corsForListedOrigins(c, next) {
  const allowed = allowedOrigins(c.env.ALLOWED_ORIGINS);
  if (allowed.length === 0) return next();
  if (allowed.includes(c.req.header("Origin") ?? "")) return policy(c, next);
  c.header("Vary", "Origin");
  return next();
});

const allowedOrigins = (setting: string): string[] => setting.split(/[\s,]+/).filter((origin) => origin !== "");
