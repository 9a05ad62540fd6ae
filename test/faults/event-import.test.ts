/** An import of events under everything that goes wrong with queues, processes and databases: still exact, and nobody told twice. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { heldDeliveries, nudge, receiver, tick, unitOf, wait } from "../support/deliveries";
import { type D1Call, deliverAll as deliverAllTo, deliver as deliverTo, heldQueue, interceptedD1 } from "../support/imports";
import { type Client, mintTenant, type Tenant } from "../support/tenant";
import {
  deliverEvents,
  firingsOf,
  getEventJob,
  heldEventImport,
  heldEvents,
  mintRules,
  mintTrigger,
  rowCounts,
  scoreOf,
  toHook,
} from "../support/triggers";
import { logged } from "../support/worker";

const ROWS = 2500;
const CHUNKS = 3;
const LEADS = 100;
/** Each lead crosses the threshold with its 20th event. */
const THRESHOLD = 20;

let tenant: Tenant;
let client: Client;
let unit: number;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
  unit = await prepare(tenant);
});
afterEach(async () => {
  // a sweep takes up so many at a time, the oldest first: what one test leaves behind is not to hold up the next one's
  await env.DB.prepare("DELETE FROM deliveries").run();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What fires is told when a test says so: the deliveries' own messages are kept back. */
const keptBack = () => ({ DELIVERY_QUEUE: heldDeliveries().DELIVERY_QUEUE });
const deliver = (message: unknown, bindings: Partial<Env> = {}) => deliverTo(message, { ...keptBack(), ...bindings });
const deliverAll = (message: { unit: number; job_id: string }, bindings: Partial<Env> = {}) =>
  deliverAllTo(message, { ...keptBack(), ...bindings });

async function prepare(of: Tenant): Promise<number> {
  await mintRules(of.client, { "Page View": 1 });
  await mintTrigger(of.client, { score_threshold: THRESHOLD, ...toHook });
  return unitOf(of.workspace_id);
}

const emailOf = (n: number) => `p${n % LEADS}@example.com`;
function eventsCsv(rows = ROWS, { note = "", from = 0 } = {}): string {
  const line = (n: number) => `Page View,${emailOf(n)},${new Date(Date.UTC(2025, 0, 1) + (from + n) * 60_000).toISOString()},${note}\n`;
  return `event_type,email,timestamp,Note\n${Array.from({ length: rows }, (_, n) => line(n)).join("")}`;
}

/** All of a file arrived, once, and every lead's crossing is in the outbox once. */
async function expectExact(jobId: string, of: { client: Client; unit: number } = { client, unit }): Promise<void> {
  expect(await getEventJob(of.client, jobId)).toMatchObject({
    status: "completed",
    total_rows: ROWS,
    imported_count: ROWS,
    duplicate_count: 0,
    failed_count: 0,
  });
  expect(await rowCounts(of.unit)).toMatchObject({
    leads: LEADS,
    aliases: LEADS,
    events: ROWS,
    contributions: ROWS,
    lead_scores: LEADS,
    firings: LEADS,
    deliveries: LEADS,
    import_chunks: CHUNKS,
  });
  for (const n of [0, LEADS - 1]) expect(await scoreOf(of.client, emailOf(n))).toBe(ROWS / LEADS);
}

const acked = (result: Awaited<ReturnType<typeof deliver>>): boolean =>
  result.explicitAcks.length === 1 && result.retryMessages.length === 0;

/** A D1 under which every run's time is up after one chunk. */
const oneChunkPerRun = (more: (call: D1Call, run: () => Promise<unknown>) => Promise<unknown> = (_, run) => run()): D1Database =>
  interceptedD1(async (call, run) => {
    const result = await more(call, run);
    if (call.chunk !== null) wait(21_000);
    return result;
  });

describe("delivery", () => {
  it("a message that is delivered again changes nothing, and a receiver is notified once for each lead", async () => {
    const received = receiver();
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    await deliverAll(message);
    await expectExact(job_id);
    expect(acked(await deliver(message))).toBe(true);
    await expectExact(job_id);
    wait(60_000);
    const due = (await tick("* * * * *")).filter((sent) => sent.unit === unit);
    await nudge(due);
    await nudge(due);
    expect(received.length).toBe(LEADS);
    expect(new Set(received.map(({ body }) => JSON.parse(body).data.lead_id)).size).toBe(LEADS);
  });

  it("every message on the way delivered twice commits every chunk once", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const DB = oneChunkPerRun();
    const queue = heldQueue();
    for (let run = 0; run < 2 * CHUNKS; run++) await deliver(message, { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE });
    await expectExact(job_id);
  });

  it("ten nudges at the same time commit every chunk once and fail no row", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const results = await Promise.all(Array.from({ length: 10 }, () => deliver(message)));
    expect(results.every(acked)).toBe(true);
    await expectExact(job_id);
  });

  it("a message with another unit's key touches nothing", async () => {
    const other = await mintTenant();
    const { job_id } = await heldEventImport(client, eventsCsv());
    const foreign = await heldEventImport(other.client, "event_type,email\nA,a@example.com\n");
    await deliver({ unit: foreign.message.unit, job_id });
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "queued", imported_count: 0 });
    expect(await rowCounts(foreign.message.unit)).not.toHaveProperty("events");
  });
});

