import { createRoute, z } from "@hono/zod-openapi";
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

export const health = createRouter().openapi(getHealth, (c) => c.json({ status: "ok" as const }, 200));
