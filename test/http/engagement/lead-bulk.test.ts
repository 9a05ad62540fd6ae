/** PATCH and DELETE /leads/bulk: jobs over many leads, counted first, committed once, undone. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { deliver, deliverAll, heldQueue, interceptedD1 } from "../../support/imports";
import { type Client, mintLead, mintTenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type Job = {
  job_id: string;
  status: string;
  total: number | null;
  processed: number;
  changed_count: number;
  deleted_count: number;
  unchanged_count: number;
};
type Undone = Job & { undo: { status: string; restored_count: number } };
type Message = { unit: number; job_id: string };

let client: Client;
const body = async <Body>(answer: Response, status: number) => {
  expect(answer.status, await answer.clone().text()).toBe(status);
  return answer.json<Body>();
};
const job = async (id: string) => body<Job>(await client.get(`/leads/bulk/jobs/${id}`), 200);
/** Creates a job and runs it to its end. */
async function run(method: "PATCH" | "DELETE", json: object): Promise<Job> {
  const held = heldQueue();
  const { job_id } = await body<Job>(
    await client.call(method, "/leads/bulk", { json, bindings: { IMPORT_QUEUE: held.IMPORT_QUEUE } }),
    202,
  );
  await deliverAll(held.sent[0] as Message);
  return job(job_id);
}
const lead = async (n: number) =>
  (await client.get(`/lead/by-alias?value=bulk${n}@x.example`)).json<{ lead_id: string; metadata: Record<string, unknown> }>();
const total = async (query: string) => (await (await client.get(`/leads?count=true&${query}`)).json<{ total: number }>()).total;

beforeAll(async () => {
  ({ client } = await mintTenant());
  const leads = Array.from({ length: 620 }, (_, n) => ({
    email: `bulk${n}@x.example`,
    metadata: { n, place: { city: "Oslo", zip: 1 } },
    owner_id: n < 600 ? "u_1" : "u_2",
  }));
  await client.post("/leads/batch", { leads });
});

describe("a bulk change", () => {
  it("is counted first, changes each lead once, and is undone", async () => {
    const wanted = {
      filter: { owner_id: "u_1" },
      changes: { status: "lost", owner_id: "u_3", metadata: { place: { city: "Rome" }, n: null } },
    };
    expect(await body(await client.patch("/leads/bulk?dry_run=true", wanted), 200)).toEqual({ dry_run: true, total: 600 });
    expect(await body(await client.patch("/leads/bulk", { ...wanted, dry_run: true }), 200)).toEqual({ dry_run: true, total: 600 });
    expect(await total("owner_id=u_3")).toBe(0);
    const before = await lead(7);
    const done = await run("PATCH", wanted);
    expect(done).toMatchObject({ status: "completed", total: 600, processed: 600, changed_count: 600, unchanged_count: 0 });
    expect([await total("status=lost"), await total("status=new"), await total("owner_id=u_3")]).toEqual([600, 20, 600]);
    expect((await lead(7)).metadata).toEqual({ place: { city: "Rome" } });
    await client.patch(`/lead/${before.lead_id}/metadata`, { place: "mine" });
    const preview = await body<Undone>(await client.post(`/leads/bulk/jobs/${done.job_id}/undo?dry_run=true`), 200);
    expect(preview.undo.status).toBe("dry_run");
    await body<Undone>(await client.post(`/leads/bulk/jobs/${done.job_id}/undo`), 202);
    await expect
      .poll(async () => (await body<Undone>(await client.post(`/leads/bulk/jobs/${done.job_id}/undo`), 202)).undo.status, {
        timeout: 20_000,
      })
      .toBe("completed");
    expect([await total("status=new"), await total("owner_id=u_1")]).toEqual([620, 600]);
    expect((await lead(8)).metadata).toEqual({ n: 8, place: { city: "Oslo", zip: 1 } });
    expect((await lead(7)).metadata).toEqual({ n: 7, place: "mine" });
  });

  it("that is delivered again, or at once twice, commits every slice once", async () => {
    const held = heldQueue();
    const json = { filter: { owner_id: "u_1" }, changes: { metadata: { seen: true } } };
    const { job_id } = await body<Job>(
      await client.call("PATCH", "/leads/bulk", { json, bindings: { IMPORT_QUEUE: held.IMPORT_QUEUE } }),
      202,
    );
    await Promise.all([deliver(held.sent[0]), deliver(held.sent[0])]);
    await deliverAll(held.sent[0] as Message);
    expect(await job(job_id)).toMatchObject({ status: "completed", processed: 600, changed_count: 600 });
    const { DB, count } = countingD1();
    await deliver(held.sent[0], { DB });
    expect(count.rowsWritten).toBe(0);
    const again = await run("PATCH", json);
    expect(again).toMatchObject({ changed_count: 0, unchanged_count: 600 });
    expect((await body<Undone>(await client.post(`/leads/bulk/jobs/${again.job_id}/undo`), 202)).undo).toMatchObject({ restored_count: 0 });
  });

  it("goes by ids in any form, and passes over those that no lead has", async () => {
    const { lead_id } = await lead(601);
    const changed = await run("PATCH", {
      ids: [lead_id, lead_id.replace("ld_", ""), "ld_none", "ld_00000000000000000000000000000000"],
      changes: { owner_id: null },
    });
    expect(changed).toMatchObject({ total: 1, processed: 2, changed_count: 1, unchanged_count: 1 });
  });

  it.each([
    [{ changes: { status: "lost" } }, "ids"],
    [{ ids: ["x"], filter: { q: "x" }, changes: { status: "lost" } }, "ids"],
    [{ filter: {}, changes: { status: "lost" } }, "criterion"],
    [{ filter: { shoe: 5 }, changes: { status: "lost" } }, "shoe"],
    [{ ids: ["x"], changes: {} }, "changes"],
    [{ ids: ["x"] }, "changes"],
    [{ ids: ["x"], changes: { status: "gone" } }, "status"],
    [{ ids: ["x"], changes: { metadata: { "a/b": 1 } } }, "a/b"],
    [{ ids: ["x"], changes: { account_id: "acct_none" } }, "account_id"],
  ])("%j is a 400 that names it", async (json, named) => {
    expect((await readProblem(await client.patch("/leads/bulk", json), 400)).detail).toContain(named);
  });
});

