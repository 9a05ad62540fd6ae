import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "../router";
import { drainBody } from "./body";
import { logRequest, setRequestId } from "./request-log";
import { setSecurityHeaders } from "./security";

/** What surrounds every request, in one middleware: each middleware costs a turn of the router. Throws nothing, so that every request is logged. */
export const everyRequest = createMiddleware<HttpEnv>(async function everyRequest(c, next) {
  const startedAt = Date.now();
  const { raw, bodyCache } = c.req;
  setRequestId(c, startedAt);
  setSecurityHeaders(c);
  await next();
  // a text has been read to its end, and to look at the stream creates it
  if (bodyCache.text === undefined) await drainBody(raw);
  logRequest(c, startedAt);
});
