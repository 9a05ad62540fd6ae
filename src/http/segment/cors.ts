/** Browsers: pages of any origin may send events; the key says which of them count. No page reads anything. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "../router";

const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

export function answerPreflight(c: Context<HttpEnv>): Response {
  c.header("Access-Control-Allow-Methods", "POST");
  c.header("Access-Control-Allow-Headers", "authorization, content-type, x-retry-count");
  c.header("Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_SECONDS));
  return c.body(null, 204);
}

export const allowAnyOrigin = createMiddleware<HttpEnv>(async function allowAnyOrigin(c, next) {
  c.header("Access-Control-Allow-Origin", "*");
  await next();
});
