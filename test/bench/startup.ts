/** What a new isolate does before its first request, and what is uploaded, both as wrangler tells them. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Report } from "./events.ts";

const RUNS = 5;

/** The least of a few runs: whatever else the machine does only adds to one. */
export function benchStartup(report: Report, scratch: string): void {
  const runs = Array.from({ length: RUNS }, () => checkStartup(join(scratch, "startup.cpuprofile")));
  const active = Math.min(...runs.map(({ activeMs }) => activeMs));
  report("start-up of an isolate: active CPU", `${active.toFixed(0)} ms`, "", "<= 40 ms");
  report("the Worker's upload, compressed", `${runs[0]?.kib.toFixed(0)} KiB`, "", "<= 350 KiB");
}

function checkStartup(profile: string): { activeMs: number; kib: number } {
  const { stdout } = spawnSync("wrangler", ["check", "startup", "--outfile", profile], { encoding: "utf8" });
  return { activeMs: numberAfter(stdout, /Active: ([\d.]+) ms/), kib: numberAfter(stdout, /gzip: ([\d.]+) KiB/) };
}

function numberAfter(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`wrangler check startup did not say ${pattern}:\n${text}`);
  return Number(found);
}
