/** Hands this isolate's counts to the object that adds them up. */
import { logError } from "../log";
import { count, drainCounts } from "../metrics";

const FLUSH_INTERVAL_MS = 5_000;
let flushedAt = 0;

/** At most every 5 seconds, else null. Counts that could not be reported wait for the next time. */
export function flushCounts(env: Env, now: number): Promise<void> | null {
  if (now - flushedAt < FLUSH_INTERVAL_MS && now >= flushedAt) return null;
  flushedAt = now;
  return handOver(env);
}

/** The counts of all isolates, this one's included. */
export async function readCounts(env: Env): Promise<Record<string, number>> {
  await handOver(env);
  return env.METRICS.getByName("all").read();
}

async function handOver(env: Env): Promise<void> {
  const counts = drainCounts();
  if (Object.keys(counts).length === 0) return;
  try {
    await env.METRICS.getByName("all").add(counts);
  } catch (error) {
    for (const [series, value] of Object.entries(counts)) count(series, value);
    logError("counts not handed over", error);
  }
}
