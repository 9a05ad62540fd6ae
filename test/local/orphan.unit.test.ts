/** What `npm start` does with the server that a killed one left behind. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endOrphan } from "../../src/local/orphan";

let stateDir: string;
let started: ChildProcess[];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "leadedge-orphan-"));
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(stateDir, { recursive: true });
});

/** Stands in for the server: its command names the state directory, and it leads a process group. */
const startServer = (): ChildProcess => start("sh", ["-c", "while :; do sleep 1; done", stateDir], { detached: true });

function start(command: string, args: string[], options: { detached?: boolean } = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], ...options });
  started.push(child);
  return child;
}

const ps = (pid: number, property: string): string =>
  spawnSync("ps", ["-o", `${property}=`, "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

/** A process that has ended and that its parent never waits for. */
async function zombie(): Promise<number> {
  const parent = start("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"]);
  const pid = Number(await new Promise<Buffer>((read) => parent.stdout?.once("data", read)));
  while (!ps(pid, "stat").startsWith("Z")) await sleep(10);
  return pid;
}

function remember(launcher: number, server: number): void {
  const [one, two] = [launcher, server].map((pid) => ({ pid, started: ps(pid, "lstart") }));
  writeFileSync(join(stateDir, "server.json"), JSON.stringify({ launcher: one, server: two }));
}

const ended = (child: ChildProcess) => new Promise((done) => child.once("exit", done));

it("a server whose launcher is gone is ended, even while nobody has waited for the launcher", async () => {
  const server = startServer();
  const end = ended(server);
  remember(await zombie(), server.pid as number);
  expect(await endOrphan(stateDir)).toBe(true);
  await end;
});

it("a server whose launcher runs is left alone", async () => {
  const server = startServer();
  remember(process.pid, server.pid as number);
  expect(await endOrphan(stateDir)).toBe(false);
  expect(server.exitCode).toBe(null);
});

it("a process that has the server's id but not its command is left alone", async () => {
  const stranger = start("sleep", ["60"], { detached: true });
  remember(await zombie(), stranger.pid as number);
  expect(await endOrphan(stateDir)).toBe(false);
  expect(stranger.exitCode).toBe(null);
});

/** A group whose leader was killed, and one process of it that goes on. */
async function leaderless(registry: string): Promise<{ leader: number; member: number }> {
  const env = { ...process.env, WRANGLER_REGISTRY_PATH: join(registry, "registry") };
  const child = spawn("sh", ["-c", 'sleep 60 & echo $!; wait; : "$0"', stateDir], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
    env,
  });
  started.push(child);
  const member = Number(await new Promise<Buffer>((read) => child.stdout.once("data", read)));
  const leader = child.pid as number;
  remember(await zombie(), leader);
  const end = ended(child);
  process.kill(leader, "SIGKILL");
  await end;
  return { leader, member };
}

it.runIf(process.platform === "linux")(
  "what is left of a server whose own leader was killed, too, is ended by its environment",
  async () => {
    const { member } = await leaderless(stateDir);
    expect(await endOrphan(stateDir)).toBe(true);
    expect(ps(member, "stat")).toMatch(/^(Z.*)?$/);
  },
);

it.runIf(process.platform === "linux")("a group with the server's id but another environment is left alone", async () => {
  const { leader, member } = await leaderless(tmpdir());
  expect(await endOrphan(stateDir)).toBe(false);
  expect(ps(member, "stat")).not.toMatch(/^(Z.*)?$/);
  process.kill(-leader, "SIGKILL");
});
