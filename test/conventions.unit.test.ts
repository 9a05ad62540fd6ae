/** The arrows of the architecture: who may import whom, and who may use which package, global or binding. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

type Room = {
  /** the files of the room, by path below src/ without the extension */
  files: RegExp;
  /** rooms it may import from, its own included */
  imports: readonly string[];
  /** packages it may use, beside those that every file may use */
  packages?: readonly string[];
};

/** Listed from the inside outwards; a file belongs to the first room that matches. */
const ROOMS: Record<string, Room> = {
  base: { files: /^(errors|hash|ids|log|schemas|text|time|ttl-cache|validation|vocabulary)$/, imports: ["base"] },
  context: { files: /^context$/, imports: ["base"], packages: ["drizzle-orm/d1"] },
  db: { files: /^db\//, imports: ["base", "context", "db"], packages: ["drizzle-orm"] },
  bytes: { files: /^core\/(csv|spreadsheets)\//, imports: ["base", "bytes"] },
  stores: { files: /^core\/[^/]+\/store$/, imports: ["base", "context", "db", "bytes", "core", "stores"], packages: ["drizzle-orm"] },
  core: { files: /^core\//, imports: ["base", "context", "db", "bytes", "core", "stores"] },
  outbox: { files: /^queues\/(outbox|messages)$/, imports: ["base", "context", "core", "outbox"] },
  units: { files: /^durable-objects\//, imports: ["base", "context", "units"], packages: ["cloudflare:workers"] },
  wiring: { files: /^open-context$/, imports: ["base", "context", "db", "core", "stores", "outbox", "units"] },
  queues: { files: /^queues\//, imports: ["base", "context", "bytes", "core", "stores", "outbox", "wiring", "queues"] },
  cron: { files: /^cron\//, imports: ["base", "context", "core", "stores", "wiring", "cron"] },
  http: { files: /^http\/([^/]+|middleware\/.*)$/, imports: ["base", "context", "core", "stores", "wiring", "http"], packages: ["hono"] },
  dialects: {
    files: /^http\/[^/]+\//,
    imports: ["base", "context", "bytes", "core", "stores", "wiring", "http", "dialects"],
    packages: ["hono"],
  },
  app: { files: /^app$/, imports: ["http", "dialects", "app"], packages: ["hono"] },
  entry: { files: /^index$/, imports: ["app", "queues", "cron", "units"] },
  local: { files: /^local\//, imports: ["base", "local"] },
};

/** Packages that only the rooms naming them may use: by their name's beginning. */
const GUARDED_PACKAGES = ["hono", "@hono/", "drizzle-orm", "cloudflare:workers", "swagger-ui-dist"];
const PACKAGE_FAMILIES: Record<string, readonly string[]> = { hono: ["hono", "@hono/", "swagger-ui-dist"] };

/** Words that only some files may say. */
const WORDS: { word: RegExp; meaning: string; files: RegExp }[] = [
  {
    word: /\benv\./,
    meaning: "a binding",
    files:
      /^(open-context|index|durable-objects\/.*|cron\/.*|queues\/.*|local\/.*|http\/(cors|admin\/index|engagement\/org-units|middleware\/.*|oauth\/index))$/,
  },
  { word: /\bprocess\./, meaning: "the local process", files: /^local\// },
];

const FILE_LINES_MAX = 250;

type SourceFile = { path: string; text: string };

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']/g;

const importsOf = (text: string): string[] => [...text.matchAll(IMPORT)].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? "");
const roomOf = (path: string): string => Object.entries(ROOMS).find(([, { files }]) => files.test(path))?.[0] ?? "none";
/** The part of the core, or the dialect, that a file belongs to. */
const partOf = (path: string): string | undefined => /^core\/[^/]+/.exec(path)?.[0] ?? /^http\/(?!middleware)[^/]+(?=\/)/.exec(path)?.[0];
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");

function violations({ path, text }: SourceFile): string[] {
  const room = ROOMS[roomOf(path)];
  if (!room) return [`${path} is in no room of the table`];
  const found: string[] = [];
  for (const specifier of importsOf(text)) {
    const problem = specifier.startsWith(".") ? localProblem(path, room, specifier) : packageProblem(room, specifier);
    if (problem) found.push(`${path} -> ${specifier}: ${problem}`);
  }
  const code = withoutComments(text);
  for (const { word, meaning, files } of WORDS) if (!files.test(path) && word.test(code)) found.push(`${path}: uses ${meaning}`);
  const lines = text.split("\n").length - 1;
  if (lines > FILE_LINES_MAX) found.push(`${path}: ${lines} lines, more than ${FILE_LINES_MAX}`);
  return found;
}

function localProblem(path: string, room: Room, specifier: string): string | null {
  const target = normalize(join(dirname(path), specifier)).replace(/\.(ts|md|css)$/, "");
  const [from, into] = [partOf(path), partOf(target)];
  const to = roomOf(target === into || roomOf(target) === "none" ? `${target}/index` : target);
  if (into !== undefined && from !== into) {
    if (into.startsWith("core/") && target !== into) return "another part of the core is entered by its index";
    if (into.startsWith("http/") && path !== "app") return "only the app knows a dialect";
  }
  return room.imports.includes(to) ? null : `${roomOf(path)} may not import ${to}`;
}

function packageProblem(room: Room, specifier: string): string | null {
  const guarded = GUARDED_PACKAGES.find((name) => specifier === name || specifier.startsWith(name.endsWith("/") ? name : `${name}/`));
  if (guarded === undefined) return null;
  const allowed = (room.packages ?? []).flatMap((name) => [name, ...(PACKAGE_FAMILIES[name] ?? [])]);
  return allowed.some((name) => specifier === name || specifier.startsWith(name.endsWith("/") ? name : `${name}/`))
    ? null
    : "this room may not use the package";
}

const sources = (): SourceFile[] =>
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ts$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => ({ path: name.replaceAll("\\", "/").slice(0, -3), text: readFileSync(join("src", name), "utf8") }));

describe("the arrows", () => {
  it("hold in every file of src", () => {
    expect(sources().flatMap(violations)).toEqual([]);
  });

  it.each([
    ["a store that reaches into another part", "core/events/store", 'import { insertLead } from "../leads/store";'],
    ["a dialect that imports another dialect", "http/console/leads", 'import { viewOf } from "../workspace/lead-view";'],
    ["a dialect that queries the database", "http/partner/leads", 'import { guardSql } from "../../db/commit";'],
    ["shared HTTP that imports a dialect", "http/problem", 'import { wireLeadId } from "./engagement/wire-ids";'],
    ["a core verb that reads a binding", "core/leads/create-lead", "export const size = (env: Env) => env.FILES;"],
    ["a core verb that speaks HTTP", "core/leads/create-lead", 'import type { Context } from "hono";'],
    ["zod-openapi in the core", "core/leads/schemas", 'import { z } from "@hono/zod-openapi";'],
    ["drizzle outside a store", "core/leads/create-lead", 'import { eq } from "drizzle-orm";'],
    ["an arrow back from the database", "db/commit", 'import { requireLead } from "../core/leads";'],
    ["an arrow back from the core", "core/leads/create-lead", 'import { openSystem } from "../../open-context";'],
    ["a dynamic import", "core/leads/create-lead", 'const { app } = await import("../../app");'],
    ["a re-export", "core/leads/index", 'export { STATUS } from "../../http/problem";'],
    ["a pure reader that needs the core", "core/csv/read-csv", 'import { ALIAS_CHARS_MAX } from "../leads";'],
    ["a Durable Object's runtime elsewhere", "queues/events", 'import { DurableObject } from "cloudflare:workers";'],
    ["a base file that uses the domain", "time", 'import type { Ctx } from "./context";'],
    ["a new folder that nobody placed", "utils/strings", "export {};"],
    ["a god file", "core/leads/create-lead", "\n".repeat(FILE_LINES_MAX + 1)],
  ])("catch %s", (_, path, text) => {
    expect(violations({ path, text })).toHaveLength(1);
  });

  it("allow what they should", () => {
    const allowed: SourceFile[] = [
      { path: "core/events/process-events", text: 'import { leadWrites } from "../leads";\nimport { commitLoop } from "../../db/commit";' },
      { path: "http/partner/leads", text: 'import { z } from "@hono/zod-openapi";\nimport { requireLead } from "../../core/leads";' },
      { path: "core/auth/store", text: 'import { eq } from "drizzle-orm";' },
    ];
    expect(allowed.flatMap(violations)).toEqual([]);
  });
});
