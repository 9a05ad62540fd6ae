/** A page without styles or scripts, for a browser that opens an address meant for programs. */
import type { Context } from "hono";
import { html } from "hono/html";

type Markup = ReturnType<typeof html>;

/** Sends `content` as a whole page. `never`, since the OpenAPI document describes what a program receives. */
export function plainPage(c: Context, content: Markup, status: 200 | 400 = 200): never {
  c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Leadedge</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <main>
      ${content}
    </main>
  </body>
</html>`;
  return c.html(page, status) as never;
}
