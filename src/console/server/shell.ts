/** The page that every path of the console serves: it holds nothing of anybody's. What the path needs is loaded at once, not one after another. */
import { html } from "hono/html";
import { packIndex } from "./pack";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%234f46e5'/%3E%3Cpath d='M5 4v8h6' stroke='white' stroke-width='2' fill='none'/%3E%3C/svg%3E";

export function shell(path: string) {
  const { script, stylesheet, preload, pages } = packIndex();
  const [, page = ""] = /^\/console\/([\w-]+)/.exec(path) ?? [];
  const scripts = [...preload, ...(Object.hasOwn(pages, page) ? (pages[page] ?? []) : [])];
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Leadedge</title>
    <link rel="icon" href="${ICON}" />
    <link rel="stylesheet" href="/console/assets/${stylesheet}" />
    <script type="module" src="/console/assets/${script}"></script>
    ${scripts.map((file) => html`<link rel="modulepreload" href="/console/assets/${file}" />`)}
  </head>
  <body>
    <div id="console"><noscript>The console needs JavaScript.</noscript></div>
  </body>
</html>`;
}
