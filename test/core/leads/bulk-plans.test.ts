/** Planned changes of many leads: what they cost, and that no trace of an erased person stays in one. */
import { beforeAll, expect, it } from "vitest";
import { commitBulkPlan, planBulk } from "../../../src/core/bulk";
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
