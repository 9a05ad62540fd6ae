/** The console: its page at every path under /console, its files, its API. A dialect: it translates, and the verbs of the core decide. */
import { type Context, Hono } from "hono";
import { onError, problem } from "../../http/problem";
import type { HttpEnv, Router } from "../../http/router";
import { api } from "./api";
import { findPackedFile } from "./pack";
import { provider } from "./provider";
import { shell } from "./shell";

/** `style-src 'self'` without `unsafe-inline`: scripts may still set styles through the DOM. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const IMMUTABLE = "public, max-age=31536000, immutable";

const dialect = new Hono<HttpEnv>();

dialect.onError((error, c: Context<HttpEnv>) => {
  const response = onError(error, c);
  c.header("Cache-Control", "no-store");
  // a browser would open its own dialog for the password
  response.headers.delete("WWW-Authenticate");
  return response;
});

dialect.route("/api", api);
dialect.all("/api/*", (c) => problem(c, { status: 404, code: "not_found", detail: "No such call" }));

dialect.route("/provider", provider);

dialect.get("/assets/:file", async (c) => {
  const gzip = /\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "");
  const file = await findPackedFile(c.req.param("file"), gzip);
  if (!file) return problem(c, { status: 404, code: "not_found", detail: "No such file: the console was updated, load the page again" });
  c.header("Content-Type", file.type);
  c.header("Cache-Control", IMMUTABLE);
  c.header("Vary", "Accept-Encoding");
  if (!gzip) return c.body(file.body);
  c.header("Content-Encoding", "gzip");
  return new Response(file.body, { headers: c.body(null).headers, encodeBody: "manual" });
});

dialect.get("/*", (c) => {
  c.header("Content-Security-Policy", POLICY);
  c.header("Cache-Control", "no-cache");
  return c.html(shell(c.req.path));
});

export function mountConsole(app: Router): void {
  app.route("/console", dialect);
}
