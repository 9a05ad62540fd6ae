/** Partner calls with an Idempotency-Key: a lead is created, a status changed and a purchase paid for once, whatever is sent again. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { type Channel, mintChannel, mintChannelLead, mintScene, type Scene } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { age, beforeCommit, expectReplay, keyed, moveAnswer, newKey, replyOf, storedFor } from "../../support/retries";
import { bearerClient, clientWith, mintCredential, mintTenant } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

const operator = bearerClient("test-admin-token");
const HOUR_MS = 3_600_000;
const PATH = "/partner";

/** Calls with a key of their own, by a partner of the scene. */
async function callerOf({ organization_id }: { organization_id: string }) {
  const client = clientWith({ "X-Api-Key": (await mintCredential(organization_id, { kind: "partner_key" })).api_key });
  return (key: string | null, action: string, fields: Record<string, unknown>, bindings: Partial<Env> = {}) =>
    client.post(PATH, { action, ...fields }, { ...(key === null ? {} : keyed(key)), bindings });
}

async function rewardsOf({ channel_id }: Pick<Channel, "channel_id">) {
  const answer = await operator.get(`/admin/channels/${channel_id}/reward-events`);
  return (await answer.json<{ reward_events: { amount: number; kind: string }[] }>()).reward_events;
}

