/** The API's description: OpenAPI 3.1 from the very schemas that validate, and a page that renders it with the worker's own assets. */
import type { Hono } from "hono";
import { html } from "hono/html";
import stylesheet from "swagger-ui-dist/swagger-ui.css";
import script from "swagger-ui-dist/swagger-ui-bundle.js";
import type { HttpEnv, Router } from "../router";
import { guideLinks, mountGuides } from "./guides";
import { TAGS } from "./tags";

const ASSETS = [
  { path: "/docs/swagger-ui.css", type: "text/css; charset=utf-8", bytes: stylesheet },
  { path: "/docs/swagger-ui-bundle.js", type: "text/javascript; charset=utf-8", bytes: script },
];

export function mountDocs(app: Router): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "Bearer", {
    type: "http",
    scheme: "bearer",
    description: "An access token from /oauth/token, a personal access token, or a token of your identity provider",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "Basic", {
    type: "http",
    scheme: "basic",
    description: "client_id:client_secret of a service account",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "WorkspaceKey", {
    type: "http",
    scheme: "bearer",
    description: "A workspace key: sk-workspace_ and 51 more characters",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "AdminToken", {
    type: "http",
    scheme: "bearer",
    description: "The administrator's token: ADMIN_TOKEN, or what POST /claim returned",
  });

  let description: string | undefined;
  app.get("/openapi.json", (c) => {
    description ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Leadedge",
          version: "0.1.0",
          contact: { name: "The operator of this deployment" },
          description:
            "A lead store that answers at the edge: one lead, many aliases, one profile. Errors are problem JSON (RFC 9457), but for the workspace and partner APIs, which have their own.",
        },
        servers: [{ url: "/" }],
        tags: TAGS,
      }),
    );
    c.header("Cache-Control", "public, max-age=300");
    return c.body(description, 200, { "Content-Type": "application/json" });
  });
  mountPage(app);
  mountGuides(app);
}

function mountPage(app: Hono<HttpEnv>): void {
  app.get("/docs", (c) => {
    c.header(
      "Content-Security-Policy",
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    );
    return c.html(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Leadedge API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <nav aria-label="Guides" style="padding: 0.75rem 1.25rem; font: 0.9rem system-ui, sans-serif; word-spacing: 0.1em">${guideLinks().map(({ href, title }) => html`<a href="${href}">${title}</a> `)}</nav>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>`);
  });
  app.get("/docs/start.js", (c) =>
    c.body('SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true });\n', 200, {
      "Content-Type": "text/javascript; charset=utf-8",
    }),
  );
  for (const { path, type, bytes } of ASSETS) {
    app.get(path, (c) => c.body(bytes, 200, { "Content-Type": type, "Cache-Control": "public, max-age=86400" }));
  }
}
