/** Event types that no event has any more leave the unit, and its quota. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { removeUnusedTypes } from "../../../src/core/events";
import { openShards } from "../../../src/open-context";
import { asEmail, ingest, mintUnitTenant, rowsOf } from "../../support/events";
import { setLimits } from "../../support/limits";
import type { Tenant } from "../../support/tenant";

const DAY_MS = 86_400_000;
const [db] = openShards(env);
let tenant: Tenant & { unit: number };
beforeEach(async () => {
  tenant = await mintUnitTenant();
});

/** The sweep of a tick that reaches this unit, so many days from now. */
async function sweep(days: number): Promise<void> {
  if (!db) throw new Error("no database");
  await env.DB.prepare("INSERT OR REPLACE INTO sweep_positions (job, position) VALUES ('event_types', ?1)")
    .bind(`${tenant.unit - 1}`)
    .run();
  await removeUnusedTypes(db, Date.now() + days * DAY_MS);
}

const types = async () => (await rowsOf<{ type_key: string }>(tenant.unit, "event_types")).map(({ type_key }) => type_key).toSorted();

it("30 days after its last lead was deleted; a type that has events and one that is hidden stay", async () => {
  const { client } = tenant;
  await setLimits(tenant, { event_types: 3 });
  await ingest(client, asEmail("a@example.com", "Order 1"), asEmail("a@example.com", "Hidden"), asEmail("b@example.com", "Visit"));
  expect((await client.call("PATCH", "/settings/ou/event-types/Hidden", { json: { hidden: true } })).status).toBe(200);
  const { lead_id } = await (await client.get("/lead/by-alias?value=a@example.com")).json<{ lead_id: string }>();
  expect((await client.call("DELETE", `/lead/${lead_id}`)).status).toBe(200);
  await sweep(29);
  expect(await types()).toEqual(["hidden", "order 1", "visit"]);
  await sweep(31);
  expect(await types()).toEqual(["hidden", "visit"]);
  expect((await rowsOf<{ type_key: string }>(tenant.unit, "event_counts")).map(({ type_key }) => type_key)).toEqual(["visit"]);
  // there is room for another
  await ingest(client, asEmail("b@example.com", "Order 2"));
  expect(await types()).toEqual(["hidden", "order 2", "visit"]);
});