const rowsOf = async ({ tenant }: Scene, table: string) =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`)
    .bind(await unitKeyOf(tenant))
    .first<number>("n");

async function payingScene() {
  const scene = await mintScene();
  const { channel_id } = scene.channel;
  for (const trigger of [
    { kind: "purchase", amount_type: "percentage", amount: 10 },
    { kind: "new_lead", amount_type: "fixed", amount: 3 },
    { kind: "status_change", amount_type: "fixed", amount: 5 },
  ]) {
    expect((await operator.post(`/admin/channels/${channel_id}/reward-triggers`, trigger)).status).toBe(201);
  }
  return { scene, call: await callerOf(scene.tenant) };
}

let scene: Scene;
let call: Awaited<ReturnType<typeof callerOf>>;
beforeAll(async () => {
  ({ scene, call } = await payingScene());
});

describe("a purchase", () => {
  const purchase = (lead_id: string) => ({ lead_id, purchase_amount: 100, product_name: "Plan" });

  it("sent twice with one key pays one reward; without a key, or with two, it pays two", async () => {
    const own = await payingScene();
    const lead = await mintChannelLead(own.scene);
    const key = newKey();
    await expectReplay(200, () => own.call(key, "create_purchase", purchase(lead.id)));
    const paid = async () => (await rewardsOf(own.scene.channel)).filter(({ kind }) => kind === "purchase").length;
    expect([await paid(), await rowsOf(own.scene, "purchases"), await rowsOf(own.scene, "channel_events")]).toEqual([1, 1, 1]);
    await own.call(newKey(), "create_purchase", purchase(lead.id));
    await own.call(null, "create_purchase", purchase(lead.id));
    expect(await paid()).toBe(3);
  });

  it("sent twenty times at once pays one reward", async () => {
    const own = await payingScene();
    const lead = await mintChannelLead(own.scene);
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => own.call(key, "create_purchase", purchase(lead.id))));
    for (const answer of answers) expect([200, 409]).toContain(answer.status);
    expect(await rowsOf(own.scene, "purchases")).toBe(1);
    expect(await rewardsOf(own.scene.channel)).toHaveLength(2);
    const early = answers.find(({ status }) => status === 409);
    expect([early?.headers.get("Retry-After"), Object.keys(await (early as Response).json())]).toEqual(["1", ["error"]]);
  });

  it("that another isolate commits first is not paid again: its answer is returned", async () => {
    const own = await payingScene();
    const lead = await mintChannelLead(own.scene);
    const [key, twin] = [newKey(), newKey()];
    const other = beforeCommit(async () => {
      expect((await own.call(twin, "create_purchase", purchase(lead.id))).status).toBe(200);
      await moveAnswer(twin, key);
    });
    expect(await replyOf(own.call(key, "create_purchase", purchase(lead.id), other))).toMatchObject({ status: 200, replayed: true });
    expect(await rowsOf(own.scene, "purchases")).toBe(1);
  });

  it("costs one written row and one round trip more with a key", async () => {
    const lead = await mintChannelLead(scene);
    const cost = async (key: string | null) => {
      const { DB, count } = countingD1();
      expect((await call(key, "create_purchase", purchase(lead.id), { DB })).status).toBe(200);
      return [count.trips, count.rowsWritten];
    };
    await cost(null);
    const [trips = 0, written = 0] = await cost(null);
    expect(await cost(newKey())).toEqual([trips + 1, written + 1]);
  });
});

describe("a lead and its status", () => {
  it("create_lead creates one lead, with one reward", async () => {
    const own = await payingScene();
    const fields = { channel_id: own.scene.channel.channel_id, email: "a@example.com", first_name: "Ann" };
    const key = newKey();
    const { lead } = await expectReplay<{ lead: object }>(200, () => own.call(key, "create_lead", fields));
    expect(lead).toMatchObject({ email: "a@example.com", first_name: "Ann" });
    expect([await rowsOf(own.scene, "leads"), (await rewardsOf(own.scene.channel)).length]).toEqual([1, 1]);
  });

  it.each(["update_status", "update_status_id"])("%s returns the first answer, also when the lead has moved on", async (action) => {
    const own = await payingScene();
    const lead = await mintChannelLead(own.scene);
    const won = own.scene.channel.lead_status.find(({ status }) => status === "Won");
    const fields = { lead_id: lead.id, ...(action === "update_status" ? { status: "Won" } : { status_id: won?.id }) };
    const key = newKey();
    const { lead: moved } = await expectReplay<{ lead: object }>(200, () => own.call(key, action, fields));
    expect(moved).toMatchObject({ status: "Won" });
    await own.call(null, "update_status", { lead_id: lead.id, status: "Qualified" });
    expect(await replyOf(own.call(key, action, fields))).toMatchObject({ status: 200, replayed: true });
    expect((await rewardsOf(own.scene.channel)).filter(({ kind }) => kind === "status_change")).toHaveLength(2);
  });

  it("a change to the status that the lead has is answered once, too", async () => {
    const lead = await mintChannelLead(scene);
    const key = newKey();
    await expectReplay(200, () => call(key, "update_status", { lead_id: lead.id, status: "New lead" }));
    expect(await storedFor(key)).toHaveLength(1);
  });

  it("a refusal of the verb is replayed; one of the body's schema is not kept", async () => {
    const { id: lead_id } = await mintChannelLead(scene);
    const key = newKey();
    expect((await call(key, "update_status", { lead_id })).status).toBe(400);
    expect(await storedFor(key)).toEqual([]);
    const error = await expectReplay<object>(404, () => call(key, "update_status", { lead_id, status: "Nowhere" }));
    expect(error).toEqual({ error: 'Status "Nowhere" not found for this channel' });
    const properties = [{ property_definitions_id: crypto.randomUUID(), value: "x" }];
    const refused = await expectReplay<object>(400, () =>
      call(newKeyOf("properties"), "create_lead", { channel_id: scene.channel.channel_id, properties }),
    );
    expect(refused).toMatchObject({ error: "Invalid properties", invalid: [{ index: 0 }] });
  });

  const named = new Map<string, string>();
  function newKeyOf(name: string): string {
    const key = named.get(name) ?? newKey();
    named.set(name, key);
    return key;
  }
});

describe("the key", () => {
  it("with another body or action is a 422, malformed a 400, both in the dialect's shape", async () => {
    const lead = await mintChannelLead(scene);
    const key = newKey();
    await call(key, "create_purchase", { lead_id: lead.id, purchase_amount: 1 });
    const other = await call(key, "create_purchase", { lead_id: lead.id, purchase_amount: 2 });
    expect([other.status, await other.json()]).toEqual([422, { error: expect.stringContaining("another request") }]);
    expect((await call(key, "update_status", { lead_id: lead.id, status: "Won" })).status).toBe(422);
    const malformed = await call("a b", "create_purchase", { lead_id: lead.id });
    expect([malformed.status, await malformed.json()]).toEqual([400, { error: expect.stringContaining("Idempotency-Key") }]);
  });

  it("is another one for another tenant and for another key of the same tenant", async () => {
    const key = newKey();
    const tenant = await mintTenant();
    const channel = await mintChannel(tenant);
    const callers = [call, await callerOf(scene.tenant)] as const;
    for (const caller of callers) {
      const fields = { channel_id: scene.channel.channel_id };
      expect(await replyOf(caller(key, "create_lead", fields))).toMatchObject({ status: 200, replayed: false });
    }
    const foreign = await callerOf(tenant);
    expect(await replyOf(foreign(key, "create_lead", { channel_id: channel.channel_id }))).toMatchObject({ status: 200, replayed: false });
    expect((await foreign(key, "create_lead", { channel_id: scene.channel.channel_id })).status).toBe(403);
  });

  it("is free again after 48 hours", async () => {
    const key = newKey();
    const fields = { channel_id: scene.channel.channel_id, first_name: "Old" };
    await call(key, "create_lead", fields);
    await age(key, 48 * HOUR_MS);
    expect(await replyOf(call(key, "create_lead", { ...fields, first_name: "New" }))).toMatchObject({ status: 200, replayed: false });
  });
});

describe("lead_external", () => {
  it("creates one lead for each key of the channel; the preflight allows the header and pages may read the reply's", async () => {
    const own = await mintScene({ no_auth_api: true });
    const anybody = clientWith({ "CF-Connecting-IP": "203.0.113.77", Origin: "https://form.example.com" });
    const body = { action: "lead_external", channel_id: own.channel.channel_id, email: "form@example.com" };
    const key = newKey();
    await expectReplay(200, () => anybody.post(PATH, body, keyed(key)));
    const byPublicId = await anybody.post(PATH, { ...body, channel_id: own.channel.public_id }, keyed(key));
    expect(byPublicId.status).toBe(422);
    expect(await rowsOf(own, "leads")).toBe(1);
    expect(await storedFor(key)).toMatchObject([{ scope: own.channel.channel_id }]);
    const replayed = await anybody.post(PATH, body, keyed(key));
    expect(replayed.headers.get("Access-Control-Expose-Headers")).toContain("Idempotency-Replayed");
    const preflight = await anybody.call("OPTIONS", PATH, { headers: { "Access-Control-Request-Headers": "idempotency-key" } });
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toMatch(/Idempotency-Key/);
  });
});
