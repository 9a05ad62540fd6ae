import { createRoute, z } from "@hono/zod-openapi";
import { html } from "hono/html";
import { plainPage } from "./plain-page";
import { URI_TOO_LONG } from "./route";
import { createRouter } from "./router";

const PLACES = { docs: "/docs", console: "/console", openapi: "/openapi.json" };

const getHome = createRoute({
  method: "get",
  path: "/",
  operationId: "getHome",
  tags: ["Service"],
  summary: "Find the documentation and the console",
  description: "JSON, or a page for a browser.",
  security: [],
  responses: {
    200: {
      description: "Where to go",
      content: {
        "application/json": { schema: z.object({ docs: z.string(), console: z.string(), openapi: z.string() }), example: PLACES },
      },
    },
    414: URI_TOO_LONG,
  },
});

export const home = createRouter().openapi(getHome, (c) => {
  c.header("Vary", "Accept");
  if (!c.req.header("Accept")?.includes("text/html")) return c.json(PLACES, 200);
  return plainPage(
    c,
    html`<h1>Leadedge</h1>
      <ul>
        <li><a href="/console">Console</a>: import leads, look at them, follow what happens</li>
        <li><a href="/docs">Documentation</a>: the API and the guides</li>
      </ul>`,
  );
});
