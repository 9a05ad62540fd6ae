/** Whether the service can do its work now: what it depends on, each tried within a time. */
import { readinessProbes } from "../open-context";

const PROBE_MS_MAX = 1_500;
/** Anybody may call: an isolate tries its dependencies no more often. */
const CACHE_TTL_MS = 2_000;

export type Check = { ok: boolean; ms: number; detail?: string };
export type Readiness = { ready: boolean; checks: Record<"database" | "files" | "backlog", Check> };

/** Results, never a pending try: what another request waits for is lost with that request. */
const kept = new WeakMap<object, { readiness: Readiness; triedAt: number }>();

export async function readReadiness(bindings: Parameters<typeof readinessProbes>[0], now: number): Promise<Readiness> {
  const probes = readinessProbes(bindings);
  const known = kept.get(probes.key);
  if (known && known.triedAt <= now && now < known.triedAt + CACHE_TTL_MS) return known.readiness;
  // those who come during the next try get the last result
  if (known) kept.set(probes.key, { ...known, triedAt: now });
  const readiness = await tryAll(probes);
  kept.set(probes.key, { readiness, triedAt: now });
  return readiness;
}

async function tryAll({ database, files, backlog }: ReturnType<typeof readinessProbes>): Promise<Readiness> {
  const [db, r2, queue] = await Promise.all([tryOne(database), tryOne(files), tryOne(backlog)]);
  return { ready: db.ok && r2.ok && queue.ok, checks: { database: db, files: r2, backlog: queue } };
}

/** The reason of a failure is not shown: it may name what only the operator should see. */
async function tryOne(probe: () => Promise<string | null>): Promise<Check> {
  const started = Date.now();
  const late = new Promise<string>((done) => setTimeout(() => done(`no answer within ${PROBE_MS_MAX} ms`), PROBE_MS_MAX));
  const problem = await Promise.race([probe().catch(() => "failed"), late]);
  const ms = Date.now() - started;
  return problem === null ? { ok: true, ms } : { ok: false, ms, detail: problem };
}
