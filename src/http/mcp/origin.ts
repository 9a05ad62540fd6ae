import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { httpSettings } from "../../open-context";
import type { HttpEnv } from "../router";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Refuses pages that are not listed in ALLOWED_ORIGINS, as the transport's rules demand: by DNS rebinding a page could otherwise call this
 * machine as the same origin. Over https no certificate fits such a name, so the service's own origin is allowed there.
 */
export const refuseForeignOrigin = createMiddleware<HttpEnv>(function refuseForeignOrigin(c, next) {
  const origin = c.req.header("Origin");
  if (origin === undefined || httpSettings(c.env).allowedOrigins.includes(origin)) return next();
  const own = new URL(c.req.url);
  if (origin === own.origin && (own.protocol === "https:" || LOOPBACK.has(own.hostname))) return next();
  throw new AppError("forbidden", `Origin: ${origin.slice(0, 200)} is not in ALLOWED_ORIGINS`);
});