describe("at the same time", () => {
  it("two files with events of the same leads both arrive whole, and nobody fires twice", async () => {
    const first = await heldEventImport(client, eventsCsv(ROWS, { note: "a" }));
    const second = await heldEventImport(client, eventsCsv(ROWS, { note: "b", from: 7 }));
    await Promise.all([first, second].map(({ message }) => deliverAll(message)));
    for (const { job_id } of [first, second])
      expect(await getEventJob(client, job_id)).toMatchObject({ status: "completed", imported_count: ROWS, failed_count: 0 });
    expect(await rowCounts(unit)).toMatchObject({ leads: LEADS, events: 2 * ROWS, firings: LEADS, deliveries: LEADS });
    for (const n of [0, LEADS - 1]) expect(await scoreOf(client, emailOf(n))).toBe((2 * ROWS) / LEADS);
  });

  it("live events of the same leads lose nothing to an import, nor it to them", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const live = await heldEvents(
      client,
      Array.from({ length: 20 }, (_, n) => ({ event_type: "Page View", email: emailOf(n) })),
    );
    const ingest = async () => {
      for (const event of live.events) {
        const { settled } = await deliverEvents({ unit, events: [event] });
        if (settled.retryMessages.length > 0) await deliverEvents({ unit, events: [event] }, {}, 2);
      }
    };
    await Promise.all([deliverAll(message), ingest()]);
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "completed", imported_count: ROWS, failed_count: 0 });
    expect(await rowCounts(unit)).toMatchObject({ leads: LEADS, events: ROWS + 20, contributions: ROWS + 20, firings: LEADS });
    for (const n of [0, 99]) expect(await scoreOf(client, emailOf(n))).toBe(ROWS / LEADS + (n < 20 ? 1 : 0));
  });

  it("an event that changes a lead between a chunk's plan and its commit makes it plan again", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const live = await heldEvents(client, [{ event_type: "Page View", email: emailOf(5) }]);
    let commits = 0;
    const DB = interceptedD1(async (call, run) => {
      if (call.chunk !== null && ++commits === 2) await deliverEvents(live);
      return run();
    });
    expect(acked(await deliver(message, { DB }))).toBe(true);
    expect(commits).toBe(CHUNKS + 1);
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "completed", imported_count: ROWS });
    expect(await scoreOf(client, emailOf(5))).toBe(ROWS / LEADS + 1);
  });
});

