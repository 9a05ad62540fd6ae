/** An undo under everything that goes wrong with queues, processes and databases: still exactly once. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  CONTACTS_MAPPING,
  contactsCsv,
  cronTick,
  type D1Call,
  deliver,
  deliverAll,
  emailOf,
  heldQueue,
  importCsv,
  interceptedD1,
  stored,
} from "../support/imports";
import { type Client, mintTenant } from "../support/tenant";
import { heldUndo, imported, undone, undoOf } from "../support/undo";

const OLD = 1200;
const NEW = 1300;
const DAY_MS = 24 * 3600_000;
const WHOLE = { status: "completed", removed_count: NEW, restored_count: OLD, kept_count: 0 };

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});
afterEach(() => void vi.useRealTimers());

function wait(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

/** A job that renamed 1,200 leads and created 1,300, in three chunks, and the message that undoes it. */
async function heldScene() {
  await importCsv(client, contactsCsv(OLD), CONTACTS_MAPPING);
  const job = await imported(client, contactsCsv(OLD + NEW, { name: (n) => `Renamed ${n}` }), CONTACTS_MAPPING);
  const { message } = await heldUndo(client, job);
  if (!message) throw new Error("asking for an undo sent no message");
  return { job, message };
}

async function expectUndone(job: string, unit: number): Promise<void> {
  expect(await undoOf(client, job)).toMatchObject(WHOLE);
  expect(await stored(unit)).toEqual({ leads: OLD, aliases: 2 * OLD, conflicts: 0 });
  for (const n of [0, OLD - 1]) {
    expect(await (await client.get(`/lead/by-alias?value=${emailOf(n)}`)).json()).toMatchObject({ metadata: { first_name: `Name ${n}` } });
  }
  const counted = await env.DB.prepare("SELECT sum(leads) AS n FROM lead_counts WHERE unit = ?1").bind(unit).first("n");
  expect(counted).toBe(OLD);
  const terms = env.DB.prepare("SELECT count(*) AS n FROM lead_terms WHERE unit = ?1 AND field = 'word' AND term = 'renamed'").bind(unit);
  expect(await terms.first("n")).toBe(0);
}

const isCommit = (call: D1Call): boolean => call.statements.some(({ text }) => text.startsWith("INSERT INTO undo_chunks"));

it("one message delivered twice at the same time, and again later, undoes every row once", async () => {
  const { job, message } = await heldScene();
  await Promise.all([deliver(message), deliver(message), deliver(message)]);
  await deliverAll(message);
  await expectUndone(job, message.unit);
  const chunks = env.DB.prepare("SELECT count(*) AS n FROM undo_chunks WHERE operation_id = ?1").bind(job);
  expect(await chunks.first("n")).toBe(4);
});

it.each(["before", "after"])("a run that dies %s each of its commits is taken up where it ended", async (when) => {
  const { job, message } = await heldScene();
  let deaths = 0;
  const DB = interceptedD1(async (call, run) => {
    if (!isCommit(call)) return run();
    deaths += 1;
    if (when === "after") await run();
    else if (deaths % 2 === 0) return run();
    throw new Error("the isolate died");
  });
  for (let n = 0; n < 12; n++) await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
  expect(deaths).toBeGreaterThanOrEqual(4);
  await expectUndone(job, message.unit);
});

it("a lost message is found by the cron within two minutes", async () => {
  const { job, message } = await heldScene();
  wait(120_000);
  const sent = (await cronTick("* * * * *")).filter((nudge) => "undo" in nudge && nudge.undo === job);
  expect(sent).toEqual([message]);
  await deliverAll(message);
  await expectUndone(job, message.unit);
});

it("a lead that somebody writes between plan and commit is planned again", async () => {
  const { job, message } = await heldScene();
  let written = false;
  const DB = interceptedD1(async (call, run) => {
    if (isCommit(call) && !written) {
      written = true;
      for (const n of [0, OLD]) {
        await client.patch("/lead/by-alias/metadata", { alias_value: emailOf(n), attributes: { first_name: "Later" } });
      }
    }
    return run();
  });
  await deliverAll(message, { DB });
  expect(await undoOf(client, job)).toMatchObject({ removed_count: NEW - 1, restored_count: OLD - 1, kept_count: 4 });
  for (const n of [0, OLD]) {
    expect(await (await client.get(`/lead/by-alias?value=${emailOf(n)}`)).json()).toMatchObject({ metadata: { first_name: "Later" } });
  }
});

it("a row of the journal that never commits fails the undo, and asking again goes on", async () => {
  const { job, message } = await heldScene();
  const DB = interceptedD1((call, run) => {
    if (isCommit(call)) throw new Error("D1_ERROR: poisoned: SQLITE_ERROR");
    return run();
  });
  for (let n = 0; n < 6; n++) await deliver(message, { DB });
  expect(await undoOf(client, job)).toMatchObject({ status: "failed", removed_count: 0 });
  expect(await undone(client, job)).toMatchObject(WHOLE);
});

it("a database that is not available fails no undo", async () => {
  const { job, message } = await heldScene();
  const DB = interceptedD1((call, run) => {
    if (isCommit(call)) throw new Error("D1_ERROR: Network connection lost.");
    return run();
  });
  for (let n = 0; n < 8; n++) await deliver(message, { DB });
  await deliverAll(message);
  await expectUndone(job, message.unit);
});

it("the journal is kept for 30 days, and then removed", async () => {
  const job = await imported(client, contactsCsv(3), CONTACTS_MAPPING);
  const rows = async () => env.DB.prepare("SELECT count(*) AS n FROM undo_journal WHERE operation_id = ?1").bind(job).first("n");
  wait(30 * DAY_MS - 60_000);
  await cronTick("*/10 * * * *");
  expect(await rows()).toBe(1);
  wait(2 * 60_000);
  await cronTick("*/10 * * * *");
  expect(await rows()).toBe(0);
});
