/**
 * Builds the browser's side of the console: scripts and the stylesheet by esbuild, one lazy chunk for each page, names with hashes; then packs
 * them, compressed, into one file for the Worker (see server/pack.ts). Run by wrangler before it bundles, and by the tests.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type OutputFile } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const PACK = join(here, "dist", "console.pack");
const TYPES: Record<string, string> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };
const BEST = { level: 9 };

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["client/main.tsx", "client/styles/console.css"],
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome125", "firefox128", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  metafile: true,
  write: false,
  logLevel: "warning",
});

const files: Record<string, { type: string; start: number; length: number }> = {};
const parts: Uint8Array[] = [];
let start = 0;
for (const { path, contents } of outputFiles.sort(byPath)) {
  const type = TYPES[/\.\w+$/.exec(path)?.[0] ?? ""] ?? "application/octet-stream";
  files[basename(path)] = { type, start, length: contents.length };
  parts.push(contents);
  start += contents.length;
}
const script = outputOf(metafile, "client/main.tsx");
const index = Buffer.from(
  JSON.stringify({
    files,
    script: basename(script),
    preload: staticImports(metafile, script).map((path) => basename(path)),
    pages: pageFiles(metafile, script),
    stylesheet: basename(outputOf(metafile, "client/styles/console.css")),
  }),
);
const head = Buffer.alloc(4);
head.writeUInt32BE(index.length);
mkdirSync(dirname(PACK), { recursive: true });
// whoever reads it meanwhile, reads the old one or the new one
writeFileSync(`${PACK}.${process.pid}`, Buffer.concat([head, index, gzipSync(Buffer.concat(parts), BEST)]));
renameSync(`${PACK}.${process.pid}`, PACK);

function outputOf({ outputs }: Metafile, entryPoint: string): string {
  const found = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint);
  if (!found) throw new Error(`esbuild wrote nothing for ${entryPoint}`);
  return found[0];
}

/** What each page needs beside the entry, by the name of its folder. */
function pageFiles({ outputs }: Metafile, entry: string): Record<string, string[]> {
  const loaded = new Set([entry, ...staticImports({ outputs, inputs: {} }, entry)]);
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([path, { entryPoint = "" }]) => {
      const [, page] = /^client\/pages\/([^/]+)\/index\.tsx$/.exec(entryPoint) ?? [];
      if (!page) return [];
      const needed = [path, ...staticImports({ outputs, inputs: {} }, path)].filter((file) => !loaded.has(file));
      return [[page, needed.map((file) => basename(file))]];
    }),
  );
}

/** What a script cannot run without, however deep. */
function staticImports({ outputs }: Metafile, path: string, found = new Set<string>()): string[] {
  for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
    if (kind !== "import-statement" || found.has(imported)) continue;
    found.add(imported);
    staticImports({ outputs, inputs: {} }, imported, found);
  }
  return [...found];
}

function byPath(one: OutputFile, other: OutputFile): number {
  return one.path < other.path ? -1 : 1;
}
