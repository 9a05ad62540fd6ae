/** An import under everything that goes wrong with queues, processes and databases: still exact. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  accountedFor,
  CONTACTS_MAPPING,
  contactsCsv,
  cronTick,
  type D1Call,
  deliver,
  deliverAll,
  emailOf,
  getJob,
  heldImport,
  heldQueue,
  importCsv,
  interceptedD1,
  type Job,
  phoneOf,
  preview,
  stored,
} from "../support/imports";
import { type Client, mintTenant, type Tenant } from "../support/tenant";

const ROWS = 2500;
const CHUNKS = 3;
const DAY_MS = 24 * 3600_000;

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
});
afterEach(() => void vi.useRealTimers());

/** Moves the clock on, for the worker too. */
function wait(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

/** A D1 under which every run's time is up after one chunk: `more` decides what else happens around a call. */
const oneChunkPerRun = (more: (call: D1Call, run: () => Promise<unknown>) => Promise<unknown> = (_, run) => run()): D1Database =>
  interceptedD1(async (call, run) => {
    const result = await more(call, run);
    if (call.chunk !== null) wait(21_000);
    return result;
  });

const acked = (result: Awaited<ReturnType<typeof deliver>>): boolean =>
  result.explicitAcks.length === 1 && result.retryMessages.length === 0;

/** All of a file of new leads arrived, once. */
async function expectExact(jobId: string, unit: number, rows = ROWS): Promise<void> {
  const job = await getJob(client, jobId);
  expect(job).toMatchObject({
    status: "completed",
    total_rows: rows,
    created_count: rows,
    changed_count: 0,
    unchanged_count: 0,
    failed_count: 0,
  });
  expect(await stored(unit)).toEqual({ leads: rows, aliases: 2 * rows, conflicts: 0 });
  for (const n of [0, 999, 1000, rows - 1]) {
    const lead = await client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent(phoneOf(n))}`);
    expect(await lead.json()).toMatchObject({ email: emailOf(n), metadata: { first_name: `Name ${n}` } });
  }
}

describe("delivery", () => {
  it("a second delivery of a message changes nothing", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await deliverAll(message);
    await expectExact(job_id, message.unit);
    const before = await getJob(client, job_id);
    expect(acked(await deliver(message))).toBe(true);
    expect(await getJob(client, job_id)).toEqual(before);
    await expectExact(job_id, message.unit);
  });

  it("a second delivery of every message on the way changes nothing", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const DB = oneChunkPerRun();
    const queue = heldQueue();
    for (let chunk = 0; chunk < 2 * CHUNKS; chunk++) await deliver(message, { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE });
    await expectExact(job_id, message.unit);
  });

  it("one message delivered twice at the same time commits every chunk once", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const results = await Promise.all([deliver(message), deliver(message)]);
    expect(results.every(acked)).toBe(true);
    await expectExact(job_id, message.unit);
  });

  it("ten nudges at the same time fail no row", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await Promise.all(Array.from({ length: 10 }, () => deliver(message)));
    await expectExact(job_id, message.unit);
  });

  it("ten calls of start for one job and their ten messages fail no row", async () => {
    const file_id = await preview(client, contactsCsv(ROWS));
    const queue = heldQueue();
    const start = () =>
      client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
    const answers = await Promise.all(Array.from({ length: 10 }, start));
    const ids = new Set(await Promise.all(answers.map(async (answer) => (await answer.json<{ job_id: string }>()).job_id)));
    expect(ids.size).toBe(1);
    for (const message of queue.sent) await deliver(message, { DB: oneChunkPerRun(), IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    await expectExact([...ids][0] ?? "", queue.sent[0]?.unit ?? 0);
  });

  it("messages of two jobs that arrive in any order, old ones late, leave both jobs whole", async () => {
    const first = await heldImport(client, contactsCsv(ROWS));
    const second = await heldImport(client, contactsCsv(ROWS, { name: (n) => `Renamed ${n}` }));
    const DB = oneChunkPerRun();
    const queue = heldQueue();
    for (const { message } of [second, first, first, second, first, second, second, first]) {
      await deliver(message, { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE });
    }
    for (const { job_id } of [first, second]) {
      const job = await getJob(client, job_id);
      expect(job).toMatchObject({ status: "completed", failed_count: 0 });
      expect(accountedFor(job)).toBe(ROWS);
    }
    expect(await stored(first.message.unit)).toEqual({ leads: ROWS, aliases: 2 * ROWS, conflicts: 0 });
  });

  it("a message for a job that does not exist is settled", async () => {
    const { message } = await heldImport(client, contactsCsv(1));
    expect(acked(await deliver({ unit: message.unit, job_id: "job_00000000000000000000000000000000" }))).toBe(true);
  });

  it("a message with another unit's key for the job touches nothing", async () => {
    const other = await heldImport((await mintTenant()).client, contactsCsv(1));
    const { job_id } = await heldImport(client, contactsCsv(10));
    await deliver({ unit: other.message.unit, job_id });
    expect(await getJob(client, job_id)).toMatchObject({ status: "queued", created_count: 0 });
    expect(await stored(other.message.unit)).toEqual({ leads: 0, aliases: 0, conflicts: 0 });
  });
});

describe("a process killed", () => {
  it("between a commit and the next message: the sweep finds the job after a minute, not before", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    let dead = false;
    const DB = oneChunkPerRun(async (call, run) => {
      if (dead) throw new Error("killed");
      const result = await run();
      dead = call.chunk !== null;
      return result;
    });
    const queue = {
      send: async () => {
        throw new Error("killed");
      },
    } as unknown as Queue;
    await deliver(message, { DB, IMPORT_QUEUE: queue });
    expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 1000, completed_at: null });

    const nudged = async () => (await cronTick("* * * * *")).filter((sent) => sent.job_id === job_id);
    wait(30_000);
    expect(await nudged()).toEqual([]);
    wait(31_000);
    expect(await nudged()).toEqual([message]);
    await deliverAll(message);
    await expectExact(job_id, message.unit);
    wait(120_000);
    expect(await nudged()).toEqual([]);
  });

  /** How many calls to D1 a whole import makes. */
  async function countCalls(): Promise<number> {
    let calls = 0;
    const counted = await heldImport(client, contactsCsv(ROWS));
    await deliverAll(counted.message, {
      DB: interceptedD1((_, run) => {
        calls += 1;
        return run();
      }),
    });
    expect(calls).toBeGreaterThan(CHUNKS);
    return calls;
  }

  it("before any of its calls to D1 commits: the job ends exact when the message comes again", async () => {
    await everyCall(await countCalls(), async (_, run) => {
      void run;
      throw new Error("killed");
    });
  });

  it("after a commit whose answer was lost: the job ends exact when the message comes again", async () => {
    await everyCall((await countCalls()) - 1, async (_, run) => {
      await run();
      throw new Error("D1_ERROR: Network connection lost.");
    });
  });

  /** Imports as often as there are calls, each time with another call going wrong. */
  async function everyCall(calls: number, wrong: (call: D1Call, run: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
    for (let k = 1; k <= calls; k++) {
      const own = (await mintTenant()).client;
      const { job_id, message } = await heldImport(own, contactsCsv(ROWS));
      let call = 0;
      const DB = interceptedD1((each, run) => {
        call += 1;
        return call === k ? wrong(each, run) : run();
      });
      const deliveries = await deliverAll(message, { DB });
      // the last commit ends the job: its answer is missed by nobody
      expect(deliveries).toBe(2);
      const job = await getJob(own, job_id);
      expect(job).toMatchObject({ status: "completed", total_rows: ROWS, created_count: ROWS, updated_count: 0, failed_count: 0 });
      expect(await stored(message.unit)).toEqual({ leads: ROWS, aliases: 2 * ROWS, conflicts: 0 });
    }
  }

  it("before its first commit, after a long time in the queue: the sweep gives the run its minute", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    wait(120_000);
    const DB = interceptedD1((call, run) => {
      if (call.chunk !== null) throw new Error("killed");
      return run();
    });
    await deliver(message, { DB });
    const nudged = async () => (await cronTick("* * * * *")).some((sent) => sent.job_id === job_id);
    expect(await nudged()).toBe(false);
    wait(61_000);
    expect(await nudged()).toBe(true);
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });

  it("over and over, before every other commit: the job ends exact", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    let commits = 0;
    const DB = oneChunkPerRun((call, run) => {
      if (call.chunk !== null && commits++ % 3 !== 2) throw new Error("killed");
      return run();
    });
    await deliverAll(message, { DB });
    await expectExact(job_id, message.unit);
  });

  it("when the file cannot be read for a moment: the job ends exact when the message comes again", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    let reads = 0;
    const FILES = {
      get: (...args: Parameters<R2Bucket["get"]>) => {
        reads += 1;
        if (reads === 2) throw new Error("R2 is away");
        return env.FILES.get(...args);
      },
    } as unknown as R2Bucket;
    await deliverAll(message, { FILES });
    await expectExact(job_id, message.unit);
  });
});

describe("a start whose message is lost", () => {
  it("leaves a queued job, which the sweep picks up", async () => {
    const file_id = await preview(client, contactsCsv(ROWS));
    const IMPORT_QUEUE = {
      send: async () => {
        throw new Error("the queue is away");
      },
    } as unknown as Queue;
    const answer = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { bindings: { IMPORT_QUEUE } });
    const { jobs } = await (await client.get("/leads/import/jobs")).json<{ jobs: Job[] }>();
    expect(jobs).toMatchObject([{ status: "queued" }]);
    const job_id = jobs[0]?.job_id ?? "";
    wait(61_000);
    const message = (await cronTick("* * * * *")).find((sent) => sent.job_id === job_id);
    expect(message).toBeDefined();
    await deliverAll(message as { unit: number; job_id: string });
    await expectExact(job_id, message?.unit ?? 0);
    // the job is there and will run: that is what the caller is told
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ job_id, status: "queued" });
  });

  it("one tick of the sweep nudges every stuck job, even when the queue refuses one of them", async () => {
    const jobs = [
      await heldImport(client, contactsCsv(1)),
      await heldImport(client, contactsCsv(2)),
      await heldImport(client, contactsCsv(3)),
    ].map(({ job_id }) => job_id);
    wait(61_000);
    for (const refused of jobs) {
      const sent: string[] = [];
      const IMPORT_QUEUE = {
        send: async ({ job_id }: { job_id: string }) => {
          if (job_id === refused) throw new Error("the queue is away");
          sent.push(job_id);
        },
      } as unknown as Queue;
      await cronTick("* * * * *", { IMPORT_QUEUE });
      expect(sent.filter((job_id) => jobs.includes(job_id)).toSorted()).toEqual(jobs.filter((job_id) => job_id !== refused).toSorted());
    }
  });
});

describe("cancelling", () => {
  it("midway keeps the committed chunks, counts them, and takes no further one", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const queue = heldQueue();
    await deliver(message, { DB: oneChunkPerRun(), IMPORT_QUEUE: queue.IMPORT_QUEUE });
    expect(queue.sent).toEqual([message]);
    expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 1000 });

    const answer = await client.post(`/leads/import/jobs/${job_id}/cancel`);
    expect(answer.status).toBe(200);
    const counters = { status: "cancelled", total_rows: ROWS, created_count: 1000, updated_count: 0, failed_count: 0 };
    expect(await answer.json()).toMatchObject({ job_id, ...counters, completed_at: expect.any(String) });
    expect(acked(await deliver(message))).toBe(true);
    expect(await getJob(client, job_id)).toMatchObject(counters);
    expect(await stored(message.unit)).toEqual({ leads: 1000, aliases: 2000, conflicts: 0 });

    wait(120_000);
    expect((await cronTick("* * * * *")).filter((sent) => sent.job_id === job_id)).toEqual([]);
  });

  it("twice returns 200 and changes nothing", async () => {
    const { job_id } = await heldImport(client, contactsCsv(10));
    const first = await client.post(`/leads/import/jobs/${job_id}/cancel`);
    wait(5000);
    const second = await client.post(`/leads/import/jobs/${job_id}/cancel`);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await second.json()).toEqual(await first.json());
  });

  it("after the end is a 409 and changes nothing", async () => {
    const { job_id } = await importCsv(client, contactsCsv(10), CONTACTS_MAPPING);
    const before = await getJob(client, job_id);
    const answer = await client.post(`/leads/import/jobs/${job_id}/cancel`);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ status: 409, code: "conflict", detail: expect.stringContaining("completed") });
    expect(await getJob(client, job_id)).toEqual(before);
  });

  it("while a chunk commits: the chunk is in the counters and in the leads, or in neither", async () => {
    for (const when of ["before", "after"] as const) {
      const own = (await mintTenant()).client;
      const { job_id, message } = await heldImport(own, contactsCsv(ROWS));
      const cancel = async () => expect((await own.post(`/leads/import/jobs/${job_id}/cancel`)).status).toBe(200);
      const DB = interceptedD1(async (call, run) => {
        if (call.chunk === 1 && when === "before") await cancel();
        const result = await run();
        if (call.chunk === 1 && when === "after") await cancel();
        return result;
      });
      expect(acked(await deliver(message, { DB }))).toBe(true);
      const rows = when === "before" ? 1000 : 2000;
      expect(await getJob(own, job_id)).toMatchObject({ status: "cancelled", created_count: rows, failed_count: 0 });
      expect(await stored(message.unit)).toEqual({ leads: rows, aliases: 2 * rows, conflicts: 0 });
    }
  });

  it("makes room: the same file with the same mapping can be started again and finishes the work", async () => {
    const file_id = await preview(client, contactsCsv(ROWS));
    const start = async () => {
      const queue = heldQueue();
      await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
      return queue.sent[0] as { unit: number; job_id: string };
    };
    const first = await start();
    await deliver(first, { DB: oneChunkPerRun(), IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    await client.post(`/leads/import/jobs/${first.job_id}/cancel`);
    const second = await start();
    expect(second.job_id).not.toBe(first.job_id);
    await deliverAll(second);
    expect(await getJob(client, second.job_id)).toMatchObject({ status: "completed", created_count: 1500, unchanged_count: 1000 });
    expect(await stored(first.unit)).toEqual({ leads: ROWS, aliases: 2 * ROWS, conflicts: 0 });
  });
});

describe("jobs that meet on the same leads", () => {
  it("two files with the same contacts at once create each lead once", async () => {
    const first = await heldImport(client, contactsCsv(ROWS));
    const second = await heldImport(client, contactsCsv(ROWS, { from: 500 }));
    await Promise.all([deliverAll(first.message), deliverAll(second.message)]);
    const jobs = [await getJob(client, first.job_id), await getJob(client, second.job_id)];
    for (const job of jobs) {
      expect(job).toMatchObject({ status: "completed", failed_count: 0, alias_conflicts: [] });
      expect(accountedFor(job)).toBe(ROWS);
    }
    expect(jobs.reduce((sum, job) => sum + job.created_count, 0)).toBe(ROWS + 500);
    expect(await stored(first.message.unit)).toEqual({ leads: ROWS + 500, aliases: 2 * (ROWS + 500), conflicts: 0 });
  });

  it("one file with two mappings at once: every lead has both", async () => {
    const file_id = await preview(client, contactsCsv(ROWS));
    const queue = heldQueue();
    const bindings = { IMPORT_QUEUE: queue.IMPORT_QUEUE };
    const byPhone = {
      primary_identifier: { column: "Phone", kind: "phone" },
      field_mappings: { "First Name": "notes" },
      alias_mappings: { Email: "_alias_email" },
    };
    for (const mapping of [CONTACTS_MAPPING, byPhone]) await client.post("/leads/import/start", { file_id, ...mapping }, { bindings });
    expect(new Set(queue.sent.map(({ job_id }) => job_id)).size).toBe(2);
    await Promise.all(queue.sent.map((message) => deliverAll(message)));
    expect(await stored(queue.sent[0]?.unit ?? 0)).toEqual({ leads: ROWS, aliases: 2 * ROWS, conflicts: 0 });
    const jobs = await Promise.all(queue.sent.map(({ job_id }) => getJob(client, job_id)));
    expect(jobs.map(accountedFor)).toEqual([ROWS, ROWS]);
    expect(jobs.reduce((sum, job) => sum + job.created_count, 0)).toBe(ROWS);
    const lead = await client.get(`/lead/by-alias?value=${emailOf(1234)}`);
    expect(await lead.json()).toMatchObject({ metadata: { first_name: "Name 1234", notes: "Name 1234" } });
  });

  it("a lead patched between a chunk's reading and its commit keeps the patch and gets the row", async () => {
    await importCsv(client, contactsCsv(3), CONTACTS_MAPPING);
    const { job_id, message } = await heldImport(client, contactsCsv(3, { name: (n) => `New ${n}` }));
    let patched = false;
    const DB = interceptedD1(async (call, run) => {
      if (call.chunk === 0 && !patched) {
        patched = true;
        const patch = await client.patch("/lead/by-alias/metadata", {
          alias_value: emailOf(1),
          attributes: { seat: "12A", first_name: "Patched" },
        });
        expect(patch.status).toBe(200);
      }
      return run();
    });
    await deliver(message, { DB });
    expect(await getJob(client, job_id)).toMatchObject({ status: "completed", changed_count: 3 });
    expect(await (await client.get(`/lead/by-alias?value=${emailOf(1)}`)).json()).toMatchObject({
      metadata: { seat: "12A", first_name: "New 1" },
    });
  });

  it("a lead that appears between a chunk's reading and its commit is met, not created again", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(3));
    let appeared = false;
    const DB = interceptedD1(async (call, run) => {
      if (call.chunk === 0 && !appeared) {
        appeared = true;
        await importCsv(client, contactsCsv(1, { from: 1, name: () => "Earlier" }), CONTACTS_MAPPING);
      }
      return run();
    });
    expect(acked(await deliver(message, { DB }))).toBe(true);
    expect(await getJob(client, job_id)).toMatchObject({ status: "completed", created_count: 2, changed_count: 1, failed_count: 0 });
    expect(await stored(message.unit)).toEqual({ leads: 3, aliases: 6, conflicts: 0 });
  });
});

describe("trouble that passes", () => {
  /** A D1 that refuses to commit leads `times` times, and works from then on. */
  function troubledD1(times: number): { DB: D1Database; failed: () => number } {
    let failed = 0;
    const DB = interceptedD1((call, run) => {
      if (failed < times && call.statements.some(({ text }) => text.startsWith("INSERT OR FAIL INTO leads"))) {
        failed += 1;
        throw new Error("D1_ERROR: storage is broken: SQLITE_ERROR");
      }
      return run();
    });
    return { DB, failed: () => failed };
  }
  const triesOf = (job_id: string) => env.DB.prepare("SELECT tries FROM import_jobs WHERE job_id = ?1").bind(job_id).first<number>("tries");

  it("a database that fails a chunk four times and then works costs no row: the last try is a real one", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const { DB, failed } = troubledD1(4);
    expect(await deliverAll(message, { DB })).toBe(5);
    expect(failed()).toBe(4);
    await expectExact(job_id, message.unit);
  });

  it("nor does it when the tries are minutes apart", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const { DB, failed } = troubledD1(4);
    for (let delivery = 0; delivery < 5; delivery++) {
      await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      wait(120_000);
    }
    expect(failed()).toBe(4);
    await expectExact(job_id, message.unit);
  });

  /** A D1 under which no run commits leads, and none learns so before `runs` of them have tried. */
  function failingTogether(runs: number): { DB: D1Database; tried: () => number } {
    let tried = 0;
    let release = () => {};
    const together = new Promise<void>((done) => {
      release = done;
    });
    const DB = interceptedD1(async (call, run) => {
      if (!call.statements.some(({ text }) => text.startsWith("INSERT OR FAIL INTO leads"))) return run();
      tried += 1;
      if (tried === runs) release();
      await together;
      throw new Error("D1_ERROR: storage is broken: SQLITE_ERROR");
    });
    return { DB, tried: () => tried };
  }

  it("runs that fail at the same time count as one", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const { DB, tried } = failingTogether(6);
    const running: Promise<unknown>[] = [];
    for (let n = 1; n <= 6; n++) {
      running.push(deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE }));
      await vi.waitFor(() => expect(tried()).toBe(n), { interval: 5 });
      wait(1);
    }
    await Promise.all(running);
    expect(await triesOf(job_id)).toBe(1);
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });

  it("so do runs that took the job up in the same moment", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const { DB } = failingTogether(6);
    wait(1000);
    await Promise.all(Array.from({ length: 6 }, () => deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE })));
    expect(await triesOf(job_id)).toBe(1);
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });

  it("a database that takes up the job but does nothing else for many runs costs no row once it works", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const DB = interceptedD1((call, run) => {
      if (call.statements[0]?.text.startsWith("UPDATE import_jobs")) return run();
      throw new Error("D1_ERROR: storage is broken: SQLITE_ERROR");
    });
    for (let run = 0; run < 12; run++) await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 0, failed_count: 0 });
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });

  it("an object store that is away for many runs costs no row once it is back", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await deliver(message, { DB: oneChunkPerRun(), IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    const FILES = {
      get: async () => {
        throw new Error("R2 is away");
      },
    } as unknown as R2Bucket;
    for (let run = 0; run < 12; run++) {
      const settled = await deliver(message, { FILES, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      expect(settled.retryMessages).toHaveLength(1);
      expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 1000, failed_count: 0 });
      wait(run * 10_000);
    }
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });
});

describe("a database that is unavailable", () => {
  /** What D1 reports while it is overloaded, reset or out of reach. */
  const OUTAGES = ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", "D1_ERROR: Network connection lost."];
  const triesOf = (job_id: string) => env.DB.prepare("SELECT tries FROM import_jobs WHERE job_id = ?1").bind(job_id).first<number>("tries");

  it.each(OUTAGES)("fails no row, however many runs it refuses: %s", async (outage) => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const DB = interceptedD1((call, run) => {
      if (call.chunk !== null) throw new Error(outage);
      return run();
    });
    for (let run = 0; run < 12; run++) {
      const settled = await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      expect(settled.retryMessages).toHaveLength(1);
      if (run > 5) wait(120_000);
    }
    expect(await triesOf(job_id)).toBe(0);
    expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 0, failed_count: 0 });
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });

  it("fails no row either when nothing but taking the job up succeeds, minutes apart", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    const DB = interceptedD1((call, run) => {
      if (call.statements[0]?.text.startsWith("UPDATE import_jobs") && call.statements.length === 2) return run();
      throw new Error(OUTAGES[0]);
    });
    for (let run = 0; run < 8; run++) {
      await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      wait(120_000);
    }
    // the last try of the chunk: unavailable again, then it works
    await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    await deliverAll(message);
    await expectExact(job_id, message.unit);
  });
});

describe("what cannot be done", () => {
  const poisoned = interceptedD1((call, run) => {
    const poison = call.chunk === 1 && call.statements.some(({ text }) => text.startsWith("INSERT OR FAIL INTO leads"));
    if (poison) throw new Error("D1_ERROR: a chunk that never commits: SQLITE_ERROR");
    return run();
  });

  it("the rows of a chunk that fails five times fail with Server error, and the job completes", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    for (let time = 1; time <= 4; time++) {
      const settled = await deliver(message, { DB: poisoned, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      expect(settled.retryMessages).toHaveLength(1);
      expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 1000, failed_count: 0 });
    }
    await deliverAll(message, { DB: poisoned });
    const job = await getJob(client, job_id);
    expect(job).toMatchObject({ status: "completed", created_count: 1500, failed_count: 1000, total_rows: ROWS });
    expect(job.errors).toHaveLength(1000);
    expect(job.errors[0]).toEqual({ row: 1002, error: "Server error", value: "", column: null });
    expect(job.errors.at(-1)).toMatchObject({ row: 2001, error: "Server error" });
    expect(await stored(message.unit)).toEqual({ leads: 1500, aliases: 3000, conflicts: 0 });
  });

  it("the rows of a failed chunk are in errors.csv and can be imported from there", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await deliverAll(message, { DB: poisoned });
    const failed = await (await client.get(`/leads/import/jobs/${job_id}/errors.csv`)).text();
    expect(failed.split("\r\n").slice(0, 2)).toEqual([
      "Email,First Name,Phone,_row,_error,_job",
      `${emailOf(1000)},Name 1000,'${phoneOf(1000)},1002,Server error,${job_id}`,
    ]);
    expect(await importCsv(client, failed, CONTACTS_MAPPING)).toMatchObject({
      status: "completed",
      total_rows: 1000,
      created_count: 1000,
      failed_count: 0,
    });
    expect(await stored(message.unit)).toEqual({ leads: ROWS, aliases: 2 * ROWS, conflicts: 0 });
  });

  it("the sweep brings a poisoned job to its end without any other message", async () => {
    const { job_id } = await heldImport(client, contactsCsv(ROWS));
    for (let minute = 0; minute < 10; minute++) {
      wait(61_000);
      for (const message of await cronTick("* * * * *")) {
        if (message.job_id === job_id) await deliver(message, { DB: poisoned, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
      }
    }
    expect(await getJob(client, job_id)).toMatchObject({ status: "completed", created_count: 1500, failed_count: 1000 });
  });

  it("a job whose file is gone fails, keeps what it has committed, and lets go of the file", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await deliver(message, { DB: oneChunkPerRun(), IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    await env.FILES.delete((await fileOf(job_id))?.object_key ?? "");
    expect(acked(await deliver(message))).toBe(true);
    const job = await getJob(client, job_id);
    expect(job).toMatchObject({ status: "failed", created_count: 1000, failed_count: 0, completed_at: expect.any(String) });
    expect(await stored(message.unit)).toEqual({ leads: 1000, aliases: 2000, conflicts: 0 });
    wait(8 * DAY_MS);
    expect((await cronTick("* * * * *")).filter((sent) => sent.job_id === job_id)).toEqual([]);
    await cronTick("*/10 * * * *");
    expect(await fileOf(job_id)).toBeNull();
    expect((await client.post(`/leads/import/jobs/${job_id}/cancel`)).status).toBe(409);
  });
});

/** The kept file of a job, with whether its object is still there. */
async function fileOf(jobId: string): Promise<{ object_key: string; kept: boolean } | null> {
  const found = await env.DB.prepare(
    "SELECT f.object_key FROM import_jobs j JOIN import_files f ON f.unit = j.unit AND f.file_id = j.file_id WHERE j.job_id = ?1",
  )
    .bind(jobId)
    .first<{ object_key: string }>();
  return found && { ...found, kept: (await env.FILES.head(found.object_key)) !== null };
}

describe("the clean-up", () => {
  const cleanUp = () => cronTick("*/10 * * * *");
  /** A file is left alone for a minute after its time. */
  const MINUTE_MS = 60_001;
  const failing = `${contactsCsv(3)}not-an-email,,\n`;

  it("takes an expired preview's object and row, and not a moment earlier", async () => {
    const file_id = await preview(client, contactsCsv(3));
    const object_key = await env.DB.prepare("SELECT object_key FROM import_files WHERE file_id = ?1")
      .bind(file_id)
      .first<string>("object_key");
    const rows = () => env.DB.prepare("SELECT count(*) AS n FROM import_files WHERE file_id = ?1").bind(file_id).first("n");
    wait(3_590_000);
    await cleanUp();
    expect([await env.FILES.head(object_key ?? ""), await rows()]).toEqual([expect.anything(), 1]);
    wait(75_000);
    await cleanUp();
    expect([await env.FILES.head(object_key ?? ""), await rows()]).toEqual([null, 0]);
    const start = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING });
    expect(start.status).toBe(404);
  });

  it("leaves the file of a running job alone however long that takes, and takes it after the end", async () => {
    const { job_id, message } = await heldImport(client, contactsCsv(ROWS));
    await deliver(message, { DB: oneChunkPerRun(), IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    wait(30 * DAY_MS);
    await cleanUp();
    expect(await fileOf(job_id)).toMatchObject({ kept: true });
    await deliverAll(message);
    await expectExact(job_id, message.unit);
    wait(MINUTE_MS);
    await cleanUp();
    expect(await fileOf(job_id)).toBeNull();
  });

  it("keeps a file with failed rows for 7 days after the end, then takes it; the job stays", async () => {
    const { job_id } = await importCsv(client, failing, CONTACTS_MAPPING);
    wait(7 * DAY_MS - 60_000);
    await cleanUp();
    expect(await fileOf(job_id)).toMatchObject({ kept: true });
    expect((await client.get(`/leads/import/jobs/${job_id}/errors.csv`)).status).toBe(200);
    wait(120_000);
    await cleanUp();
    expect(await fileOf(job_id)).toBeNull();
    const gone = await client.get(`/leads/import/jobs/${job_id}/errors.csv`);
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({ detail: expect.stringContaining("7 days") });
    expect(await getJob(client, job_id)).toMatchObject({
      status: "completed",
      failed_count: 1,
      errors: [{ row: 5, error: "Invalid email format" }],
    });
  });

  it("is not put off by a cancel call that comes after the end", async () => {
    const { job_id } = await importCsv(client, failing, CONTACTS_MAPPING);
    wait(6 * DAY_MS);
    expect((await client.post(`/leads/import/jobs/${job_id}/cancel`)).status).toBe(409);
    wait(2 * DAY_MS);
    await cleanUp();
    expect(await fileOf(job_id)).toBeNull();
  });

  it("takes the file of a cancelled job when its preview's hour is over", async () => {
    const { job_id } = await heldImport(client, contactsCsv(3));
    await client.post(`/leads/import/jobs/${job_id}/cancel`);
    await cleanUp();
    expect(await fileOf(job_id)).toMatchObject({ kept: true });
    wait(3_600_000 + MINUTE_MS);
    await cleanUp();
    expect(await fileOf(job_id)).toBeNull();
  });

  it("keeps a file on which another job still runs", async () => {
    const file_id = await preview(client, contactsCsv(3));
    const queue = heldQueue();
    const bindings = { IMPORT_QUEUE: queue.IMPORT_QUEUE };
    for (const mapping of [CONTACTS_MAPPING, { primary_identifier: { column: "Email", kind: "email" } }]) {
      await client.post("/leads/import/start", { file_id, ...mapping }, { bindings });
    }
    const [first, second] = queue.sent as [{ unit: number; job_id: string }, { unit: number; job_id: string }];
    await deliverAll(first);
    wait(2 * DAY_MS);
    await cleanUp();
    expect(await fileOf(second.job_id)).toMatchObject({ kept: true });
    await deliverAll(second);
    wait(MINUTE_MS);
    await cleanUp();
    expect(await fileOf(second.job_id)).toBeNull();
  });

  it("that dies between objects and rows is finished by the next tick", async () => {
    const file_id = await preview(client, contactsCsv(3));
    wait(3_600_000 + MINUTE_MS);
    const DB = interceptedD1((call, run) => {
      if (call.statements[0]?.text.startsWith("DELETE")) throw new Error("killed");
      return run();
    });
    await cronTick("*/10 * * * *", { DB }).catch(() => {});
    await cleanUp();
    expect(await env.DB.prepare("SELECT count(*) AS n FROM import_files WHERE file_id = ?1").bind(file_id).first("n")).toBe(0);
  });

  it("takes a thousand files in one tick", async () => {
    const { message } = await heldImport(client, contactsCsv(1));
    await env.DB.prepare(
      `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200)
       INSERT INTO import_files (unit, file_id, object_key, file_name, headers, delimiter, guarded, row_count, chunks,
         default_region, created_at, expires_at, keep_until) SELECT unit, file_id || n, object_key || n, file_name, headers, delimiter, guarded, row_count, chunks,
         default_region, created_at, expires_at, expires_at FROM import_files, n WHERE unit = ?1`,
    )
      .bind(message.unit)
      .run();
    wait(3_600_000 + MINUTE_MS);
    await cleanUp();
    const left = await env.DB.prepare("SELECT count(*) AS n FROM import_files WHERE unit = ?1").bind(message.unit).first("n");
    expect(left).toBe(1);
  });
});
