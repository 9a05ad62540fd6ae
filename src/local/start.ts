/**
 * `npm start`: the service on this machine. Applies the migrations to a local D1, loads the demo tenants, runs `wrangler dev`,
 * plays the part of Cloudflare's cron, and stops everything it started.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { banner } from "./banner.ts";
import { DEMO_ADMIN_TOKEN, DEMO_CONSOLE_CREDENTIAL_ID, demoTenantsSql } from "./demo-tenants.ts";
import { endOrphan, rememberServer } from "./orphan.ts";

const PORT_DEFAULT = "8787";
const port = readPort(process.env.PORT ?? PORT_DEFAULT);
const stateDir = resolve(process.env.STATE_DIR ?? ".wrangler/state");
const origin = `http://127.0.0.1:${port}`;
const CRONS = [
  { cron: "* * * * *", everyMs: 60_000 },
  { cron: "*/10 * * * *", everyMs: 600_000 },
];
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
const ORPHAN_CHECK_MS = 1_000;
/** Opens the console without signing in, once; every start has its own. */
const consoleCode = randomUUID().replaceAll("-", "");

if ((await portIsTaken()) && (await endOrphan(stateDir))) {
  console.log(`Port ${port} was held by a server that an earlier npm start left behind on ${stateDir}: it has been ended`);
}
if (await portIsTaken()) {
  console.error(`Port ${port} is taken: stop what listens there, or choose another with PORT=8788 npm start`);
  process.exit(1);
}
mkdirSync(stateDir, { recursive: true });
const environment = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_REGISTRY_PATH: join(stateDir, "registry"),
  WRANGLER_LOG_PATH: join(stateDir, "logs"),
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  // wrangler's trace store and explorer cost half of every request, and the log below says the same
  X_LOCAL_OBSERVABILITY: process.env.X_LOCAL_OBSERVABILITY ?? "false",
  X_LOCAL_EXPLORER: process.env.X_LOCAL_EXPLORER ?? "false",
};

prepareDatabase();
const server = startServer();
if (server.pid !== undefined) rememberServer(stateDir, server.pid);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
// npm passes no signal on to what its shell started: an orphan stops by itself
const parent = process.ppid;
setInterval(() => process.ppid !== parent && void stop(0), ORPHAN_CHECK_MS).unref();
server.on("exit", (code) => process.exit(code ?? 1));
await untilReady();
console.log(banner(origin, consoleCode));
for (const { cron, everyMs } of CRONS) {
  await tick(cron);
  setInterval(() => void tick(cron), everyMs).unref();
}

function readPort(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 65_535) return number;
  console.error(`PORT must be a whole number from 1 to 65535 (got ${JSON.stringify(text)})`);
  process.exit(1);
}

function portIsTaken(): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      answer(true);
    });
    socket.on("error", () => answer(false));
  });
}

function prepareDatabase(): void {
  const seed = join(stateDir, "demo-tenants.sql");
  writeFileSync(seed, demoTenantsSql(Date.now()));
  for (const [, binding = ""] of readFileSync("wrangler.toml", "utf8").matchAll(/^binding = "(DB(?:_\d+)?)"/gm)) {
    wrangler("d1", "migrations", "apply", binding, "--local", "--persist-to", stateDir);
  }
  wrangler("d1", "execute", "DB", "--local", "--persist-to", stateDir, "--yes", "--file", seed);
}

function wrangler(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync("wrangler", args, { env: { ...environment, CI: "true" }, encoding: "utf8" });
  if (status !== 0) {
    console.error(`wrangler ${args.join(" ")} failed:\n${stdout}${stderr}`);
    process.exit(1);
  }
}

/** In a process group of its own, so that stopping reaches whatever wrangler starts. */
function startServer(): ChildProcess {
  const logLevel = process.env.LOG_LEVEL ?? "info";
  const args = ["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0", "--persist-to", stateDir];
  const child = spawn(
    "wrangler",
    [
      ...args,
      "--var",
      `ADMIN_TOKEN:${DEMO_ADMIN_TOKEN}`,
      `LOG_LEVEL:${logLevel}`,
      "ALLOW_LOOPBACK_WEBHOOKS:true",
      `LOCAL_SIGN_IN:${consoleCode} ${DEMO_CONSOLE_CREDENTIAL_ID}`,
      "--log-level",
      logLevel === "info" ? "log" : "error",
      "--show-interactive-dev-session",
      "false",
    ],
    {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on("line", forward);
  return child;
}

/** The service's own lines are JSON; wrangler's chatter about itself is left out until something is wrong. */
function forward(line: string): void {
  if (line.startsWith("{") || /error/i.test(line)) console.log(line);
}

async function untilReady(): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${origin}/health`).catch(() => null);
    if (answer?.ok) return;
    await sleep(100);
  }
  console.error(`The service did not answer on ${origin} within ${READY_WITHIN_MS / 1000} s`);
  await stop(1);
}

async function tick(cron: string): Promise<void> {
  await fetch(`${origin}/cdn-cgi/local/scheduled?cron=${encodeURIComponent(cron)}`).catch(() => {});
}

async function stop(code: number): Promise<void> {
  const group = -(server.pid ?? 0);
  server.removeAllListeners("exit");
  const gone = new Promise((done) => server.once("exit", done));
  try {
    process.kill(group, "SIGTERM");
    await Promise.race([gone, sleep(STOP_WITHIN_MS)]);
    process.kill(group, "SIGKILL");
  } catch {
    // nobody is left in the group
  }
  process.exit(code);
}
