/** `npm run deploy` against a recording of what wrangler prints: which commands it runs, in which order, and what it tells. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Recorded, removeScratches, root, runRecorded } from "./recorded";

/** Starting wrangler's library and our script takes a second or two on a busy machine. */
const SLOW_MS = 60_000;

const TARGETS = ["https://leadedge.acme.workers.dev", "schedule: * * * * *", "Consumer for leadedge-events"];
const DEPLOYED: Recorded = { command: "deploy", output: { type: "deploy", version: 1, worker_name: "leadedge", targets: TARGETS } };
const FRESH: Recorded[] = [
  { command: "d1 list", stdout: "[]\n" },
  { command: "r2 bucket lifecycle list", stdout: "There are no lifecycle rules for bucket 'leadedge-files'.\n" },
  DEPLOYED,
];
const KNOWN: Recorded[] = [
  { command: "d1 list", stdout: 'a notice\n[\n  { "uuid": "6f1c", "name": "leadedge" }\n]\n' },
  { command: "r2 bucket lifecycle list", stdout: "name:     imports\nenabled:  Yes\nprefix:   imports/\n" },
  DEPLOYED,
];
const READY = { "/health/ready": [200], "/claim": [200] };

afterEach(() => {
  removeScratches();
  rmSync(join(root, ".wrangler.trial.toml"), { force: true });
});

const deploy = (recording: Recorded[], answers: Record<string, number[]>, ...args: string[]) =>
  runRecorded({ script: "src/deploy/deploy.ts", cwd: root, args, recording, answers });

describe("npm run deploy", { timeout: SLOW_MS }, () => {
  it("creates, migrates and deploys in this order on a fresh account, and says how to become the administrator", async () => {
    const { status, printed, calls } = await deploy(FRESH, { ...READY, "/health/ready": [503, 200] });
    expect(calls).toEqual([
      "whoami",
      "d1 list --json",
      "d1 create leadedge --no-update-config",
      "d1 migrations apply DB --remote",
      "deploy",
      "r2 bucket lifecycle list leadedge-files",
      "r2 bucket lifecycle add leadedge-files imports imports/ --expire-days 30 --force",
      "GET https://leadedge.acme.workers.dev/health/ready",
      "GET https://leadedge.acme.workers.dev/health/ready",
      "GET https://leadedge.acme.workers.dev/claim",
    ]);
    expect(status).toBe(0);
    for (const told of ["https://leadedge.acme.workers.dev/docs", "/console", "npx wrangler tail", '{"code": "<code>"}']) {
      expect(printed).toContain(told);
    }
  });

  it("creates nothing twice, and does not offer an installation that somebody has claimed", async () => {
    const { status, printed, calls } = await deploy(KNOWN, { ...READY, "/claim": [409] });
    expect(calls.filter((call) => /create|lifecycle add/.test(call))).toEqual([]);
    expect(calls).toContain("d1 migrations apply DB --remote");
    expect(status).toBe(0);
    expect(printed).not.toContain("no administrator yet");
  });

  it("changes nothing by --dry-run, and names every step", async () => {
    const { calls, printed } = await deploy(FRESH, READY, "--dry-run");
    expect(calls).toEqual(["deploy --dry-run --config wrangler.toml"]);
    for (const step of ["d1 create leadedge", "d1 migrations apply DB --remote", "wrangler deploy", "lifecycle add", "/health/ready"]) {
      expect(printed).toContain(step);
    }
  });

  it("gives every resource of another environment its own name, and passes other arguments on to wrangler deploy", async () => {
    const { calls, printed } = await deploy(FRESH, READY, "--env", "trial", "--secrets-file", "s.json");
    expect(calls).toContain("d1 create leadedge-trial --no-update-config --config .wrangler.trial.toml");
    expect(calls).toContain("deploy --secrets-file s.json --config .wrangler.trial.toml");
    expect(calls).toContain("r2 bucket lifecycle list leadedge-trial-files --config .wrangler.trial.toml");
    expect(printed).toContain("npx wrangler tail --config .wrangler.trial.toml");
    const config = readFileSync(join(root, ".wrangler.trial.toml"), "utf8");
    expect(config.match(/"leadedge(?!-trial)[^"]*"/g)).toBeNull();
  });

  it.each([
    ["nobody is logged in", [{ command: "whoami", status: 1 }], "npx wrangler login", "whoami"],
    [
      "a migration fails",
      [...KNOWN, { command: "d1 migrations", status: 1 }],
      "migrations apply DB --remote failed",
      "d1 migrations apply DB --remote",
    ],
  ])("stops when %s, before anything that follows", async (_, recording, told, last) => {
    const { status, printed, calls } = await deploy(recording, READY);
    expect(status).toBe(1);
    expect(printed).toContain(told);
    expect(calls.at(-1)).toBe(last);
  });

  it("refuses an environment that cannot be part of a name", async () => {
    const { status, printed, calls } = await deploy(FRESH, READY, "--env", "Sta/ging");
    expect(status).toBe(1);
    expect(printed).toContain('--env must be a word of at most 20 lower-case letters and digits (got "Sta/ging")');
    expect(calls).toEqual([""]);
  });
});
