/** The arrows of the architecture: who may import whom, and who may use which package, global or binding. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

type Room = {
  /** the files of the room, by path below src/ without the extension */
  files: RegExp;
  /** rooms it may import from */
  imports: readonly string[];
  /** packages it may import from, by name or by the beginning of a name that ends in / or : */
  packages?: readonly string[];
};

const HONO = ["hono", "hono/", "@hono/"];

/** Listed from the inside outwards; a file belongs to the first room that matches. */
const ROOMS: Record<string, Room> = {
  base: {
    files:
      /^(errors|event-loop|neighbours|hash|ids|json-depth|log|metrics|phone-regions|quotas|schemas|text|time|ttl-cache|usage|validation|vocabulary)$/,
    imports: ["base"],
    packages: ["zod", "node:crypto"],
  },
  context: { files: /^(context|statement-budget)$/, imports: ["base", "context"], packages: ["drizzle-orm/d1"] },
  db: { files: /^db\//, imports: ["base", "context", "db"], packages: ["drizzle-orm", "drizzle-orm/"] },
  bytes: { files: /^core\/(csv|spreadsheets)\//, imports: ["base", "bytes"], packages: ["papaparse", "hucre/"] },
  stores: { files: /^core\/[^/]+\/store$/, imports: ["base", "context", "db", "bytes", "core", "stores"], packages: ["drizzle-orm"] },
  core: {
    files: /^core\//,
    imports: ["base", "context", "db", "bytes", "core", "stores"],
    packages: ["zod", "jose", "libphonenumber-js/", "node:crypto", "node:buffer"],
  },
  outbox: { files: /^queues\/(backlog|outbox|messages)$/, imports: ["base", "context", "core", "outbox"] },
  lanes: {
    files: /^durable-objects\/unit-lane$/,
    imports: ["base", "context", "queues"],
    packages: ["cloudflare:workers"],
  },
  units: { files: /^durable-objects\//, imports: ["base", "context", "units"], packages: ["cloudflare:workers"] },
  wiring: {
    files: /^open-(context|installation|operator|sign-in)$/,
    imports: ["base", "context", "db", "core", "stores", "outbox", "units", "wiring"],
  },
  queues: { files: /^queues\//, imports: ["base", "context", "bytes", "core", "stores", "outbox", "wiring", "queues"] },
  cron: { files: /^cron\//, imports: ["base", "context", "core", "stores", "wiring", "cron"] },
  http: { files: /^http\/([^/]+|middleware\/.*)$/, imports: ["base", "context", "core", "stores", "wiring", "http"], packages: HONO },
  guides: { files: /^http\/docs\/build$/, imports: [], packages: ["node:", "marked"] },
  docs: { files: /^http\/docs\//, imports: ["base", "http", "docs"], packages: HONO },
  mcp: {
    files: /^http\/mcp\//,
    imports: ["base", "context", "bytes", "core", "stores", "wiring", "http", "mcp"],
    packages: [...HONO, "@modelcontextprotocol/server"],
  },
  dialects: {
    files: /^http\/[^/]+\//,
    imports: ["base", "context", "bytes", "core", "stores", "wiring", "http", "dialects"],
    packages: HONO,
  },
  // the console's browser side is another program: it knows the server's calls by their types alone
  browser: { files: /^console\/client\//, imports: ["browser", "console"], packages: ["preact", "preact/", "@preact/signals"] },
  pack: { files: /^console\/(build$|dist\/)/, imports: [], packages: ["node:", "esbuild"] },
  console: {
    files: /^console\/server\//,
    imports: ["base", "context", "bytes", "core", "stores", "wiring", "http", "console", "pack"],
    packages: [...HONO, "zod"],
  },
  app: { files: /^app$/, imports: ["http", "docs", "mcp", "dialects", "console"], packages: HONO },
  entry: { files: /^index$/, imports: ["app", "queues", "cron", "units", "lanes"] },
  deploy: { files: /^deploy\//, imports: ["deploy"], packages: ["node:", "wrangler"] },
  local: { files: /^local\//, imports: ["base", "local"], packages: ["node:"] },
};

/** Words that only some files may say. `Env` is the type of the bindings: whoever is handed one passes it on to open-context. */
const WORDS: { word: RegExp; meaning: string; files: RegExp }[] = [
  {
    word: /(?<!process\.)\benv(\.(?!d\.ts)|\?\.|\[)|\}\s*=\s*([\w.]+\.)?env\b/,
    meaning: "a binding",
    files:
      /^(open-context|open-installation|open-sign-in|durable-objects\/(org-unit|unit-meter|metrics|unit-lane|usage|installation)-client)$/,
  },
  {
    word: /\bEnv\b/,
    meaning: "the bindings' type",
    files: /^(open-context|open-installation|open-operator|open-sign-in|index|(durable-objects|cron|queues)\/.*|http\/router)$/,
  },
  { word: /\bprocess\./, meaning: "the local process", files: /^((local|deploy)\/|console\/build$)/ },
  { word: /\bimport\s*\((?!\s*["'])|\brequire\s*\(/, meaning: "an import whose target cannot be read", files: /^$/ },
];

const FILE_LINES_MAX = 250;

/** An import from the console's server that is no `import type`. */
const TAKES_VALUES = /(?:^|\n)\s*(?:import|export)\s+(?!type\b)[^;"']*\bfrom\s*["'][^"']*\/server\/|\bimport\s*\(?\s*["'][^"']*\/server\//;

type SourceFile = { path: string; text: string };

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']/g;

/** Whole-line comments and those after code: what stands in a string stays, `"/admin/*"` included. */
const withoutComments = (text: string): string => text.replace(/^\s*(\/\*|\*[\s/]|\*$|\/\/).*$/gm, "").replace(/\s\/\/ .*$/gm, "");

const importsOf = (code: string): string[] => [...code.matchAll(IMPORT)].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "");
const roomOf = (path: string): string => Object.entries(ROOMS).find(([, { files }]) => files.test(path))?.[0] ?? "none";
/** The part of the core, or the dialect, that a file belongs to. */
const partOf = (path: string): string | undefined =>
  /^core\/[^/]+/.exec(path)?.[0] ?? /^(http\/(?!middleware)|console\/)[^/]+(?=\/)/.exec(path)?.[0];
const targetOf = (path: string, specifier: string): string => normalize(join(dirname(path), specifier)).replace(/\.(tsx?|md|css)$/, "");

function violations({ path, text }: SourceFile): string[] {
  const room = ROOMS[roomOf(path)];
  if (!room) return [`${path} is in no room of the table`];
  const found: string[] = [];
  const code = withoutComments(text);
  if (path.startsWith("console/client/") && TAKES_VALUES.test(code)) found.push(`${path}: takes more than types from the server`);
  for (const specifier of importsOf(code)) {
    const problem = specifier.startsWith(".") ? localProblem(path, room, specifier) : packageProblem(path, room, specifier);
    if (problem) found.push(`${path} -> ${specifier}: ${problem}`);
  }
  for (const { word, meaning, files } of WORDS) if (!files.test(path) && word.test(code)) found.push(`${path}: uses ${meaning}`);
  const lines = text.split("\n").length - 1;
  if (lines > FILE_LINES_MAX) found.push(`${path}: ${lines} lines, more than ${FILE_LINES_MAX}`);
  return found;
}

function localProblem(path: string, room: Room, specifier: string): string | null {
  const target = targetOf(path, specifier);
  if (target.startsWith("..")) return "src imports nothing from outside";
  const [from, into] = [partOf(path), partOf(target)];
  const to = roomOf(target === into || roomOf(target) === "none" ? `${target}/index` : target);
  if (into !== undefined && from !== into) {
    if (into.startsWith("core/") && target !== into) return "another part of the core is entered by its index";
    if (into === "console/server" && (path === "app" || (from === "console/client" && target === "console/server/calls"))) return null;
    if (into.startsWith("console/") && !into.endsWith("/dist")) return "only the app knows a dialect";
    if (into.startsWith("http/") && path !== "app") return "only the app knows a dialect";
  }
  return room.imports.includes(to) ? null : `${roomOf(path)} may not import ${to}`;
}

function packageProblem(path: string, { packages = [] }: Room, specifier: string): string | null {
  const allowed = packages.some((name) => specifier === name || (/[/:]$/.test(name) && specifier.startsWith(name)));
  return allowed ? null : `${roomOf(path)} may not use this package`;
}

/** Parts of the core that import each other, directly or through others: each as the way round. */
function cycles(files: readonly SourceFile[]): string[] {
  const arrows = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    const from = partOf(path);
    if (!from?.startsWith("core/")) continue;
    const into = importsOf(withoutComments(text)).map((specifier) => partOf(targetOf(path, specifier)));
    arrows.set(from, new Set([...(arrows.get(from) ?? []), ...into.filter((part) => part !== undefined && part !== from)] as string[]));
  }
  const ways = (way: readonly string[]): string[] =>
    [...(arrows.get(way.at(-1) ?? "") ?? [])].flatMap((next) => {
      if (next === way[0]) return [[...way, next].join(" -> ")];
      return way.includes(next) ? [] : ways([...way, next]);
    });
  return [...arrows.keys()].flatMap((part) => ways([part]));
}

/** References to documents or places that are not in the repository. */
const ELSEWHERE = /\bseeds? 0\d\d\b|\.\.\/shared\b|\/(work|home|Users)\/\w/;

const sources = (): SourceFile[] =>
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => ({ path: name.replaceAll("\\", "/").replace(/\.tsx?$/, ""), text: readFileSync(join("src", name), "utf8") }));

describe("the arrows", () => {
  it("hold in every file of src", () => {
    expect(sources().flatMap(violations)).toEqual([]);
  });

  it("never lead from a part of the core back to itself", () => {
    expect(cycles(sources())).toEqual([]);
  });

  it("lead to nothing outside the repository, in prose either", () => {
    const texts = ["src", "test", ".github"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter(
          (name) => /\.(ts|md|yml|sh)$/.test(name) && !/node_modules|\.wrangler/.test(name) && !name.endsWith("conventions.unit.test.ts"),
        )
        .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), "utf8") })),
    );
    expect(texts.filter(({ text }) => ELSEWHERE.test(text)).map(({ path }) => path)).toEqual([]);
    expect("Import jobs as seed 001 shows them").toMatch(ELSEWHERE);
  });

  it("give every random test the seed of the run", () => {
    const files = readdirSync("test", { recursive: true, encoding: "utf8" }).filter(
      (name) => /\.ts$/.test(name) && !/node_modules/.test(name),
    );
    const direct = files.filter((name) => readFileSync(join("test", name), "utf8").match(/^import .*from "fast-check"/m));
    expect(direct).toEqual([join("support", "fast-check.ts")]);
  });

  it.each([
    ["a store that reaches into another part", "core/events/store", 'import { insertLead } from "../leads/store";'],
    ["a dialect that imports another dialect", "http/console/leads", 'import { viewOf } from "../workspace/lead-view";'],
    ["a dialect that queries the database", "http/partner/leads", 'import { guardSql } from "../../db/commit";'],
    ["shared HTTP that imports a dialect", "http/problem", 'import { wireLeadId } from "./engagement/wire-ids";'],
    ["a core verb that reads a binding", "core/leads/create-lead", "export const size = (c: Context) => c.env.FILES;"],
    ["a core verb that is handed the bindings", "core/leads/create-lead", "export const size = (env: Env) => open(env);"],
    ["a route that reads a binding", "http/engagement/events", "const limit = c.env.PUBLIC_LEADS_LIMIT;"],
    ["a route that takes a binding apart", "http/engagement/events", "const { DB } = c.env;"],
    [
      "a binding after a path with a star",
      "http/oauth/index",
      'oauth.use("/oauth/*", limit);\nconst key = c.env.SIGNING_KEY;\n/** done */',
    ],
    ["a core verb that speaks HTTP", "core/leads/create-lead", 'import type { Context } from "hono";'],
    ["zod-openapi in the core", "core/leads/schemas", 'import { z } from "@hono/zod-openapi";'],
    ["drizzle outside a store", "core/leads/create-lead", 'import { eq } from "drizzle-orm";'],
    ["a package that nobody listed", "core/leads/create-lead", 'import _ from "lodash";'],
    ["a parser outside the readers", "core/imports/preview-import", 'import Papa from "papaparse";'],
    ["an arrow back from the database", "db/commit", 'import { requireLead } from "../core/leads";'],
    ["an arrow back from the core", "core/leads/create-lead", 'import { openSystem } from "../../open-context";'],
    ["an import over several lines", "core/leads/create-lead", 'import {\n  // the wiring\n  openSystem,\n} from "../../open-context";'],
    ["a type import", "core/leads/create-lead", 'import type { HttpEnv } from "../../http/router";'],
    ["an import for its effect", "core/leads/create-lead", 'import "../../app";'],
    ["a dynamic import", "core/leads/create-lead", 'const { app } = await import("../../app");'],
    ["a type of a module", "core/leads/create-lead", 'type App = typeof import("../../app");'],
    ["an import of a computed path", "core/leads/create-lead", "const part = await import(path);"],
    ["a re-export", "core/leads/index", 'export { STATUS } from "../../http/problem";'],
    ["a re-export of everything", "core/leads/index", 'export * from "../../http/problem";'],
    ["a pure reader that needs the core", "core/csv/read-csv", 'import { ALIAS_CHARS_MAX } from "../leads";'],
    ["a Durable Object's runtime elsewhere", "queues/events", 'import { DurableObject } from "cloudflare:workers";'],
    ["a consumer that imports HTTP", "queues/events", 'import { problem } from "../http/problem";'],
    ["a tick that imports a consumer", "cron/index", 'import { consume } from "../queues";'],
    ["the local process in the worker", "core/leads/create-lead", "const region = process.env;"],
    [
      "a page that takes more than types from the server",
      "console/client/pages/leads/index",
      'import { calls } from "../../../server/calls";',
    ],
    ["a page that knows the core", "console/client/pages/leads/index", 'import type { Lead } from "../../../../core/leads";'],
    ["a page that loads a package from the server's side", "console/client/app", 'import { Hono } from "hono";'],
    ["a server that renders the browser's side", "console/server/shell", 'import { App } from "../client/app";'],
    ["a dialect that imports the console", "http/engagement/leads", 'import { api } from "../../console/server/api";'],
    ["the console's server that queries the database", "console/server/api", 'import { guardSql } from "../../db/commit";'],
    ["a base file that uses the domain", "time", 'import type { Ctx } from "./context";'],
    ["a file outside src", "core/leads/create-lead", 'import { words } from "../../../test/support/words";'],
    ["a new folder that nobody placed", "utils/strings", "export {};"],
    ["a god file", "core/leads/create-lead", "\n".repeat(FILE_LINES_MAX + 1)],
  ])("catch %s", (_, path, text) => {
    expect(violations({ path, text })).toHaveLength(1);
  });

  it("catch parts of the core that import each other", () => {
    const files: SourceFile[] = [
      { path: "core/leads/create-lead", text: 'import { score } from "../scoring";' },
      { path: "core/scoring/score", text: 'import { requireRole } from "../auth";' },
      { path: "core/auth/actor", text: 'import type { Lead } from "../leads";' },
    ];
    expect(cycles(files)).toContain("core/leads -> core/scoring -> core/auth -> core/leads");
  });

  it("allow what they should", () => {
    const allowed: SourceFile[] = [
      { path: "core/events/process-events", text: 'import { leadWrites } from "../leads";\nimport { commitLoop } from "../../db/commit";' },
      { path: "http/partner/leads", text: 'import { z } from "@hono/zod-openapi";\nimport { requireLead } from "../../core/leads";' },
      { path: "console/client/pages/leads/index", text: 'import type { CallOutput } from "../../../server/calls";' },
      { path: "console/server/calls/leads", text: 'import { requireLead } from "../../../core/leads";\nimport { z } from "zod";' },
      { path: "core/auth/store", text: 'import { eq } from "drizzle-orm";' },
      { path: "core/leads/create-lead", text: "/** Reads env.FILES of no Env. */\nconst lead = 1; // not process.env" },
    ];
    expect(allowed.flatMap(violations)).toEqual([]);
  });
});
