/** Plans under what goes wrong with queues, processes and other writers: still what their imports do. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { held, releaseHeld } from "../support/held";
import { allRows, getPlan, type Plan, planCsv } from "../support/import-plans";
import {
  CONTACTS_MAPPING,
  contactsCsv,
  cronTick,
  deliver,
  deliverAll,
  emailOf,
  getJob,
  heldQueue,
  importCsv,
  interceptedD1,
  preview,
} from "../support/imports";
import { type Client, mintTenant } from "../support/tenant";
import { readProblem } from "../support/worker";

const ROWS = 2500;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600_000;

releaseHeld();

let client: Client;
beforeEach(async () => {
  ({ client } = await mintTenant());
});
afterEach(() => void vi.useRealTimers());

/** Moves the clock on, for the worker too. */
function wait(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

/** Time is up after every chunk that is planned. */
const slowD1 = (): D1Database =>
  interceptedD1(async (call, run) => {
    if (call.statements.some(({ text }) => text.includes("FROM json_each(?2) r CROSS JOIN aliases"))) wait(21_000);
    return run();
  });

/** A plan of which one chunk is planned; the rest waits for its message. */
async function heldPlan(csv: string): Promise<{ plan: Plan; message: { unit: number; job_id: string } }> {
  const file_id = await preview(client, csv);
  const queue = heldQueue();
  const bindings = { DB: slowD1(), IMPORT_QUEUE: queue.IMPORT_QUEUE };
  const answer = await client.post("/leads/import/plan", { file_id, ...CONTACTS_MAPPING }, { bindings });
  expect(answer.status).toBe(202);
  const [message] = queue.sent;
  if (!message) throw new Error("the plan sent no message");
  return { plan: await answer.json<Plan>(), message };
}

async function expectWhole(planId: string, message?: { unit: number; job_id: string }): Promise<void> {
  const plan = await getPlan(client, planId);
  expect(plan).toMatchObject({ status: "completed", planned_rows: ROWS + 500, counts: { created: ROWS, changed: 0, unchanged: 500 } });
  const rows = await allRows(client, planId);
  expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: ROWS + 500 }, (_, at) => at + 2));
  expect(new Set(rows.slice(0, ROWS).map(({ lead_id }) => lead_id)).size).toBe(ROWS);
  expect(rows.slice(ROWS).map(({ lead_id }) => lead_id)).toEqual(rows.slice(0, 500).map(({ lead_id }) => lead_id));
  if (message) await deliver(message);
}

/** The first 500 rows come again at the end: what they are depends on an earlier chunk. */
const CSV = contactsCsv(ROWS) + contactsCsv(500).slice("Email,First Name,Phone\n".length);

describe("a plan that takes longer than its request", () => {
  it("goes on in the queue, slice by slice, each from what the ones before have planned", async () => {
    const { plan, message } = await heldPlan(CSV);
    expect(plan).toMatchObject({ status: "in_progress", planned_rows: 1000, total_rows: ROWS + 500 });
    await readProblem(await client.post("/leads/import/start", { plan_id: plan.plan_id }), 409);
    expect(await deliverAll(message, { DB: slowD1() })).toBe(2);
    await expectWhole(plan.plan_id);
  });

  it("is whole when every message comes twice, at the same time or later", async () => {
    const { plan, message } = await heldPlan(CSV);
    await Promise.all([deliver(message), deliver(message)]);
    await expectWhole(plan.plan_id, message);
    await expectWhole(plan.plan_id);
  });

  it("is nudged by the sweep when its message is lost or its run dies", async () => {
    const { plan } = await heldPlan(CSV);
    wait(2 * MINUTE_MS);
    const dying = interceptedD1((call, run) => (call.statements.some(({ text }) => text.includes("planned_chunks = ?5")) ? held() : run()));
    const [nudge] = await cronTick("* * * * *");
    expect(nudge).toMatchObject({ plan_id: plan.plan_id });
    void deliver(nudge, { DB: dying });
    await vi.waitFor(async () => expect(await runAt(plan.plan_id)).toBeGreaterThan(0));
    expect(await cronTick("* * * * *")).toEqual([]);
    wait(2 * MINUTE_MS);
    const [again] = await cronTick("* * * * *");
    await deliver(again);
    await expectWhole(plan.plan_id);
  });
});

