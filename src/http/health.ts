import { createRoute, z } from "@hono/zod-openapi";
import { createRouter } from "./router";

const Status = z.object({ status: z.literal("ok") });

const getHealth = createRoute({
  method: "get",
  path: "/health",
  tags: ["Service"],
  summary: "Whether the worker answers",
  responses: { 200: { description: "It does", content: { "application/json": { schema: Status, example: { status: "ok" } } } } },
});

export const health = createRouter().openapi(getHealth, (c) => c.json({ status: "ok" as const }, 200));
