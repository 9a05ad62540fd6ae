/**
 * `npm run faults`: a real `npm start` is killed with kill -9 while it imports files and takes events in, and started again, 20 times.
 * Afterwards every row is in one lead, every event on one timeline and in one score, every file was imported by one job, and an undo that is
 * killed as well removes what its import created. The local queues live in memory and die with the process, so this client does what a careful
 * one does: it sends again, with the same id, whatever has no receipt, and with the same key a start that got no response. FAULT_ROUNDS,
 * FAULT_SEED and PORT change what is done.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, csvFile, DEMO, demand, randomOf, until } from "./client.ts";
import { startService } from "./service.ts";

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 20);
const SEED = Number(process.env.FAULT_SEED ?? 1);
const PORT = Number(process.env.PORT ?? 8795);
const NEW_ROWS = 1_500;
/** of the round before, sent again */
const OLD_ROWS = 500;
const EVENTS = 120;
const LEADS = 30;
const WEIGHT = 5;
const KILLED_WITHIN_MS = 5_000;
/** About as long as an undo takes. */
const UNDONE_IN_MS = 1_000;
/** Every so many rounds only `npm start` itself is killed, and the next one has to take over from the server that it left behind. */
const ORPHAN_EVERY = 5;
/** The sweep of cron finds an import a minute after it was left alone. */
const SETTLED_WITHIN_MS = 600_000;
const BATCH = 20;

type SentEvent = { event_id: string; alias_kind: "email"; alias: string; event_type: "Visit" };
type Job = {
  job_id: string;
  status: string;
  total_rows: number;
  created_count: number;
  changed_count: number;
  unchanged_count: number;
  failed_count: number;
};

const stateDir = mkdtempSync(join(tmpdir(), "leadedge-faults-"));
const random = randomOf(SEED);
const table: Record<string, string | number>[] = [];
/** sent, and not known to be processed */
const open = new Map<string, SentEvent>();
const eventsOf = new Map<string, number>();
/** files whose import did not return a job; `file_id`: of the preview, if it returned */
let unstarted: { csv: string; key: string; file_id: string | null }[] = [];

let service = await startService(PORT, stateDir);
const { origin } = service;
try {
  const { id } = await demand<{ id: string }>(origin, "/engagement-scoring/rulesets", { name: "Faults" });
  await demand(origin, `/engagement-scoring/rulesets/${id}/rules`, { event_type: "Visit", weight: WEIGHT });
  for (let round = 0; round < ROUNDS; round++) await playRound(round);
  await settle();
  await expectEveryRow();
  await expectEveryScore();
  await expectUndone();
  console.table(table);
  console.log(`ok: ${ROUNDS} kills, every row and score accounted for (seed ${SEED})`);
} finally {
  await service.stop().catch(() => {});
  rmSync(stateDir, { recursive: true, force: true });
}

async function playRound(round: number): Promise<void> {
  for (let n = 0; n < EVENTS; n++) {
    const alias = `lead${Math.floor(random() * LEADS)}@example.com`;
    const event_id = `r${round}-${n}`;
    open.set(event_id, { event_id, alias_kind: "email", alias, event_type: "Visit" });
    eventsOf.set(alias, (eventsOf.get(alias) ?? 0) + 1);
  }
  unstarted.push({ csv: csvOf(round), key: `import-${round}`, file_id: null });
  const killedAfter = Math.round(50 + random() * KILLED_WITHIN_MS);
  const orphan = round % ORPHAN_EVERY === ORPHAN_EVERY - 1;
  let running = true;
  const work = Promise.all([startImports(() => running), sendEvents(() => running)]);
  await sleep(killedAfter);
  await (orphan ? service.killLauncher() : service.killAll());
  running = false;
  await work;
  const startedAt = performance.now();
  service = await startService(PORT, stateDir);
  const seconds = (performance.now() - startedAt) / 1000;
  if (orphan) assert.match(service.said(), /left behind .* it has been ended/);
  table.push({
    round: round + 1,
    "killed after ms": killedAfter,
    killed: orphan ? "npm start alone" : "every process",
    "up again in s": seconds.toFixed(1),
    "events without a receipt": open.size,
    "imports without a job": unstarted.length,
  });
}

function csvOf(round: number): string {
  const row = (of: number, n: number) => `r${of}n${n}@example.com,+1${String(2_000_000_000 + of * 10_000 + n)},Name ${n}\n`;
  const old = round === 0 ? [] : Array.from({ length: OLD_ROWS }, (_, n) => row(round - 1, n));
  return `Email,Phone,First Name\n${Array.from({ length: NEW_ROWS }, (_, n) => row(round, n)).join("")}${old.join("")}`;
}

async function startImports(running: () => boolean): Promise<void> {
  const files = unstarted;
  unstarted = [];
  for (const file of files) if (!running() || !(await startImport(file))) unstarted.push(file);
}