describe("a process killed", () => {
  /** How many calls to D1 a whole import makes. */
  async function countCalls(): Promise<number> {
    const own = await mintTenant();
    await prepare(own);
    let calls = 0;
    const { message } = await heldEventImport(own.client, eventsCsv());
    const DB = interceptedD1((_, run) => {
      calls += 1;
      return run();
    });
    await deliverAll(message, { DB });
    expect(calls).toBeGreaterThan(2 * CHUNKS);
    return calls;
  }

  /** Imports as often as there are calls, each time with another call going wrong. */
  async function everyCall(calls: number, wrong: (run: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
    for (let k = 1; k <= calls; k++) {
      const own = await mintTenant();
      const ownUnit = await prepare(own);
      const { job_id, message } = await heldEventImport(own.client, eventsCsv());
      let call = 0;
      const DB = interceptedD1((_, run) => {
        call += 1;
        return call === k ? wrong(run) : run();
      });
      expect(await deliverAll(message, { DB }), `call ${k}`).toBe(2);
      await expectExact(job_id, { client: own.client, unit: ownUnit });
    }
  }

  it("before any of its calls to D1 commits: the import ends exact when the message comes again", async () => {
    await everyCall(await countCalls(), async () => {
      throw new Error("killed");
    });
  });

  it("after a commit whose answer was lost: the import ends exact when the message comes again", async () => {
    await everyCall((await countCalls()) - 1, async (run) => {
      await run();
      throw new Error("D1_ERROR: Network connection lost.");
    });
  });

  it("between a commit and the next message: the sweep finds the job, and the deliveries of the chunk too", async () => {
    const received = receiver();
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    let dead = false;
    const DB = interceptedD1(async (call, run) => {
      if (dead) throw new Error("killed");
      const result = await run();
      // the second chunk holds the leads' 20th events
      dead = call.chunk === 1;
      return result;
    });
    const killed = { send: () => Promise.reject(new Error("killed")), sendBatch: () => Promise.reject(new Error("killed")) };
    await logged(() => deliver(message, { DB, IMPORT_QUEUE: killed as unknown as Queue, DELIVERY_QUEUE: killed as unknown as Queue }));
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "in_progress", imported_count: 2000, completed_at: null });
    wait(61_000);
    const nudges = heldQueue();
    const due = (await tick("* * * * *", { IMPORT_QUEUE: nudges.IMPORT_QUEUE })).filter((sent) => sent.unit === unit);
    expect(nudges.sent.filter((sent) => sent.job_id === job_id)).toEqual([message]);
    expect(due.length).toBe(LEADS);
    await deliverAll(message);
    await expectExact(job_id);
    await nudge(due);
    expect(received.length).toBe(LEADS);
  });

  it("a chunk that nothing can commit fails after five tries, its rows say so, and the others are imported", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const DB = interceptedD1((call, run) => {
      // the batch that inserts the second chunk's events, not the one that gives it up
      if (call.chunk === 1 && call.statements.some(({ text }) => text.startsWith("INSERT INTO events"))) throw new Error("poison");
      return run();
    });
    await logged(() => deliverAll(message, { DB }));
    const job = await getEventJob(client, job_id);
    expect(job).toMatchObject({ status: "completed", imported_count: 1500, failed_count: 1000 });
    expect(job.errors[0]).toEqual({ row: 1002, error: "Server error", value: "", column: null });
    expect(await rowCounts(unit)).toMatchObject({ events: 1500, import_chunks: CHUNKS });
    // the file sent again brings what is missing
    const again = await heldEventImport(client, eventsCsv());
    await deliverAll(again.message);
    expect(await getEventJob(client, again.job_id)).toMatchObject({ imported_count: 1000, duplicate_count: 1500 });
    expect((await firingsOf(client)).length).toBe(25);
    expect(await rowCounts(unit)).toMatchObject({ events: ROWS, firings: LEADS, deliveries: LEADS });
  });

  it("a file whose object is gone fails the job", async () => {
    const { job_id, message } = await heldEventImport(client, eventsCsv());
    const FILES = { get: async () => null } as unknown as R2Bucket;
    await deliver(message, { FILES });
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "failed", imported_count: 0 });
  });
});
