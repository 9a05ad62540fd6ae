/**
 * Ends a workerd that does not exit after its file's tests are done: Vitest would wait for it for ever. Seen now and then, with files that
 * leave nothing open; the tests have all reported by then.
 */
import { spawnSync } from "node:child_process";
import type { Reporter } from "vitest/node";

const GRACE_MS = 30_000;
/** What Vitest says when a worker was ended from outside. */
const ENDED = "Worker cloudflare-pool emitted error";

let hasEnded = false;

export class EndStuckWorkers implements Reporter {
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  onTestRunStart(specifications: readonly unknown[]): void {
    this.#waiting = specifications.length;
  }

  onTestModuleEnd(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    this.#timer = setTimeout(endOwnWorkers, GRACE_MS);
    this.#timer.unref();
  }

  onTestRunEnd(): void {
    clearTimeout(this.#timer);
  }
}

/** The error that such an end causes is none of a test. */
export const isOfEndedWorker = ({ message }: { message?: string }): boolean => hasEnded && message?.includes(ENDED) === true;

function endOwnWorkers(): void {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  const processes = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  for (const [pid, parent, ...command] of processes) {
    if (Number(parent) !== process.pid || !command.join(" ").includes("workerd")) continue;
    console.error(`ended workerd ${pid}, which did not exit after its tests`);
    hasEnded = true;
    process.kill(Number(pid), "SIGKILL");
  }
}
