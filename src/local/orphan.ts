/**
 * The server that an earlier `npm start` left behind when it was killed. It is ended only if it is provably that one: the process has the id,
 * the start time and the state directory that were written down when it was started, and the one that started it is gone. If its leader was
 * killed, too, its group must have the environment that it was given.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

type Process = { pid: number; started: string };
type Record = { launcher: Process; server: Process };

const END_WITHIN_MS = 5_000;
const POLL_MS = 50;

const fileIn = (stateDir: string): string => join(stateDir, "server.json");

/** Writes down who serves this state directory. `serverPid` leads a process group of its own. */
export function rememberServer(stateDir: string, serverPid: number): void {
  const record: Record = { launcher: identify(process.pid), server: identify(serverPid) };
  writeFileSync(fileIn(stateDir), JSON.stringify(record));
}

/** Ends the orphan of this state directory. False: there is none, or it cannot be proved to be one. */
export async function endOrphan(stateDir: string): Promise<boolean> {
  const record = readRecord(stateDir);
  if (!record || isAlive(record.launcher)) return false;
  const { server } = record;
  const mine = isAlive(server) ? query(server.pid, "command").includes(stateDir) : groupIsOf(stateDir, server.pid);
  if (!mine) return false;
  process.kill(-server.pid, "SIGTERM");
  const deadline = Date.now() + END_WITHIN_MS;
  while (groupLives(server.pid)) {
    if (Date.now() > deadline) process.kill(-server.pid, "SIGKILL");
    await sleep(POLL_MS);
  }
  return true;
}

function readRecord(stateDir: string): Record | null {
  if (!existsSync(fileIn(stateDir))) return null;
  try {
    const { launcher, server } = JSON.parse(readFileSync(fileIn(stateDir), "utf8")) as Partial<Record>;
    return launcher && server ? { launcher, server } : null;
  } catch {
    // cut off when its writer was killed
    return null;
  }
}

const identify = (pid: number): Process => ({ pid, started: query(pid, "lstart") });
const isAlive = ({ pid, started }: Process): boolean => started !== "" && query(pid, "lstart") === started;

/** One property of a process, as ps prints it; empty for one that has ended. */
const query = (pid: number, property: "lstart" | "command"): string =>
  spawnSync("ps", ["-ww", "-o", `${property}=`, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";

/** Of a group whose leader was killed: whether all of its processes have the environment that start.ts gave them. Known on Linux only. */
function groupIsOf(stateDir: string, group: number): boolean {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,pgid="], { encoding: "utf8" });
  const rows = (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const members = rows.filter(([, pgid]) => pgid === group).map(([pid]) => pid);
  return members.length > 0 && members.every((pid) => environmentOf(pid).includes(`WRANGLER_REGISTRY_PATH=${join(stateDir, "registry")}`));
}

function environmentOf(pid: number | undefined): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function groupLives(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
