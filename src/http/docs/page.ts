import { html } from "hono/html";

type Markup = ReturnType<typeof html>;

/** A page of the documentation. `head`: what it links besides the common stylesheet. */
export const page = (
  title: string,
  links: readonly { href: string; title: string }[],
  content: Markup | unknown,
  head: Markup | string = "",
) =>
  html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · Leadedge</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/guides.css" />${head}
  </head>
  <body>
    <nav aria-label="Guides">
      <a href="/docs">API reference</a>
      ${links.map(({ href, title }) => html`<a href="${href}">${title}</a>`)}
    </nav>
    <main>${content}</main>
  </body>
</html>`;
