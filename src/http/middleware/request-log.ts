import type { Context } from "hono";
import { routePath } from "hono/route";
import { newId } from "../../ids";
import { logLine } from "../../log";
import { count } from "../../metrics";
import { flushMetrics, httpSettings } from "../../open-context";
import type { HttpEnv } from "../router";

/** Others count as OTHER: a caller chooses the method, and each makes a series. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** Gives the response a request id: the caller's own `X-Request-Id` if it is well formed. */
export function setRequestId(c: Context<HttpEnv>, startedAt: number): void {
  const sent = c.req.header("X-Request-Id");
  const requestId = sent && REQUEST_ID.test(sent) ? sent : newId("req", startedAt);
  c.set("requestId", requestId);
  c.header("X-Request-Id", requestId);
}

/** Counts the request, and writes its line. */
export function logRequest(c: Context<HttpEnv>, startedAt: number): void {
  const { status } = c.res;
  count(`http_requests_total{code="${status}",method="${METHODS.has(c.req.method) ? c.req.method : "OTHER"}"}`);
  const flushed = flushMetrics(c.env);
  if (flushed) c.executionCtx.waitUntil(flushed);
  if (status < 500 && httpSettings(c.env).logsOnlyErrors) return;
  const actor = c.get("caller")?.actor;
  logLine({
    level: status >= 500 ? "error" : "info",
    message: "request",
    request_id: c.get("requestId"),
    method: c.req.method,
    // the pattern, not the path: a path can hold personal data
    route: routePath(c, -1),
    status,
    ms: Date.now() - startedAt,
    org_unit: c.get("ctx")?.unit.workspace_id,
    credential: actor?.kind === "credential" ? actor.credential_id : undefined,
  });
}
