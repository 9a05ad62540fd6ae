/** What events cost: taking them in, storing and scoring them, and how long they take to show. */
import { setTimeout as sleep } from "node:timers/promises";
import { call, median, percentile, post, until } from "./call.ts";
import { CONNECTIONS, load } from "./load.ts";
import type { Server } from "./servers.ts";

const ROUNDS = 3;
const INGESTS = Number(process.env.BENCH_INGESTS ?? 6_000);
const RULES = 20;
const LEADS = 10_000;
const EVENTS = Number(process.env.BENCH_EVENTS ?? 60_000);
const EVENTS_PER_REQUEST = 500;
const PROBES = 60;

export type Report = (what: string, measured: string, ratio: string, mark: string) => void;

export async function benchEvents(service: Server, floor: Server, report: Report): Promise<void> {
  await benchIngest(service, floor, report);
  await benchConsumer(service, report);
  await benchLag(service, report);
}

async function benchIngest(service: Server, floor: Server, report: Report): Promise<void> {
  const event = (n: number) =>
    JSON.stringify({ alias_kind: "email", alias: `in${n % 500}@example.com`, event_type: "Page View", metadata: { path: "/pricing" } });
  const rounds: { floor: number[]; service: number[] } = { floor: [], service: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const until = { requests: INGESTS, status: 202 };
    rounds.floor.push((await load(floor.origin, (n) => ({ path: "/send", method: "POST", body: event(n) }), until)).perSecond);
    rounds.service.push((await load(service.origin, (n) => ({ path: "/ingest", method: "POST", body: event(n) }), until)).perSecond);
    // the next round begins when this one's events are stored: what is measured is taking them in
    await settled(service, (round + 1) * INGESTS);
  }
  const [sending, ingesting] = [median(rounds.floor), median(rounds.service)];
  report(`floor: one queue message, ${CONNECTIONS} connections`, `${sending.toFixed(0)} req/s`, "1.00", "");
  report(
    "POST /ingest, its consumer at work beside it",
    `${ingesting.toFixed(0)} req/s`,
    (ingesting / sending).toFixed(2),
    ">= 0.85 x the floor",
  );
}

async function benchConsumer(service: Server, report: Report): Promise<void> {
  const { id } = await post<{ id: string }>(service, "/engagement-scoring/rulesets", { name: "Bench" });
  for (let n = 0; n < RULES; n++) {
    await post(service, `/engagement-scoring/rulesets/${id}/rules`, {
      event_type: `Type ${n % 10}`,
      weight: n + 1,
      half_life_days: n % 3 === 0 ? 14 : null,
      attribute_filters: n % 2 === 0 ? [] : [{ field: "path", operator: "starts_with", value: "/p" }],
    });
  }
  const before = await stored(service);
  const startedAt = performance.now();
  for (let from = 0; from < EVENTS; from += EVENTS_PER_REQUEST) {
    const events = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => ({
      alias_kind: "email",
      alias: `c${((from + n) * 7919) % LEADS}@example.com`,
      event_type: `Type ${(from + n) % 10}`,
      metadata: { path: (from + n) % 2 === 0 ? "/pricing" : "/blog" },
    }));
    await post(service, "/ingest/batch", { events });
  }
  await settled(service, before + EVENTS);
  const seconds = (performance.now() - startedAt) / 1000;
  report(
    `${EVENTS} events over ${LEADS} leads, ${RULES} rules: from the first 202 to the last score`,
    `${(EVENTS / seconds).toFixed(0)} events/s`,
    "",
    ">= 3,000/s",
  );
}

async function benchLag(service: Server, report: Report): Promise<void> {
  const lags: number[] = [];
  for (let n = 0; n < PROBES; n++) {
    const { event_id } = await post<{ event_id: string }>(service, "/ingest", {
      alias_kind: "email",
      alias: "lag@example.com",
      event_type: "Probe",
    });
    const acceptedAt = performance.now();
    await until(10, async () => ((await receiptOf(service, event_id)) === "processed" ? true : undefined));
    lags.push(performance.now() - acceptedAt);
    await sleep((n * 37) % 200);
  }
  report("from the 202 to the timeline", `p50 ${percentile(lags, 0.5).toFixed(0)} ms, p95 ${percentile(lags, 0.95).toFixed(0)} ms`, "", "");
}

const receiptOf = async (service: Server, eventId: string): Promise<string> =>
  (await call<{ status: string }>(service, `/ingest/receipts/${eventId}`)).status;

const stored = async (service: Server): Promise<number> => (await call<{ total: number }>(service, "/events?limit=1")).total;

const settled = (service: Server, total: number): Promise<true> =>
  until(100, async () => ((await stored(service)) >= total ? (true as const) : undefined));
