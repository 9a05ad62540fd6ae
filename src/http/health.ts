import { createRoute, z } from "@hono/zod-openapi";
import { prometheusText } from "../metrics";
import { readMetrics } from "../open-context";
import { readReadiness } from "./readiness";
import { URI_TOO_LONG } from "./route";
import { createRouter } from "./router";

const Status = z.object({ status: z.literal("ok") });

const getHealth = createRoute({
  method: "get",
  path: "/health",
  operationId: "getHealth",
  tags: ["Service"],
  summary: "Check that the Worker runs",
  description: "Touches no database and needs no credentials.",
  security: [],
  responses: {
    200: { description: "The Worker runs", content: { "application/json": { schema: Status, example: { status: "ok" } } } },
    414: URI_TOO_LONG,
  },
});

const Check = z.object({ ok: z.boolean(), ms: z.number().int(), detail: z.string().optional() });
const Readiness = z.object({ status: z.enum(["ready", "not_ready"]), checks: z.object({ database: Check, files: Check, backlog: Check }) });
const readiness = (status: "ready" | "not_ready", ok: boolean) => {
  const checks = { database: ok ? { ok, ms: 3 } : { ok, ms: 1500, detail: "no answer within 1500 ms" }, files: { ok: true, ms: 5 } };
  return { schema: Readiness, example: { status, checks: { ...checks, backlog: { ok: true, ms: 0 } } } };
};

const getReadiness = createRoute({
  method: "get",
  path: "/health/ready",
  operationId: "getReadiness",
  tags: ["Service"],
  summary: "Check that the service can work",
  description:
    "Tries the databases, the file storage and the queue of events, each for at most 1.5 seconds. Needs no credentials; tried at most every 2 seconds.",
  security: [],
  responses: {
    200: { description: "All of them work", content: { "application/json": readiness("ready", true) } },
    414: URI_TOO_LONG,
    503: { description: "At least one does not", content: { "application/json": readiness("not_ready", false) } },
  },
});

const getMetrics = createRoute({
  method: "get",
  path: "/metrics",
  operationId: "getMetrics",
  tags: ["Service"],
  summary: "Get metrics for Prometheus",
  description: "The text format 0.0.4. Needs no credentials and holds no tenant's data.",
  security: [],
  responses: {
    200: {
      description: "The series",
      content: { "text/plain": { schema: z.string(), example: "# TYPE events_ingested_total counter\nevents_ingested_total 1027\n" } },
    },
    414: URI_TOO_LONG,
  },
});

export const health = createRouter()
  .openapi(getHealth, (c) => c.json({ status: "ok" as const }, 200))
  .openapi(getReadiness, async (c) => {
    const { ready, checks } = await readReadiness(c.env, Date.now());
    c.header("Cache-Control", "no-store");
    return ready ? c.json({ status: "ready" as const, checks }, 200) : c.json({ status: "not_ready" as const, checks }, 503);
  })
  .openapi(getMetrics, async (c) => {
    const { counters, gauges } = await readMetrics(c.env);
    return c.text(prometheusText(counters, gauges), 200, { "Content-Type": "text/plain; version=0.0.4", "Cache-Control": "no-store" });
  });
