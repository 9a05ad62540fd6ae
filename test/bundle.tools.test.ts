/** The upload: its size, what it must not contain, and how much of it an isolate evaluates before its first work of each kind. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

/** Every deployment uploads it: raise this only for what must be there. MCP's library is 50 KiB of it, the console's browser side 100, the guides 50. */
const COMPRESSED_KIB_MAX = 799;

/** Minified, what a new isolate evaluates before its first request: raise this only for what every request needs. */
const START_KIB_MAX = 430;
/** The same for the first look-up of a lead and the first event. */
const LOOK_UP_KIB_MAX = 900;
const INGEST_KIB_MAX = 850;

type Metafile = {
  inputs: Record<string, { imports: { path: string; kind: string; external?: boolean }[] }>;
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
};

const scratch = mkdtempSync(join(tmpdir(), "leadedge-bundle-"));
let printed = "";
let bundled: string[] = [];
let inputs: Metafile["inputs"] = {};
const bytesOf = new Map<string, number>();

beforeAll(() => {
  const metafile = join(scratch, "meta.json");
  const args = ["deploy", "--dry-run", "--outdir", join(scratch, "out"), "--metafile", metafile];
  const { stdout, stderr, status } = spawnSync("node_modules/.bin/wrangler", args, {
    encoding: "utf8",
    env: { ...process.env, CI: "true", WRANGLER_LOG: "log" },
  });
  printed = stdout + stderr;
  if (status !== 0) throw new Error(printed);
  const built = JSON.parse(readFileSync(metafile, "utf8")) as Metafile;
  inputs = built.inputs;
  for (const output of Object.values(built.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) if (bytesInOutput > 0) bytesOf.set(file, bytesInOutput);
  }
  bundled = [...bytesOf.keys()];
}, 180_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it(`the upload is at most ${COMPRESSED_KIB_MAX} KiB compressed`, () => {
  const kib = Number(/gzip: ([\d.]+) KiB/.exec(printed)?.[1]);
  expect(kib).toBeGreaterThan(100);
  expect(kib).toBeLessThanOrEqual(COMPRESSED_KIB_MAX);
});

it("it holds the guides as pages, and no renderer", () => {
  expect(bundled.filter((file) => /marked|\.md$/.test(file))).toEqual([]);
});

it("it holds zod's messages in English alone", () => {
  expect(bundled.filter((file) => /zod\/.*locales\//.test(file)).map((file) => file.split("/").at(-1))).toEqual(["en.js"]);
});

it("it holds phone metadata once, in its smallest form", () => {
  const metadata = bundled.filter((file) => /libphonenumber-js\/metadata\./.test(file)).map((file) => file.split("/").at(-1));
  expect(metadata).toEqual(["metadata.min.json.js"]);
});

it("it holds nothing that only tests and builds use", () => {
  const packages = new Set(bundled.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  const brought = ["@asteasolutions/zod-to-openapi", "@modelcontextprotocol/core", "openapi3-ts", "unenv", "wrangler"];
  expect([...packages].filter((name) => !(name in dependencies) && !brought.includes(name))).toEqual([]);
});

/** Everything that these files import, except what they load later. */
function evaluatedWith(...files: string[]): string[] {
  const found = new Set(files);
  for (const file of found) {
    for (const { path, kind, external } of inputs[file]?.imports ?? []) if (!external && kind !== "dynamic-import") found.add(path);
  }
  return [...found];
}

const kibOf = (files: readonly string[]): number => files.reduce((sum, file) => sum + (bytesOf.get(file) ?? 0), 0) / 1024;
const partsOf = (files: readonly string[]): string[] => [...new Set(files.flatMap((file) => /^src\/(core\/[^/]+)/.exec(file)?.[1] ?? []))];

it("an isolate starts with what every request needs: no part of the core but those that know callers and org units", () => {
  const atStart = evaluatedWith("src/index.ts");
  expect(partsOf(atStart).sort()).toEqual(["core/auth", "core/idempotency", "core/org-units"]);
  expect(atStart.filter((file) => /libphonenumber|papaparse|hucre|modelcontextprotocol/.test(file))).toEqual([]);
  expect(kibOf(atStart)).toBeGreaterThan(100);
  expect(kibOf(atStart)).toBeLessThanOrEqual(START_KIB_MAX);
});

it.each([
  ["look-up of a lead", "src/http/engagement/lead-family.ts", LOOK_UP_KIB_MAX],
  ["event", "src/http/engagement/ingest-family.ts", INGEST_KIB_MAX],
])("its first %s loads no imports, files or erasures", (_, family, kibMax) => {
  const loaded = evaluatedWith("src/index.ts", family);
  expect(loaded.length).toBeGreaterThan(evaluatedWith("src/index.ts").length);
  expect(partsOf(loaded)).toContain("core/leads");
  expect(partsOf(loaded).filter((part) => /imports|spreadsheets|csv|erasure|merging|undo|backup|moves/.test(part))).toEqual([]);
  expect(kibOf(loaded)).toBeLessThanOrEqual(kibMax);
});
