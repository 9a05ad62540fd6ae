/**
 * `npm run soak`: ten minutes of mixed load on a real `npm start`, while one tenant imports a file and another abuses the service. No honest
 * request may fail, each of its events is stored once and scored, the memory may not grow, and the honest tenant's latencies are printed beside
 * its quiet ones. SOAK_MINUTES, PORT and
 * SOAK_PATIENCE (how many times the quiet p99 is too much; none by default) change what is done.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, csvFile, DEMO, demand, percentile, RIVAL, until } from "./client.ts";
import { startService } from "./service.ts";

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
const PORT = Number(process.env.PORT ?? 8796);
const PATIENCE = Number(process.env.SOAK_PATIENCE ?? Number.POSITIVE_INFINITY);
const LEADS = 500;
const IMPORTED_ROWS = 2_000;
const HONEST_PAUSE_MS = 50;
const SAMPLE_MS = 2_000;
/** The last third of the soak may weigh so much more than the third before it. */
const GROWTH_MAX = 1.25;
const SETTLED_WITHIN_MS = 300_000;
/** The share of the time before the abuse, in which the quiet figures are measured. */
const QUIET_SHARE = 0.2;

const stateDir = mkdtempSync(join(tmpdir(), "leadedge-soak-"));
const service = await startService(PORT, stateDir);
const { origin } = service;
const errors = new Map<string, number>();
const refused = new Map<number, number>();
/** by type, of the events that got a 202 */
const accepted = new Map<string, number>();
const emailOf = (n: number): string => `soak${n % LEADS}@example.com`;

type Latencies = Record<string, number[]>;

/** What an honest tenant does, one after the other. */
const HONEST: Record<string, (n: number) => Promise<{ status: number } | null>> = {
  "look-up": (n) => ask(origin, `/lead/by-alias?value=${emailOf(n * 7)}`),
  "look-up of ten": (n) =>
    ask(origin, "/lead/by-alias/batch", {
      aliases: Array.from({ length: 10 }, (_, at) => ({ kind: "email", value: emailOf(n * 3 + at) })),
    }),
  "one event": async (n) => {
    const event_type = `Type ${n % 5}`;
    const answer = await ask(origin, "/ingest", { alias_kind: "email", alias: emailOf(n), event_type });
    if (answer?.status === 202) count(accepted, event_type);
    return answer;
  },
  list: () => ask(origin, "/leads?limit=25"),
  timeline: () => ask(origin, "/events?limit=25"),
};

/** What no honest tenant does: floods, wrong bodies and credentials, the dearest reads there are. */
const ABUSE: ((n: number) => Promise<{ status: number } | null>)[] = [
  (n) =>
    ask(
      origin,
      "/ingest/batch",
      { events: Array.from({ length: 500 }, () => ({ alias_kind: "email", alias: `flood${n % 3}@example.com`, event_type: "Flood" })) },
      RIVAL,
    ),
  () => ask(origin, "/events-analytics", undefined, RIVAL),
  () => ask(origin, "/profile-fields", { name: "x".repeat(300_000) }, RIVAL),
  (n) => ask(origin, "/leads?limit=100&count=true", undefined, n % 2 ? RIVAL : "Basic d3Jvbmc6d3Jvbmc="),
  () => ask(origin, "/ingest", { alias_kind: "email", alias: "nobody", event_type: "" }, RIVAL),
];

try {
  await importFile(0);
  const { id } = await demand<{ id: string }>(origin, "/engagement-scoring/rulesets", { name: "Soak" });
  for (let n = 0; n < 5; n++) await demand(origin, `/engagement-scoring/rulesets/${id}/rules`, { event_type: `Type ${n}`, weight: n + 1 });
  const weights: number[] = [];
  const sampler = setInterval(() => weights.push(service.workerBytes()), SAMPLE_MS);
  const quiet = await soak(MINUTES * QUIET_SHARE, false);
  const busy = await soak(MINUTES * (1 - QUIET_SHARE), true);
  clearInterval(sampler);
  await expectEveryEvent();
  report(quiet, busy, weights);
} finally {
  await service.stop().catch(() => {});
  rmSync(stateDir, { recursive: true, force: true });
}

async function soak(minutes: number, abused: boolean): Promise<Latencies> {
  const deadline = Date.now() + minutes * 60_000;
  const running = () => Date.now() < deadline;
  const latencies: Latencies = Object.fromEntries(Object.keys(HONEST).map((what) => [what, []]));
  const abusers = abused ? ABUSE.map((act) => abuse(act, running)) : [];
  await Promise.all([behave(latencies, running), abused ? importAgain(running) : null, ...abusers]);
  return latencies;
}