describe("a bulk deletion", () => {
  it("is counted first, deletes slice by slice, and can be undone", async () => {
    const wanted = { filter: { owner_id: "u_2" } };
    expect(await body(await client.call("DELETE", "/leads/bulk", { json: { ...wanted, dry_run: true } }), 200)).toMatchObject({
      dry_run: true,
    });
    const before = await total("status=new");
    const done = await run("DELETE", { ids: await Promise.all([610, 611, 612].map(async (n) => (await lead(n)).lead_id)) });
    expect(done).toMatchObject({ status: "completed", processed: 3, deleted_count: 3, changed_count: 0 });
    expect(await total("status=new")).toBe(before - 3);
    await readProblem(await client.get("/lead/by-alias?value=bulk611@x.example"), 404);
    expect((await client.post(`/leads/bulk/jobs/${done.job_id}/undo?dry_run=true`)).status).toBe(200);
    await readProblem(await client.get("/leads/bulk/jobs/bulk_none"), 404);
    const rest = await run("DELETE", { filter: { q: "bulk60" } });
    expect(rest).toMatchObject({ status: "completed", deleted_count: 11 });
  });

  const mintDeletion = async () => {
    const tenant = await mintTenant();
    const own = tenant.client;
    const ids = [await mintLead(own, { email: "a@x.example" }), await mintLead(own, { email: "b@x.example" })];
    const held = heldQueue();
    const { job_id } = await body<Job>(
      await own.call("DELETE", "/leads/bulk", { json: { ids }, bindings: { IMPORT_QUEUE: held.IMPORT_QUEUE } }),
      202,
    );
    const read = async () => body<Job>(await own.get(`/leads/bulk/jobs/${job_id}`), 200);
    return { tenant, own, ids, read, message: held.sent[0] as Message };
  };

  it("deletes the others when somebody deletes one of its leads meanwhile, without waiting for the cron", async () => {
    const { own, ids, read, message } = await mintDeletion();
    let meanwhile = 0;
    const DB = interceptedD1(async ({ statements }, go) => {
      if (statements.some(({ text }) => text.startsWith("UPDATE bulk_jobs")) && meanwhile++ === 0)
        expect((await own.call("DELETE", `/lead/${ids[0]}`)).status).toBeLessThan(300);
      return go();
    });
    expect(await deliverAll(message, { DB })).toBe(2);
    expect(await read()).toMatchObject({ status: "completed", processed: 2, deleted_count: 1 });
    await readProblem(await own.get(`/lead/${ids[1]}`), 404);
  });

  it("waits for the cron, and sends itself no message, while events of one of its leads are moving", async () => {
    const { tenant, ids, read, message } = await mintDeletion();
    await env.DB.prepare(
      `INSERT INTO merges (unit, merge_id, target_id, source_ids, status, merged_at, merged_by, events_total, events_moved, run_at)
       VALUES (?1, 'mrg_test', ?2, '[]', 'running', 1, 'test', 1, 0, 1)`,
    )
      .bind(await unitKeyOf(tenant), ids[0]?.slice(3))
      .run();
    expect(await deliverAll(message)).toBe(1);
    expect(await read()).toMatchObject({ status: "queued", deleted_count: 0 });
    await env.DB.prepare("UPDATE merges SET status = 'done' WHERE merge_id = 'mrg_test'").run();
    await deliverAll(message);
    expect(await read()).toMatchObject({ status: "completed", deleted_count: 2 });
  });
});

it.each([{}, { sort: "-created_at" }, { q: "" }, { q: "  " }, { q: " ", sort: "name" }])(
  "a filter that narrows nothing, %j, is refused: it would mean every lead",
  async (filter) => {
    const before = await total("limit=1");
    for (const json of [{ filter }, { filter, dry_run: true }])
      await readProblem(await client.call("DELETE", "/leads/bulk", { json }), 400);
    await readProblem(await client.call("PATCH", "/leads/bulk", { json: { filter, changes: { status: "lost" } } }), 400);
    expect(await total("limit=1")).toBe(before);
  },
);
