/**
 * Ends a workerd that does not exit after its file's tests are done: Vitest would wait for it for ever, with one of its two places taken. Seen
 * now and then, with files that leave nothing open; the tests have all reported by then.
 */
import { spawnSync } from "node:child_process";
import type { Reporter } from "vitest/node";

const LOOK_EVERY_MS = 15_000;
/** No test and no hook takes as long without any CPU: see the limits in vitest.config.ts. */
const IDLE_MS = 90_000;
/** Under a second: one that has just replaced another, which was ended. Nobody waits for it. */
const UNUSED = /^[0:]+(\.\d+)?$/;
/** What Vitest says when a worker was ended from outside. */
const ENDED = "Worker cloudflare-pool emitted error";

let hasEnded = false;

type Worker = { pid: number; cpu: string };
type Seen = { cpu: string; since: number };

export class EndStuckWorkers implements Reporter {
  readonly #seen = new Map<number, Seen>();
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  onTestRunStart(specifications: readonly unknown[]): void {
    this.#waiting = specifications.length;
    this.#timer = setInterval(() => this.#look(Date.now()), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  onTestModuleEnd(): void {
    this.#waiting -= 1;
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
    if (!hasEnded || this.#waiting === 0) return;
    console.error(`${this.#waiting} test files were ended before they had reported`);
    process.exitCode = 1;
  }

  #look(now: number): void {
    for (const { pid, cpu } of ownWorkers()) {
      const seen = this.#seen.get(pid);
      if (seen?.cpu !== cpu) this.#seen.set(pid, { cpu, since: now });
      else if (now - seen.since >= IDLE_MS && !UNUSED.test(cpu)) endWorker(pid);
    }
  }
}

/** The error that such an end causes is none of a test. */
export const isOfEndedWorker = ({ message }: { message?: string }): boolean => hasEnded && message?.includes(ENDED) === true;

/** With the CPU time that they have used, as `ps` writes it. */
function ownWorkers(): Worker[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,time=,comm="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, cpu = "", ...command] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && command.join(" ").includes("workerd") ? [{ pid: Number(pid), cpu }] : [];
  });
}

function endWorker(pid: number): void {
  console.error(`ended workerd ${pid}, which did not exit after its tests`);
  hasEnded = true;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just exited by itself
  }
}
