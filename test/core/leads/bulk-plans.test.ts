/** Planned changes of many leads: whom a commit changes, what it costs, and that no trace of an erased person stays in a plan. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { commitBulkPlan, planBulk, requireBulkJob, runBulk } from "../../../src/core/bulk";
import { openSystem } from "../../../src/open-context";
import { unitKeyOf } from "../../support/context";
import { rowsOf } from "../../support/events";
import { heldQueue } from "../../support/imports";
import { mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, envWith } from "../../support/worker";

let tenant: Tenant;
let unit: number;
beforeAll(async () => {
  tenant = await mintTenant();
  unit = await unitKeyOf(tenant);
  await tenant.client.post("/leads/batch", { leads: Array.from({ length: 50 }, (_, n) => ({ email: `p${n}@x.example` })) });
});

it("a plan of a page of leads costs three round trips and one written row, its commit four and three", async () => {
  const { DB, count } = countingD1();
  const ctx = await openSystem(envWith({ DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE }), unit, "req_test");
  const wanted = { filter: { status: "new" }, change: { status: "lost" } } as const;
  const before = { ...count };
  const { plan_id, matched, changed } = await planBulk(ctx, wanted);
  expect([matched, changed]).toEqual([50, 50]);
  expect([count.trips - before.trips, count.rowsWritten - before.rowsWritten]).toEqual([3, 1]);
  const planned = { ...count };
  await commitBulkPlan(ctx, plan_id);
  expect([count.trips - planned.trips, count.rowsWritten - planned.rowsWritten]).toEqual([4, 3]);
});

it("a plan whose filter names an erased person is removed, and the others stay", async () => {
  const { client } = tenant;
  const ctx = await openSystem(envWith({}), unit, "req_test");
  const lead = await mintLead(client, { email: "gone@x.example" });
  const gone = await planBulk(ctx, { filter: { q: "gone@x.example" }, change: { status: "lost" } });
  const stays = await planBulk(ctx, { filter: { q: "p1@x.example" }, change: { status: "lost" } });
  expect((await client.call("POST", `/lead/${lead}/erase`, { json: {} })).status).toBeLessThan(300);
  const left = (await rowsOf<{ plan_id: string }>(unit, "bulk_plans")).map(({ plan_id }) => plan_id);
  expect([left.includes(gone.plan_id), left.includes(stays.plan_id)]).toEqual([false, true]);
});

describe("a commit", () => {
  const held = heldQueue();
  const mintUnitCtx = async (emails: string[]) => {
    const { client, ...its } = await mintTenant();
    await client.post("/leads/batch", { leads: emails.map((email) => ({ email })) });
    const key = await unitKeyOf(its);
    return { key, ctx: await openSystem(envWith({ IMPORT_QUEUE: held.IMPORT_QUEUE }), key, "req_test") };
  };
  const statusesOf = async (key: number) => (await rowsOf<{ status: string }>(key, "leads", "lead_id")).map(({ status }) => status);

  it("changes the leads that matched, and none that comes to match before the job runs", async () => {
    const { ctx, key } = await mintUnitCtx(["a@x.example", "b@x.example"]);
    const setStatus = (status: string, place: number) =>
      env.DB.prepare(
        "UPDATE leads SET status = ?2 WHERE unit = ?1 AND lead_id = (SELECT lead_id FROM leads WHERE unit = ?1 ORDER BY lead_id LIMIT 1 OFFSET ?3)",
      )
        .bind(key, status, place)
        .run();
    await setStatus("contacted", 1);
    const { plan_id } = await planBulk(ctx, { filter: { status: "new" }, change: { status: "lost" } });
    const { job_id, total } = await commitBulkPlan(ctx, plan_id);
    expect(total).toBe(1);
    await setStatus("new", 1);
    expect(await runBulk(ctx, job_id, Number.POSITIVE_INFINITY)).toBe("finished");
    expect(await statusesOf(key)).toEqual(["lost", "new"]);
    expect(await requireBulkJob(ctx, job_id)).toMatchObject({ processed: 1, written: 1 });
  });

  it("of leads with large profiles is carried out in slices of 4 MB", async () => {
    const { ctx, key } = await mintUnitCtx(Array.from({ length: 20 }, (_, n) => `large${n}@x.example`));
    await env.DB.prepare("UPDATE leads SET profile = json_object('text', hex(zeroblob(125000))) WHERE unit = ?1").bind(key).run();
    const { plan_id } = await planBulk(ctx, { filter: { status: "new" }, change: { status: "lost" } });
    const { job_id } = await commitBulkPlan(ctx, plan_id);
    expect(await runBulk(ctx, job_id, Number.POSITIVE_INFINITY)).toBe("finished");
    expect(await rowsOf(key, "bulk_jobs")).toMatchObject([{ total: 20, processed: 20, written: 20, slices: 2 }]);
  });

  it("of a list that is too long to be counted whole is refused, unless drift is accepted", async () => {
    const { ctx, key } = await mintUnitCtx(["one@x.example"]);
    const { results } = await env.DB.prepare("PRAGMA table_info(leads)").all<{ name: string }>();
    const columns = results.map(({ name }) => name);
    await env.DB.prepare(
      `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
       INSERT INTO leads (${columns.join(", ")})
       SELECT ${columns.map((name) => (name === "lead_id" ? "printf('%032x', n.n)" : `l.${name}`)).join(", ")}
       FROM n CROSS JOIN leads l WHERE l.unit = ?1`,
    )
      .bind(key)
      .run();
    const plan = await planBulk(ctx, { filter: { status: "new" }, change: { status: "lost" } });
    expect(plan).toMatchObject({ matched: 10_000, at_least: true });
    await expect(commitBulkPlan(ctx, plan.plan_id)).rejects.toThrow(
      /^The plan is not complete: .* 10000 matching leads\. Narrow the filter/,
    );
    expect(await commitBulkPlan(ctx, plan.plan_id, { accept_drift: true })).toMatchObject({ status: "queued", total: null });
  });
});
