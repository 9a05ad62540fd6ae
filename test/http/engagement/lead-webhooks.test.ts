/** Channels that opt in are notified of each change of a lead: once, in the order of the commits, and without delaying anybody else. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { notifyOfChanges } from "../../../src/core/notifications";
import { openSystem } from "../../../src/open-context";
import { mintChannel, mintPartner } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { type DeliveryMessage, getDelivery, HOOK, heldDeliveries, nudge, receiver, tick, wait } from "../../support/deliveries";
import { asEmail, ingest, rowsOf } from "../../support/events";
import { importCsv } from "../../support/imports";
import { merge } from "../../support/merges";
import { type Client, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem, request } from "../../support/worker";
import { mintWorkspace } from "../../support/workspace";

type Change = { id: string; type: string; lead_id: string; keys: string[]; source: object; at: string };
type Row = { delivery_id: string; channel_id: string; event_type: string; payload: string; status: string };

/** Whoever changes leads nudges nobody: the test notifies by hand. */
const NO_LANES = { UNIT_LANES: { getByName: () => ({ followChanges: async () => {} }) } as unknown as Env["UNIT_LANES"] };
/** Of a test that looks at what arrives: deliveries of earlier tests may arrive meanwhile. */
const OWN = "https://hooks.example.com/own";
const isOwn = ({ url }: { url: string }): boolean => url === OWN;
const ALL = ["lead.created", "lead.changed", "lead.merged"];

let tenant: Tenant;
let client: Client;
let unit: number;
beforeEach(async () => {
  vi.useRealTimers();
  receiver();
  tenant = await mintTenant();
  ({ client } = tenant);
  unit = await unitKeyOf(tenant);
});

async function subscribe(events: string[], url = HOOK): Promise<string> {
  const answer = await client.post("/notification-channels", { name: "CRM", type: "webhook", config: { url }, events });
  const channel = await answer.json<{ id: string; events: string[] }>();
  expect([answer.status, channel.events]).toEqual([201, events]);
  return channel.id;
}

const put = async (leads: object[], by = client) => {
  const answer = await by.post("/leads/batch", { leads }, { bindings: NO_LANES });
  expect(answer.status, await answer.clone().text()).toBe(200);
};
const emails = (count: number) => Array.from({ length: count }, (_, at) => ({ email: `l${at}@example.com`, metadata: { n: at } }));
const changes = async () => (await (await client.get("/changes?limit=1000")).json<{ changes: Change[] }>()).changes;
const deliveries = () => rowsOf<Row>(unit, "deliveries");
const named = async () => (await deliveries()).map(({ event_type }) => event_type).toSorted();
const dataOf = ({ payload }: Row) => (JSON.parse(payload) as { data: Change }).data;

/** As the unit's lane does it; returns the messages of the deliveries. */
async function follow(bindings: Partial<Env> = {}): Promise<DeliveryMessage[]> {
  const queue = heldDeliveries();
  const ctx = await openSystem({ ...env, DELIVERY_QUEUE: queue.DELIVERY_QUEUE, ...bindings }, unit, "req_test");
  await notifyOfChanges(ctx, () => true);
  return queue.sent;
}

describe("opting in", () => {
  it("refuses an event that does not exist, and names those that do", async () => {
    const sent = { name: "CRM", type: "webhook", config: { url: HOOK }, events: ["lead.created", "lead.renamed"] };
    const problem = await readProblem(await client.post("/notification-channels", sent), 400);
    expect(problem.errors?.[0]).toMatchObject({ path: "events.1", message: expect.stringContaining("lead.merged") });
  });

  it("counts from then on, until it is taken back or the channel is deleted", async () => {
    await put([{ email: "before@example.com" }]);
    const id = await subscribe(["lead.created"]);
    const other = await subscribe([]);
    await put([{ email: "a@example.com" }]);
    await follow();
    await client.call("PUT", `/notification-channels/${other}`, { json: { events: ["lead.created", "import.completed"] } });
    await client.call("PUT", `/notification-channels/${id}`, { json: { events: [] } });
    await put([{ email: "b@example.com" }]);
    await follow();
    expect((await deliveries()).map(({ channel_id }) => channel_id).toSorted()).toEqual([id, other].toSorted());
    await client.call("DELETE", `/notification-channels/${other}`);
    await put([{ email: "c@example.com" }]);
    await follow();
    expect(await deliveries()).toHaveLength(2);
    expect(await rowsOf(unit, "change_feeds")).toEqual([]);
  });
});

