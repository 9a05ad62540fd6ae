/** The guides, which are Markdown in the repository, as pages of the service. */
import { raw } from "hono/html";
import { Marked } from "marked";
import type { Router } from "../router";
import agents from "./guides/agents.md";
import automation from "./guides/automation.md";
import benchmarks from "./guides/benchmarks.md";
import clients from "./guides/clients.md";
import concepts from "./guides/concepts.md";
import consoleGuide from "./guides/console.md";
import databases from "./guides/databases.md";
import decisions from "./guides/decisions.md";
import events from "./guides/events-and-scoring.md";
import guarantees from "./guides/guarantees.md";
import imports from "./guides/imports.md";
import leads from "./guides/leads.md";
import limits from "./guides/limits-and-costs.md";
import operations from "./guides/operations.md";
import channels from "./guides/partner-channels.md";
import segment from "./guides/segment.md";
import stylesheet from "./guides.css";
import { page } from "./page";

/** In reading order. Each begins with its title. */
const GUIDES: Record<string, string> = {
  concepts,
  console: consoleGuide,
  guarantees,
  leads,
  imports,
  "events-and-scoring": events,
  segment,
  automation,
  agents,
  "partner-channels": channels,
  clients,
  operations,
  databases,
  "limits-and-costs": limits,
  benchmarks,
  decisions,
};

const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? "Guide";

export const guideLinks = (): { href: string; title: string }[] =>
  Object.entries(GUIDES).map(([name, markdown]) => ({ href: `/docs/guides/${name}`, title: titleOf(markdown) }));

export function mountGuides(app: Router): void {
  app.get("/docs/guides.css", (c) => c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/docs/guides", (c) => c.redirect("/docs/guides/concepts"));
  for (const [name, markdown] of Object.entries(GUIDES)) {
    app.get(`/docs/guides/${name}`, (c) => {
      c.header("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'");
      return c.html(page(titleOf(markdown), guideLinks(), raw(render(markdown))));
    });
  }
}

function render(markdown: string): string {
  const marked = new Marked({ async: false, gfm: true });
  // in the repository guides link to each other's files
  const linked = markdown.replace(/\]\(([a-z-]+)\.md(#[a-z-]+)?\)/g, "](/docs/guides/$1$2)");
  return marked.parse(linked, { async: false });
}
