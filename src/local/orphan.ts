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
  signal(server.pid, "SIGTERM");
  const deadline = Date.now() + END_WITHIN_MS;
  while (membersOf(server.pid).length > 0) {
    if (Date.now() > deadline) signal(server.pid, "SIGKILL");
    await sleep(POLL_MS);
  }
  return true;
}

/** A group that has just ended needs no signal. */
function signal(group: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
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
const isAlive = ({ pid, started }: Process): boolean => started !== "" && query(pid, "lstart") === started && !hasEnded(query(pid, "stat"));

/** A process that was killed keeps its entry (a zombie) until its parent waits for it, and some parents never do: PID 1 of a container. */
const hasEnded = (stat: string): boolean => stat.startsWith("Z");

/** One property of a process, as ps prints it; empty for one that has ended. */
const query = (pid: number, property: "lstart" | "command" | "stat"): string =>
  spawnSync("ps", ["-ww", "-o", `${property}=`, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";

/** Of a group whose leader was killed: whether all of its processes have the environment that start.ts gave them. Known on Linux only. */
function groupIsOf(stateDir: string, group: number): boolean {
  const members = membersOf(group);
  return members.length > 0 && members.every((pid) => environmentOf(pid).includes(`WRANGLER_REGISTRY_PATH=${join(stateDir, "registry")}`));
}

/** The running processes of a group. */
function membersOf(group: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, pgid, stat = ""] = line.trim().split(/\s+/);
    return Number(pgid) === group && !hasEnded(stat) ? [Number(pid)] : [];
  });
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