describe("a change of a lead", () => {
  it("is notified by the unit's lane as GET /changes shows it, whatever made it", async () => {
    await subscribe(ALL);
    await client.post("/leads/batch", { leads: [{ email: "a@example.com" }, { email: "b@example.com" }] });
    await ingest(client, asEmail("c@example.com", "Page View"));
    await client.post("/leads/batch", { leads: [{ email: "a@example.com", status: "qualified" }] });
    const [a, b] = (await changes()).map(({ lead_id }) => lead_id);
    await merge(client, a ?? "", [b ?? ""]);
    const shown = (await changes()).filter(({ type }) => ALL.includes(`lead.${type}`));
    expect(shown.map(({ type }) => type)).toEqual(["created", "created", "created", "changed", "merged", "merged"]);
    await vi.waitFor(async () => expect(await deliveries()).toHaveLength(shown.length), { timeout: 20_000, interval: 50 });
    const byId = (x: Change, y: Change) => (x.id < y.id ? -1 : 1);
    expect((await deliveries()).map(dataOf).toSorted(byId)).toEqual(shown.toSorted(byId));
  });

  it("is a signed webhook with an id, a type and the names of what was written, and nothing of the person", async () => {
    await subscribe(ALL, OWN);
    await put([{ email: "ada@example.com", metadata: { company: "Analytical" } }]);
    const requests = receiver();
    await nudge(await follow());
    const received = requests.filter(isOwn);
    const [change] = await changes();
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({ type: "lead.created", timestamp: change?.at, data: change });
    expect(change).toMatchObject({
      type: "created",
      keys: expect.arrayContaining(["company", "email"]),
      source: { dialect: "engagement" },
    });
    expect(received[0]?.headers.get("webhook-signature")).toMatch(/^v1,/);
    expect(received[0]?.body).not.toContain("ada@");
  });

  it("is notified once for each channel, whichever runs meet or die after their commit", async () => {
    await subscribe(ALL);
    await subscribe(ALL, "https://hooks.example.com/other");
    await put(emails(250));
    const dying = { DELIVERY_QUEUE: { sendBatch: () => Promise.reject(new Error("died")) } as unknown as Queue };
    await Promise.all([follow(), follow(dying), follow()]);
    await follow();
    expect(await deliveries()).toHaveLength(500);
  });

  it("is found by the sweep if the nudge was lost", async () => {
    await subscribe(ALL);
    await put([{ email: "a@example.com" }]);
    const followed: number[] = [];
    const lane = (name: string) => ({ followChanges: async () => void followed.push(Number(name)) });
    await tick("* * * * *", { UNIT_LANES: { getByName: lane } as unknown as Env["UNIT_LANES"] });
    expect(followed).toContain(unit);
    await follow();
    followed.length = 0;
    await tick("* * * * *", { UNIT_LANES: { getByName: lane } as unknown as Env["UNIT_LANES"] });
    expect(followed).not.toContain(unit);
  });
});

describe("silent writes", () => {
  it("notify nobody: by-alias PATCH, update_lead, lead_external and the workspace's PUT", async () => {
    const workspace = await mintWorkspace({ unit_id: "unit_default" }, tenant);
    const partner = await mintPartner(tenant);
    const channel = await mintChannel(tenant, { no_auth_api: true });
    await put([{ email: "a@example.com" }]);
    const created = await partner("create_lead", { channel_id: channel.channel_id, email: "p@example.com" });
    const { lead } = await created.json<{ lead: { id: string } }>();
    await subscribe(["lead.created", "lead.changed"]);
    const before = (await changes()).length;
    await client.patch("/lead/by-alias/metadata", { alias_value: "a@example.com", attributes: { seat: 1 } });
    await partner("update_lead", { lead_id: lead.id, phone: "+15550100777" });
    const external = { action: "lead_external", channel_id: channel.channel_id, email: "x@example.com" };
    await request("/partner", { method: "POST", body: JSON.stringify(external) });
    const [first] = (await workspace.list()).leads;
    await workspace.put(first?.id ?? "", { name: "Ada" });
    const after = await changes();
    expect(after).toHaveLength(before + 4);
    expect(after.every(({ source }) => !("silent" in source))).toBe(true);
    await follow();
    expect(await named()).toEqual([]);
    await put([{ email: "a@example.com", status: "lost" }]);
    await follow();
    expect(await named()).toEqual(["lead.changed"]);
  });

  it("imports notify lead by lead only with notify: true, and their undo as they did", async () => {
    await subscribe(["lead.created", "lead.deleted"]);
    const mapping = { primary_identifier: { column: "email", kind: "email" } };
    const start = (email: string, more = {}) => importCsv(client, `email,x\n${email},\n`, { ...mapping, ...more });
    const undo = (id: string) => client.post(`/leads/import/jobs/${id}/undo`);
    const quiet = await start("a@example.com");
    const loud = await start("b@example.com", { notify: true });
    await follow();
    expect((await deliveries()).map((row) => dataOf(row).source)).toEqual([{ dialect: "import", import: loud.job_id }]);
    await undo(quiet.job_id);
    await undo(loud.job_id);
    await vi.waitFor(async () => expect((await changes()).filter(({ type }) => type === "deleted")).toHaveLength(2), 20_000);
    await follow();
    expect(await named()).toEqual(["lead.created", "lead.deleted"]);
  });
});

