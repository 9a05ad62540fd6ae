/** Clients that the usual generators make of /openapi.json compile, strictly. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { documentText } from "./document";

const root = fileURLToPath(new URL("../..", import.meta.url));
const generators = join(root, "test/openapi/generators");
const TIMEOUT_MS = 180_000;
const CALL = `import type { paths } from "./schema";
type Found = paths["/lead/by-alias"]["get"]["responses"][200]["content"]["application/json"];
export const idOf = (lead: Found): string => lead.lead_id;
`;

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "leadedge-clients-"));
  writeFileSync(join(dir, "openapi.json"), await documentText());
}, TIMEOUT_MS);
afterAll(() => rmSync(dir, { recursive: true }));

/** npm gives this generator the project's own TypeScript, which has no programming interface. */
const WITH_TYPESCRIPT_5 = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  const five = ${JSON.stringify(pathToFileURL(join(generators, "node_modules/typescript/lib/typescript.js")).href)};
  registerHooks({ resolve: (name, context, next) => next(name === "typescript" ? five : name, context) });
`)}`;

/** Runs a program of this project's with this very Node; its output when it fails. */
function run(program: string, args: string[]): string {
  try {
    execFileSync(process.execPath, [program, ...args], {
      cwd: dir,
      stdio: "pipe",
      env: { ...process.env, CI: "true", NODE_OPTIONS: `--import=${WITH_TYPESCRIPT_5}` },
    });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    return `${stdout}${stderr}` || String(error);
  }
}

const compile = (...files: string[]) =>
  run(join(root, "node_modules/typescript/lib/tsc.js"), [
    ...["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"],
    ...["--lib", "es2022,dom,dom.iterable", "--types", ""],
    ...files,
  ]);

it(
  "openapi-typescript",
  () => {
    const program = join(generators, "node_modules/openapi-typescript/bin/cli.js");
    expect(run(program, ["openapi.json", "--output", "schema.d.ts"])).toBe("");
    writeFileSync(join(dir, "call.ts"), CALL);
    expect(compile("schema.d.ts", "call.ts")).toBe("");
  },
  TIMEOUT_MS,
);

it(
  "@hey-api/openapi-ts",
  () => {
    const program = join(root, "node_modules/@hey-api/openapi-ts/bin/run.js");
    expect(run(program, ["--input", "openapi.json", "--output", "client", "--no-log-file", "--silent"])).toBe("");
    expect(compile("client/index.ts")).toBe("");
  },
  TIMEOUT_MS,
);
