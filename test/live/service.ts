/** `npm start` as a process of this machine, for programs that kill it and load it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const READY_WITHIN_MS = 120_000;
const POLL_MS = 50;

export type Service = {
  origin: string;
  /** what it has printed */
  said: () => string;
  /** kill -9 of every process, all at once */
  killAll: () => Promise<void>;
  /** kill -9 of `npm start` alone: its server keeps running */
  killLauncher: () => Promise<void>;
  stop: () => Promise<void>;
  /** resident bytes of its largest workerd */
  workerBytes: () => number;
};

export async function startService(port: number, stateDir: string): Promise<Service> {
  const env = { ...process.env, PORT: String(port), STATE_DIR: stateDir, LOG_LEVEL: "error", WRANGLER_SEND_METRICS: "false" };
  const child = spawn("node", ["src/local/start.ts"], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const origin = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + READY_WITHIN_MS; !said.includes(`Leadedge answers on ${origin}`); await sleep(POLL_MS)) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`npm start did not start:\n${said}`);
  }
  const pid = child.pid as number;
  return {
    origin,
    said: () => said,
    killAll: () => kill(descendants(pid)),
    killLauncher: () => kill([pid]),
    stop: () => stop(child),
    workerBytes: () => Math.max(0, ...descendants(pid).map(workerBytes)),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await gone;
}

async function kill(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
  while (pids.some(lives)) await sleep(POLL_MS);
}

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
};
/** A process that nobody has waited for yet is dead, too. */
const lives = (pid: number): boolean => /^State:\s+[^ZX]/m.test(statusOf(pid));
const workerBytes = (pid: number): number => {
  const status = statusOf(pid);
  return /^Name:\s+workerd/m.test(status) ? Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 : 0;
};

/** The process and all that descend from it. */
function descendants(root: number): number[] {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(/^PPid:\s+(\d+)/m.exec(statusOf(Number(name)))?.[1])]),
  );
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}