describe("receivers", () => {
  it("get a lead's changes one after the other: one waits for the one before it, other leads do not", async () => {
    await subscribe(ALL, OWN);
    await put([{ email: "a@example.com" }, { email: "b@example.com" }]);
    await put([{ email: "a@example.com", status: "contacted" }]);
    await put([{ email: "a@example.com", status: "qualified" }]);
    const messages = await follow();
    const [a, b] = (await changes()).map(({ lead_id }) => lead_id);
    const refused = receiver(({ body }) => new Response("", { status: body.includes(a ?? "") ? 500 : 200 }));
    await nudge(messages.toReversed());
    const sent = () =>
      refused
        .filter(isOwn)
        .map(({ body }) => (JSON.parse(body) as { data: Change }).data)
        .map(({ lead_id, type }) => [lead_id, type]);
    expect(sent().toSorted()).toEqual(
      [
        [a, "created"],
        [b, "created"],
      ].toSorted(),
    );
    const accepted = receiver();
    wait(10_000);
    const first = messages.filter(({ delivery_id }) => refused.some(({ headers }) => headers.get("webhook-id") === delivery_id));
    let { sent: next } = await nudge(first);
    while (next.length > 0) ({ sent: next } = await nudge(next));
    const bodies = accepted.filter(isOwn).map(({ body }) => (JSON.parse(body) as { data: Change }).data);
    expect(bodies.map(({ lead_id, type, keys }) => [lead_id, type, keys.includes("status")])).toEqual([
      [a, "created", expect.any(Boolean)],
      [a, "changed", true],
      [a, "changed", true],
    ]);
    expect(bodies.map(({ id }) => id)).toEqual((await changes()).filter(({ lead_id }) => lead_id === a).map(({ id }) => id));
    expect((await getDelivery(client, first[0] ?? { delivery_id: "" })).status).toBe("delivered");
  });

  it("that are away hold back nobody else: what they have pending is bounded, the rest waits in the log", async () => {
    const [dead, alive] = [await subscribe(ALL), await subscribe(ALL, "https://hooks.example.com/alive")];
    await put(emails(1_000));
    await put(emails(1_000).map(({ email }) => ({ email, status: "lost" })));
    const finish = () =>
      env.DB.prepare("UPDATE deliveries SET status = 'delivered', finished_at = 1 WHERE unit = ?1 AND channel_id = ?2")
        .bind(unit, alive)
        .run();
    const count = async (id: string) => (await deliveries()).filter(({ channel_id }) => channel_id === id).length;
    await follow();
    expect([await count(dead), await count(alive)]).toEqual([1_000, 1_000]);
    await finish();
    await follow();
    expect([await count(dead), await count(alive)]).toEqual([1_000, 2_000]);
  });
});

describe("the cost", () => {
  it("of a write is the same round trips and rows, whether or not channels subscribe", async () => {
    const cost = async (email: string) => {
      const { DB, count } = countingD1();
      expect((await client.post("/leads", { email }, { bindings: { DB, ...NO_LANES } })).status).toBeLessThan(300);
      return [count.trips, count.rowsWritten];
    };
    await cost("warm@example.com");
    const without = await cost("a@example.com");
    await subscribe(["import.completed"]);
    expect(await cost("b@example.com")).toEqual(without);
    await subscribe(ALL);
    expect(await cost("c@example.com")).toEqual(without);
  });

  it("of 600 changes is two round trips for each 200, and five rows a delivery", async () => {
    await subscribe(ALL);
    await put(emails(600));
    const { DB, count } = countingD1();
    await follow({ DB });
    const own = count.statements.filter((text) => !text.includes("org_units"));
    expect(own.filter((text) => text.startsWith("INSERT INTO deliveries"))).toHaveLength(3);
    expect(count.trips - (count.statements.length - own.length)).toBe(3 * 2 + 4);
    expect(count.rowsWritten).toBe(600 * 5 + 3);
    expect(await deliveries()).toHaveLength(600);
  });

  it("of other events of a channel is no delivery, and the log is read once", async () => {
    await subscribe(["lead.merged"]);
    await put(emails(300));
    await follow();
    const { DB, count } = countingD1();
    await follow({ DB });
    expect(await deliveries()).toEqual([]);
    expect(count.statements.filter((text) => text.includes("json_each(c.changes)"))).toEqual([]);
  });
});
