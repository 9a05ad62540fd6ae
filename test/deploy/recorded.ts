/** Runs a script of `src/deploy` against a recording of what wrangler prints. */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

export type Recorded = { command: string; stdout?: string; status?: number; output?: unknown };
type Run = { script: string; cwd: string; args: readonly string[]; recording: readonly Recorded[]; answers?: Record<string, number[]> };

const scratches: string[] = [];

export function makeScratch(): string {
  const scratch = mkdtempSync(join(tmpdir(), "leadedge-deploy-test-"));
  scratches.push(scratch);
  return scratch;
}

export function removeScratches(): void {
  for (const scratch of scratches.splice(0)) rmSync(scratch, { recursive: true, force: true });
}

/** `calls`: what wrangler was called with, and which URLs were fetched, in order. */
export async function runRecorded({ script, cwd, args, recording, answers = {} }: Run) {
  const scratch = makeScratch();
  const wrangler = join(scratch, "wrangler");
  copyFileSync(join(here, "wrangler-recording.mjs"), wrangler);
  chmodSync(wrangler, 0o755);
  const files = { RECORDING: join(scratch, "recording.json"), CALLS: join(scratch, "calls.txt") };
  writeFileSync(files.RECORDING, JSON.stringify(recording));
  writeFileSync(files.CALLS, "");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", join(here, "fetch-recording.mjs"), join(root, script), ...args],
    { cwd, env: { ...process.env, ...files, ANSWERS: JSON.stringify(answers), PATH: `${scratch}:${process.env.PATH}` } },
  );
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (printed += String(bytes)));
  const status = await new Promise<number | null>((done) => child.on("close", done));
  return { status, printed, calls: readFileSync(files.CALLS, "utf8").trim().split("\n") };
}
