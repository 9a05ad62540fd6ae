/** The API reference: a list of all operations, and a page for each, where it can be tried. */
import { html } from "hono/html";
import { AppError } from "../../../errors";
import type { Router } from "../../router";
import { type ApiDocument, operationsOf } from "../document";
import { guideLinks } from "../guides";
import { page } from "../page";
import script from "./browser.js";
import { operationList } from "./operation-list";
import { operationPage } from "./operation-page";
import stylesheet from "./reference.css";

const POLICY = "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const ASSETS = [
  { path: "/docs/reference.css", type: "text/css; charset=utf-8", text: stylesheet },
  { path: "/docs/reference.js", type: "text/javascript; charset=utf-8", text: script },
];
const HEAD = html`
    <link rel="stylesheet" href="/docs/reference.css" />
    <script src="/docs/reference.js" defer></script>`;

export function mountReference(app: Router, described: () => Promise<ApiDocument>): void {
  app.get("/docs", async (c) => {
    c.header("Content-Security-Policy", POLICY);
    return c.html(page("API reference", guideLinks(), operationList(operationsOf(await described())), HEAD));
  });
  app.get("/docs/operations/:id", async (c) => {
    const document = await described();
    const operation = operationsOf(document).find(({ operationId }) => operationId === c.req.param("id"));
    if (!operation) throw new AppError("not_found", "No such operation");
    c.header("Content-Security-Policy", POLICY);
    return c.html(page(operation.summary, guideLinks(), operationPage(operation, document), HEAD));
  });
  for (const { path, type, text } of ASSETS) {
    app.get(path, (c) => c.body(text, 200, { "Content-Type": type, "Cache-Control": "public, max-age=300" }));
  }
}