const runAt = async (planId: string): Promise<number> =>
  Number(await env.DB.prepare("SELECT run_at FROM import_plans WHERE plan_id = ?1").bind(planId).first("run_at"));

it("a row whose lead changes after the start fails by name, and every other row is written as planned", async () => {
  await importCsv(client, contactsCsv(1500), CONTACTS_MAPPING);
  const plan = await planCsv(client, contactsCsv(1500, { name: (n) => `New ${n}` }), CONTACTS_MAPPING);
  const queue = heldQueue();
  await client.post("/leads/import/start", { plan_id: plan.plan_id }, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
  const [message] = queue.sent;
  if (!message) throw new Error("starting sent no message");
  const changed = { alias_value: emailOf(1200), attributes: { first_name: "Later" } };
  const DB = interceptedD1(async (call, run) => {
    // between the load and the commit of the last chunk: its guard holds it back, and the row is refused then
    if (call.chunk === 1 && (await nameOf(1200)) !== "Later") {
      expect((await client.patch("/lead/by-alias/metadata", changed)).status).toBe(200);
    }
    return run();
  });
  await deliver(message, { DB });
  const job = await getJob(client, message.job_id);
  expect(job).toMatchObject({ status: "completed", changed_count: 1499, failed_count: 1 });
  expect(job.errors).toMatchObject([{ row: 1202, error: "The lead has changed since the plan" }]);
  expect([await nameOf(1200), await nameOf(1201)]).toEqual(["Later", "New 1201"]);
});

async function nameOf(n: number): Promise<unknown> {
  const lead = await (await client.get(`/lead/by-alias?kind=email&value=${emailOf(n)}`)).json<{ metadata: { first_name: string } }>();
  return lead.metadata.first_name;
}

it("a plan and its objects are gone after 24 hours, but not under a job that carries it out", async () => {
  const csv = contactsCsv(10);
  const [kept, gone] = [await planCsv(client, csv, CONTACTS_MAPPING), await planCsv(client, csv, CONTACTS_MAPPING)];
  const queue = heldQueue();
  await client.post("/leads/import/start", { plan_id: kept.plan_id }, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
  const unit = queue.sent[0]?.unit ?? 0;
  const objects = async (planId: string) => (await env.FILES.list({ prefix: `imports/${unit}/${planId}/` })).objects.length;
  expect([await objects(kept.plan_id), await objects(gone.plan_id)]).toEqual([1, 1]);
  // whoever has just seen it expire still finds its file
  wait(DAY_MS + 11 * MINUTE_MS);
  await cronTick("*/10 * * * *");
  expect([await objects(kept.plan_id), await objects(gone.plan_id)]).toEqual([1, 0]);
  await readProblem(await client.get(`/leads/import/plans/${gone.plan_id}`), 404);
  for (const message of queue.sent) await deliverAll(message);
  await cronTick("*/10 * * * *");
  expect(await objects(kept.plan_id)).toBe(0);
});

it("a plan respects the quota of leads: rows beyond it fail in the plan as in the import", async () => {
  const { client: limited, organization_id } = await mintTenant();
  await env.DB.prepare("UPDATE org_units SET limits = json_object('leads', 5) WHERE organization_id = ?1").bind(organization_id).run();
  const plan = await planCsv(limited, contactsCsv(8), CONTACTS_MAPPING);
  expect(plan.counts).toMatchObject({ created: 5, failed: 3 });
  const answer = await limited.post("/leads/import/start", { plan_id: plan.plan_id });
  const { job_id } = await answer.json<{ job_id: string }>();
  await vi.waitFor(async () => expect((await getJob(limited, job_id)).status).toBe("completed"), { timeout: 10_000 });
  const job = await getJob(limited, job_id);
  expect(job).toMatchObject({ created_count: 5, failed_count: 3 });
  expect(job.errors.map(({ row, error }) => [row, error])).toEqual(
    plan.rows.filter(({ outcome }) => outcome === "failed").map(({ row, error }) => [row, error]),
  );
});