async function behave(latencies: Latencies, running: () => boolean): Promise<void> {
  for (let n = 0; running(); n++) {
    for (const [what, act] of Object.entries(HONEST)) {
      const sentAt = performance.now();
      const answer = await act(n);
      latencies[what]?.push(performance.now() - sentAt);
      if (answer === null || answer.status >= 300) count(errors, `${what}: ${answer?.status ?? "no answer"}`);
    }
    await sleep(HONEST_PAUSE_MS);
  }
}

/** Its refusals are right; a failure of ours is not. */
async function abuse(act: (n: number) => Promise<{ status: number } | null>, running: () => boolean): Promise<void> {
  for (let n = 0; running(); n++) {
    const status = (await act(n))?.status ?? 0;
    count(refused, status);
    if (status >= 500 && status !== 503) count(errors, `abuse: ${status}`);
    if (status === 429) await sleep(250);
  }
}

async function importAgain(running: () => boolean): Promise<void> {
  for (let n = 1; running(); n++) await importFile(n);
}

/** Rows of known leads and of new ones. */
async function importFile(n: number): Promise<void> {
  const rows = Array.from({ length: IMPORTED_ROWS }, (_, at) => `${at < LEADS ? emailOf(at) : `i${n}r${at}@example.com`},Name ${n}\n`);
  const { file_id } = await demand<{ file_id: string }>(
    origin,
    "/leads/import/preview",
    csvFile(`Email,First Name\n${rows.join("")}`),
    DEMO,
  );
  const { job_id } = await demand<{ job_id: string }>(origin, "/leads/import/start", {
    file_id,
    primary_identifier: { column: "Email", kind: "email" },
    field_mappings: { "First Name": "first_name" },
  });
  const job = await until("an import", SETTLED_WITHIN_MS, async () => {
    const found = await demand<{ status: string; failed_count: number }>(origin, `/leads/import/jobs/${job_id}`);
    return found.status === "completed" ? found : null;
  });
  if (job.failed_count > 0) count(errors, "import: failed rows");
}

/** None is lost, none is there twice, and all are in the scores. */
async function expectEveryEvent(): Promise<void> {
  const sent = [...accepted.values()].reduce((sum, times) => sum + times, 0);
  await until("every accepted event is stored", SETTLED_WITHIN_MS, async () => {
    const { total } = await demand<{ total: number }>(origin, "/events?limit=1");
    assert.ok(total <= sent, `${total} events are stored of ${sent}`);
    return total === sent ? true : null;
  });
  let score = 0;
  let after: string | null = "";
  while (after !== null) {
    const page: { leads: { score: number }[]; next_cursor: string | null } = await demand(origin, `/leads?limit=100&min_score=1${after}`);
    score += page.leads.reduce((sum, lead) => sum + lead.score, 0);
    after = page.next_cursor === null ? null : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  const wanted = [...accepted].reduce((sum, [type, times]) => sum + times * (Number(type.slice(-1)) + 1), 0);
  assert.equal(score, wanted, "the sum of all scores");
}

function report(quiet: Latencies, busy: Latencies, weights: readonly number[]): void {
  const ms = (values: readonly number[], share: number) => Math.round(percentile(values, share));
  const rows = Object.keys(HONEST).map((what) => {
    const [alone, beside] = [quiet[what] ?? [], busy[what] ?? []];
    const ratio = percentile(beside, 0.99) / percentile(alone, 0.99);
    return {
      what,
      "requests (quiet, abused)": `${alone.length}, ${beside.length}`,
      "p50 ms": `${ms(alone, 0.5)}, ${ms(beside, 0.5)}`,
      "p99 ms": `${ms(alone, 0.99)}, ${ms(beside, 0.99)}`,
      "p99 ratio": ratio.toFixed(1),
    };
  });
  console.table(rows);
  const third = Math.floor(weights.length / 3);
  const [middle, last] = [weights.slice(third, 2 * third), weights.slice(2 * third)].map((part) => percentile(part, 0.5)) as [
    number,
    number,
  ];
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  console.log(`memory of the largest workerd: ${megabytes(middle)} MB in the second third, ${megabytes(last)} MB in the last`);
  console.log(`answers to the abuser by status: ${[...refused].map(([status, times]) => `${status}: ${times}`).join(", ")}`);
  assert.deepEqual([...errors], [], "no honest request fails");
  assert.ok(last <= middle * GROWTH_MAX, "the memory stays flat");
  for (const { what, "p99 ratio": ratio } of rows) assert.ok(Number(ratio) <= PATIENCE, `${what}: p99 ${ratio} times its quiet figure`);
  console.log(`ok: ${MINUTES} minutes, no error, flat memory`);
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