/** Whether a job was returned. */
async function startImport(file: (typeof unstarted)[number]): Promise<boolean> {
  const previewed = file.file_id === null ? await ask<{ file_id: string }>(origin, "/leads/import/preview", csvFile(file.csv)) : null;
  if (previewed?.status === 200) file.file_id = previewed.body.file_id;
  if (file.file_id === null) return false;
  const wanted = {
    file_id: file.file_id,
    primary_identifier: { column: "Email", kind: "email" },
    field_mappings: { "First Name": "first_name" },
    alias_mappings: { Phone: "_alias_phone" },
  };
  return (await ask(origin, "/leads/import/start", wanted, DEMO, file.key))?.status === 202;
}

async function sendEvents(running: () => boolean): Promise<void> {
  const events = [...open.values()];
  for (let from = 0; from < events.length && running(); from += BATCH) {
    await ask(origin, "/ingest/batch", { events: events.slice(from, from + BATCH) });
    await readReceipts(events.slice(Math.max(0, from - BATCH), from));
  }
}

/** What is processed is done; a duplicate of itself as well. */
async function readReceipts(events: readonly SentEvent[]): Promise<void> {
  const statuses = await Promise.all(events.map(({ event_id }) => ask<{ status: string }>(origin, `/ingest/receipts/${event_id}`)));
  for (const [at, answer] of statuses.entries()) {
    const event_id = events[at]?.event_id ?? "";
    if (answer?.status === 200 && ["processed", "duplicate"].includes(answer.body.status)) open.delete(event_id);
  }
}

/** Nothing is killed any more: all that has no receipt is sent again until it has one, and every import ends. */
async function settle(): Promise<void> {
  await until("imports are started", SETTLED_WITHIN_MS, async () => {
    await startImports(() => true);
    return unstarted.length === 0 ? true : null;
  });
  await until("events have receipts", SETTLED_WITHIN_MS, async () => {
    await sendEvents(() => true);
    await sleep(2_000);
    await readReceipts([...open.values()]);
    return open.size === 0 ? true : null;
  });
  await until("imports end", SETTLED_WITHIN_MS, async () => ((await jobs()).every(({ status }) => status === "completed") ? true : null));
}

async function jobs(): Promise<Job[]> {
  const found: Job[] = [];
  for (let page = 1; ; page++) {
    const { jobs: shown, total } = await demand<{ jobs: Job[]; total: number }>(origin, `/leads/import/jobs?limit=100&page=${page}`);
    found.push(...shown);
    if (found.length >= total || shown.length === 0) return found;
  }
}

async function expectEveryRow(): Promise<void> {
  const all = await jobs();
  assert.equal(all.length, ROUNDS, "one job for each file");
  for (const { job_id, total_rows, created_count, changed_count, unchanged_count, failed_count } of all) {
    assert.equal(created_count + changed_count + unchanged_count + failed_count, total_rows, job_id);
    assert.equal(failed_count, 0, job_id);
  }
  const created = all.reduce((sum, job) => sum + job.created_count, 0);
  assert.equal(created, ROUNDS * NEW_ROWS, "rows created once each");
  const { total } = await demand<{ total: number }>(origin, "/leads?limit=1&count=true");
  assert.equal(total, ROUNDS * NEW_ROWS + eventsOf.size, "leads of the rows and of the events");
}

async function expectEveryScore(): Promise<void> {
  let events = 0;
  for (const [alias, sent] of eventsOf) {
    const { lead_id } = await demand<{ lead_id: string }>(origin, `/lead/by-alias?value=${encodeURIComponent(alias)}`);
    const { score } = await demand<{ score: number }>(origin, `/leads/${lead_id}/score`);
    assert.equal(score, sent * WEIGHT, alias);
    const { total } = await demand<{ total: number }>(origin, `/events?lead_id=${lead_id}&limit=1`);
    assert.equal(total, sent, alias);
    events += total;
  }
  assert.equal(events, ROUNDS * EVENTS);
}

/** The last import is undone by a service that is killed meanwhile. */
async function expectUndone(): Promise<void> {
  const [last] = (await jobs()).toSorted((a, b) => b.job_id.localeCompare(a.job_id));
  const path = `/leads/import/jobs/${last?.job_id}`;
  await demand(origin, `${path}/undo`, {});
  await sleep(Math.round(random() * UNDONE_IN_MS));
  await service.killAll();
  service = await startService(PORT, stateDir);
  await until("the undo ends", SETTLED_WITHIN_MS, async () => {
    const { undo } = await demand<{ undo: { status: string } | null }>(origin, path);
    return undo?.status === "completed" ? true : null;
  });
  const { total } = await demand<{ total: number }>(origin, "/leads?limit=1&count=true");
  assert.equal(total, (ROUNDS - 1) * NEW_ROWS + eventsOf.size, "what the import created is gone");
}
