/**
 * `npm run deploy`: creates what is missing, migrates, deploys, and says what to do next. Everything may be done again.
 * `--dry-run` prints the steps and builds the Worker; `--env staging` deploys a second, separate installation. Other arguments go to
 * `wrangler deploy`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CONFIG, carryOut, configArguments, describe, fail, namesIn, writeConfigOf } from "./run-steps.ts";
import { deploymentSteps, originOf } from "./steps.ts";

const READY_WITHIN_MS = 90_000;
const POLL_MS = 2_000;
const CLAIM_WITHIN_MS = 10_000;

const { values, tokens } = parseArgs({
  options: { "dry-run": { type: "boolean", default: false }, env: { type: "string" } },
  strict: false,
  tokens: true,
});
const isDryRun = values["dry-run"] === true;
const environment = typeof values.env === "string" ? values.env : null;
const scratch = mkdtempSync(join(tmpdir(), "leadedge-deploy-"));
const outputFile = join(scratch, "wrangler.ndjson");
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const configFile = environment === null ? CONFIG : writeConfigOf(environment);
const steps = deploymentSteps(namesIn(configFile), configArguments(configFile), argumentsForWrangler());
for (const [at, step] of steps.entries()) {
  console.log(`\n${at + 1}/${steps.length} ${step.purpose}`);
  if (isDryRun) describe(step);
  else carryOut(step, { again: "npm run deploy", outputFile });
}
if (isDryRun) build();
else await finish();

/** What was typed after our own options. */
function argumentsForWrangler(): string[] {
  const typed = process.argv.slice(2);
  const ours = new Set<number>();
  for (const token of tokens ?? []) {
    if (token.kind !== "option" || (token.name !== "dry-run" && token.name !== "env")) continue;
    ours.add(token.index);
    if (token.name === "env" && !token.inlineValue) ours.add(token.index + 1);
  }
  return typed.filter((_, at) => !ours.has(at));
}

/** Proves that the Worker builds. */
function build(): void {
  console.log("\nNothing was created or changed. The Worker, built:\n");
  process.exitCode = spawnSync("wrangler", ["deploy", "--dry-run", "--config", configFile], { stdio: "inherit" }).status ?? 1;
}

async function finish(): Promise<void> {
  const origin = originOf(readFileSync(outputFile, "utf8"));
  if (!origin) fail("The Worker is deployed but has no address: set workers_dev = true or a route in wrangler.toml, and deploy again");
  await untilReady(origin);
  const isNew = await hasNoAdministrator(origin);
  console.log(`
Leadedge runs at ${origin}

  Documentation   ${origin}/docs
  Console         ${origin}/console
`);
  if (isNew) console.log(claimText(origin));
}

async function untilReady(origin: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = "";
  while (Date.now() < deadline) {
    const response = await fetch(`${origin}/health/ready`).catch((error: Error) => error);
    if (response instanceof Response && response.ok) {
      console.log("    ready");
      return;
    }
    last = response instanceof Response ? `${response.status} ${await response.text()}` : String(response.cause ?? response);
    await sleep(POLL_MS);
  }
  fail(`${origin}/health/ready was not 200 within ${READY_WITHIN_MS / 1000} s: ${last.slice(0, 500)}`);
}

async function hasNoAdministrator(origin: string): Promise<boolean> {
  const response = await fetch(`${origin}/claim`, { signal: AbortSignal.timeout(CLAIM_WITHIN_MS) }).catch(() => null);
  return response?.status === 200;
}

function claimText(origin: string): string {
  return `It has no administrator yet. Become it with a code that only the log shows. In one terminal:

  npx wrangler tail${environment === null ? "" : ` --config ${configFile}`} --format pretty

In another, let the code be logged, then send it; keep the token that comes back, it is shown once:

  curl -s ${origin}/claim
  curl -s ${origin}/claim -H 'Content-Type: application/json' -d '{"code": "<code>"}'

Then create the first organization and a credential for it:

  curl -s ${origin}/admin/organizations -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' -d '{"name": "Acme"}'
  curl -s ${origin}/admin/organizations/<organization_id>/credentials -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' -d '{"kind": "service_account", "name": "First", "role": "admin"}'
`;
}
