/**
 * Renders the guides, which are Markdown in the repository, and packs them for the Worker (see guides.ts): no request waits for a renderer, and none
 * is uploaded. Run by wrangler before it bundles, and by the tests.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Marked } from "marked";

const here = dirname(fileURLToPath(import.meta.url));
const PACK = join(here, "dist", "guides.pack");

/** In reading order. Each begins with its title. */
const NAMES = [
  "concepts",
  "console",
  "guarantees",
  "leads",
  "imports",
  "events-and-scoring",
  "segment",
  "automation",
  "agents",
  "partner-channels",
  "clients",
  "operations",
  "databases",
  "limits-and-costs",
  "benchmarks",
  "decisions",
];

const marked = new Marked({ async: false, gfm: true });
const guides = NAMES.map((name) => {
  const markdown = readFileSync(join(here, "guides", `${name}.md`), "utf8");
  // in the repository guides link to each other's files
  const linked = markdown.replace(/\]\(([a-z-]+)\.md(#[a-z-]+)?\)/g, "](/docs/guides/$1$2)");
  return { name, title: /^# (.+)$/m.exec(markdown)?.[1] ?? name, html: marked.parse(linked, { async: false }) };
});
const titles = Buffer.from(JSON.stringify(guides.map(({ name, title }) => [name, title])));
const pages = gzipSync(JSON.stringify(Object.fromEntries(guides.map(({ name, html }) => [name, html]))), { level: 9 });
const head = Buffer.alloc(4);
head.writeUInt32BE(titles.length);
mkdirSync(dirname(PACK), { recursive: true });
// a process that reads it meanwhile gets the whole old file or the whole new one
const written = `${PACK}.${randomUUID()}`;
writeFileSync(written, Buffer.concat([head, titles, pages]));
renameSync(written, PACK);
