/** The service and the floor worker, each under the same local settings, and what their processes weigh. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const READY_WITHIN_MS = 60_000;
/** wrangler's trace store and explorer halve every figure, and printing a log line costs more than most requests. */
const QUIET = {
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  LOG_LEVEL: "error",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

export type Server = { origin: string; stop: () => Promise<void>; heaviestBytes: () => number };

export const startService = (port: number, stateDir: string): Promise<Server> =>
  start("node", ["src/local/start.ts"], { ...QUIET, PORT: String(port), STATE_DIR: stateDir }, `http://127.0.0.1:${port}`, "/health");

export const startFloor = (port: number, stateDir: string): Promise<Server> =>
  start(
    "wrangler",
    [
      "dev",
      "--config",
      "test/bench/floor/wrangler.toml",
      "--local",
      "--ip",
      "127.0.0.1",
      "--port",
      String(port),
      "--inspector-port",
      "0",
      "--persist-to",
      stateDir,
      "--log-level",
      "error",
    ],
    { ...QUIET, WRANGLER_REGISTRY_PATH: `${stateDir}/registry` },
    `http://127.0.0.1:${port}`,
    "/constant",
  );

async function start(command: string, args: string[], settings: Record<string, string>, origin: string, probe: string): Promise<Server> {
  const child = spawn(command, args, { env: { ...process.env, ...settings }, stdio: "ignore", detached: true });
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if ((await fetch(origin + probe).catch(() => null))?.ok) break;
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${command} ${args.join(" ")} did not start`);
    await sleep(100);
  }
  return { origin, stop: () => stop(child), heaviestBytes: () => heaviest(child.pid as number) };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once("exit", done));
  process.kill(-(child.pid as number), "SIGTERM");
  await gone;
}

/** Resident bytes of the largest workerd among the process and its descendants. */
function heaviest(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      parents.set(Number(entry), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      if (/^Name:\s+workerd/m.test(status)) sizes.set(Number(entry), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // the process ended while we looked
    }
  }
  const descends = (pid: number | undefined): boolean => pid !== undefined && (pid === root || descends(parents.get(pid)));
  return Math.max(0, ...[...sizes].filter(([pid]) => descends(pid)).map(([, bytes]) => bytes));
}
