/** What an org unit has no room for is rejected with its reason or recorded as discarded: never lost, never stored beyond the quota. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { asEmail, deliverEvents, getReceipt, ingest, mintUnitTenant, queueEvents, storedEvents } from "../../support/events";
import { setLimits } from "../../support/limits";
import type { Client, Tenant } from "../../support/tenant";
import { bearerClient, mintCredential } from "../../support/tenant";

let tenant: Tenant & { unit: number };
let client: Client;
beforeEach(async () => {
  tenant = await mintUnitTenant();
  ({ client } = tenant);
});

const person = (n: number, type = "Page View") => asEmail(`p${n}@example.com`, type, { event_id: `e${n}` });
const statuses = async (...numbers: number[]) => Promise.all(numbers.map(async (n) => (await getReceipt(client, `e${n}`)).status));

describe("leads", () => {
  it("events of leads over the quota end in the rejected feed, those of known leads are stored; raised, a replay stores them", async () => {
    await setLimits(tenant, { leads: 2 });
    await ingest(client, person(1), person(2), person(3));
    await ingest(client, asEmail("p1@example.com", "Page View", { event_id: "known" }));
    expect(await statuses(1, 2, 3)).toEqual(["processed", "processed", "rejected"]);
    expect((await getReceipt(client, "e3")).error).toBe("The quota leads of this org unit is used up: at most 2");
    expect(await storedEvents(tenant.unit)).toMatchObject({ leads: 2, events: 3, refused_events: 1 });
    await setLimits(tenant, { leads: 3 });
    await client.post("/ingest/rejected/replay", { event_ids: ["e3"] });
    await expect.poll(() => statuses(3), { timeout: 20_000 }).toEqual(["processed"]);
    expect(await storedEvents(tenant.unit)).toMatchObject({ leads: 3, refused_events: 0 });
  });

  it("of 2N at once, by event and by call, exactly N are created", async () => {
    await setLimits(tenant, { leads: 4 });
    const { api_key } = await mintCredential(tenant.organization_id, { kind: "workspace_key", unit_id: "unit_default" });
    const workspace = bearerClient(api_key);
    const messages = await queueEvents(client, person(1), person(2), person(3), person(4));
    const creations = Array.from({ length: 4 }, (_, n) => workspace.post("/api/v1/leads", { name: "J", email: `w${n}@example.com` }));
    await deliverEvents(messages);
    const created = (await Promise.all(creations)).map(({ status }) => status);
    const stored = (await statuses(1, 2, 3, 4)).filter((status) => status === "processed").length;
    expect(created.filter((status) => status === 201).length + stored).toBe(4);
    expect(created.every((status) => status === 201 || status === 409)).toBe(true);
    expect((await storedEvents(tenant.unit)).leads).toBe(4);
    const refused = await workspace.post("/api/v1/leads", { name: "J", email: "late@example.com" });
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
      409,
      "The quota leads of this org unit is used up: at most 4",
    ]);
  });
});

it("event_types: a type over the quota is rejected with the reason, a known one is stored under any spelling", async () => {
  await setLimits(tenant, { event_types: 2 });
  await ingest(client, person(1, "A"), person(2, "B"), person(3, "C"), person(4, "a"));
  expect(await statuses(1, 2, 3, 4)).toEqual(["processed", "processed", "rejected", "processed"]);
  await ingest(client, person(5, "D"), person(6, "b"));
  expect(await statuses(5, 6)).toEqual(["rejected", "processed"]);
  expect((await getReceipt(client, "e5")).error).toBe("The quota event_types of this org unit is used up: at most 2");
  await setLimits(tenant, { event_types: 3 });
  await ingest(client, person(7, "D"));
  expect(await statuses(7)).toEqual(["processed"]);
});

it("deliveries_per_event: what one event may not send is recorded as discarded, with the reason", async () => {
  await setLimits(tenant, { deliveries_per_event: 2 });
  for (let n = 0; n < 3; n++) {
    const made = await client.post("/surge-triggers", {
      name: `S${n}`,
      event_type: "Page View",
      threshold: 2,
      window_seconds: 60,
      webhook_url: `https://hooks.example.com/${n}`,
    });
    expect(made.status, await made.text()).toBe(201);
  }
  const sent: unknown[] = [];
  const DELIVERY_QUEUE = {
    sendBatch: async (messages: Iterable<unknown>) => void sent.push(...messages),
    send: async (message: unknown) => void sent.push(message),
  } as unknown as Queue;
  const one = asEmail("p@example.com", "Page View", { event_id: "first" });
  const two = asEmail("p@example.com", "Page View", { event_id: "second" });
  await deliverEvents(await queueEvents(client, one, two), { DELIVERY_QUEUE });
  const { results } = await env.DB.prepare(
    "SELECT status, last_error, finished_at IS NULL AS open FROM deliveries WHERE unit = ?1 ORDER BY status",
  )
    .bind(tenant.unit)
    .all();
  const reason = "The quota deliveries_per_event of this org unit is used up: at most 2";
  expect(results).toEqual([
    { status: "discarded", last_error: reason, open: 0 },
    { status: "pending", last_error: null, open: 1 },
    { status: "pending", last_error: null, open: 1 },
  ]);
  expect(sent).toHaveLength(2);
});
