/** Clients that run in a browser: what needs no credentials that browsers keep may be read by every page. */
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "../router";

const PREFLIGHT_MAX_AGE_SECONDS = 600;

const policy = cors({
  origin: "*",
  allowMethods: ["GET", "POST"],
  allowHeaders: ["Authorization", "Content-Type", "MCP-Protocol-Version"],
  maxAge: PREFLIGHT_MAX_AGE_SECONDS,
});

/** A listed origin, which may send credentials, has its headers already. */
export const anyOrigin = createMiddleware<HttpEnv>(function anyOrigin(c, next) {
  return c.res.headers.has("Access-Control-Allow-Origin") ? next() : policy(c, next);
});
