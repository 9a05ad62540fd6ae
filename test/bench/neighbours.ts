/** What one tenant's flood of events costs another: the same probes while all is quiet and while the neighbour floods. */
import { setTimeout as sleep } from "node:timers/promises";
import { call, percentile, post, until } from "./call.ts";
import type { Report } from "./events.ts";
import type { Server } from "./servers.ts";

const PROBES = 40;
const LOOKUPS_PER_PROBE = 10;
const FLOOD_CONNECTIONS = 4;
const EVENTS_PER_REQUEST = 500;
const FLOOD_REQUESTS_MAX = 2_000;
const RIVAL = { Authorization: `Basic ${Buffer.from("rival:rival-secret").toString("base64")}`, "Content-Type": "application/json" };

type Probed = { lag_p95: number; lookup_p99: number };

export async function benchNeighbours(service: Server, report: Report): Promise<void> {
  const quiet = await probe(service);
  const flood = startFlood(service);
  await sleep(2_000);
  const flooded = await probe(service);
  const events = await flood.stop();
  const line = (what: string, before: number, after: number, mark: string) =>
    report(what, `${before.toFixed(0)} ms quiet, ${after.toFixed(0)} ms while ${events} events came in`, (after / before).toFixed(2), mark);
  line("a neighbour's events, from the 202 to the timeline: p95", quiet.lag_p95, flooded.lag_p95, "<= 2 x quiet");
  line("a neighbour's look-ups: p99", quiet.lookup_p99, flooded.lookup_p99, "<= 3 x quiet");
}

async function probe(server: Server): Promise<Probed> {
  const lags: number[] = [];
  const lookups: number[] = [];
  for (let n = 0; n < PROBES; n++) {
    const { event_id } = await post<{ event_id: string }>(server, "/ingest", {
      alias_kind: "email",
      alias: "neighbour@example.com",
      event_type: "Probe",
    });
    const acceptedAt = performance.now();
    await until(10, async () => {
      const receipt = await call<{ status: string }>(server, `/ingest/receipts/${event_id}`);
      return receipt.status === "processed" ? (true as const) : undefined;
    });
    lags.push(performance.now() - acceptedAt);
    for (let look = 0; look < LOOKUPS_PER_PROBE; look++) {
      const startedAt = performance.now();
      await call(server, "/lead/by-alias?kind=email&value=neighbour%40example.com");
      lookups.push(performance.now() - startedAt);
    }
  }
  return { lag_p95: percentile(lags, 0.95), lookup_p99: percentile(lookups, 0.99) };
}

/** Batches of another tenant's events, as fast as they are taken; `stop` returns how many were. */
function startFlood(server: Server): { stop: () => Promise<number> } {
  let running = true;
  let requests = 0;
  let events = 0;
  const worker = async () => {
    while (running && requests < FLOOD_REQUESTS_MAX) {
      const round = requests++;
      const batch = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => ({
        alias_kind: "email",
        alias: `flood${(round * 31 + n) % 5_000}@example.com`,
        event_type: "Flood",
      }));
      const response = await fetch(`${server.origin}/ingest/batch`, {
        method: "POST",
        headers: RIVAL,
        body: JSON.stringify({ events: batch }),
      });
      if (response.status === 202) events += EVENTS_PER_REQUEST;
      // over its rate or its backlog: it comes back, as a client would
      else if (response.status === 429 || response.status === 503) await sleep(1_000);
      else throw new Error(`the flood returned ${response.status}: ${await response.text()}`);
      await response.arrayBuffer().catch(() => null);
    }
  };
  const workers = Promise.all(Array.from({ length: FLOOD_CONNECTIONS }, worker));
  return {
    stop: async () => {
      running = false;
      await workers;
      return events;
    },
  };
}
