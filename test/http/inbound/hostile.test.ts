/** What is sent to an address by somebody who means harm costs nobody else, reveals nothing and counts once. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { holdDelivery } from "../../../src/core/inbound";
import { takeHeldDeliveries } from "../../../src/cron/take-held-deliveries";
import { openStatementBudget } from "../../../src/statement-budget";
import googleAds from "../../fixtures/inbound/google-ads.json";
import { deliverEvents, mintUnitTenant, rowsOf, storedEvents } from "../../support/events";
import { mintSource, pathOf, payloadsOf, SIGNERS, send, submit } from "../../support/inbound";
import type { Client } from "../../support/tenant";

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("a body", () => {
  it.each([60, 5_000, 100_000])("that is nested %i levels deep is kept with the reason", async (levels) => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const { answer, messages } = await send(source, `{"email": "deep@example.com", "a": ${nested(levels)}}`);
    expect([answer.status, messages]).toEqual([200, []]);
    expect(await answer.json()).toMatchObject({ outcome: "unusable", reason: expect.stringContaining("deeper than 50 levels") });
    const [payload] = await payloadsOf(client, source);
    const replayed = await client.post(`/sources/${source.source_id}/payloads/${payload?.payload_id}/replay`);
    expect(await replayed.json()).toMatchObject({ outcome: "unusable" });
  });

  it("that is nested 40 levels deep is taken", async () => {
    const { client } = await mintUnitTenant();
    const { answer } = await send(await mintSource(client, "generic"), `{"email": "deep@example.com", "a": ${nested(40)}}`);
    expect(await answer.json()).toMatchObject({ outcome: "accepted" });
  });

  it("with very long names has no pointers of that length, and 500 answers at most", async () => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`f${n}`, { v: n }]));
    await send(source, JSON.stringify({ email: "long@example.com", ["k".repeat(100_000)]: many }));
    const [payload] = await payloadsOf(client, source);
    expect(payload).toMatchObject({ outcome: "accepted", fields: [{ pointer: "/email" }] });
    const second = await mintSource(client, "generic");
    await send(second, JSON.stringify({ email: "many@example.com", ...many }));
    expect((await payloadsOf(client, second))[0]?.fields).toHaveLength(500);
  });

  it("of a form with thousands of equal questions keeps 500 answers", async () => {
    const { client, unit } = await mintUnitTenant();
    const email = { label: "Email", type: "INPUT_EMAIL", value: "many@example.com" };
    const fields = [email, ...Array.from({ length: 3_000 }, (_, n) => ({ label: "Q", type: "INPUT_TEXT", value: String(n) }))];
    await submit(await mintSource(client, "tally"), JSON.stringify({ eventId: "e1", eventType: "FORM_RESPONSE", data: { fields } }));
    const [event] = await rowsOf<{ metadata: string }>(unit, "events");
    const answers = Object.keys((JSON.parse(event?.metadata ?? "") as { answers: object }).answers);
    expect([answers.length, answers.at(-1)]).toEqual([500, "Q (499)"]);
  });
});

describe("a sender's secret", () => {
  it("that Google writes into the body is neither stored nor shown, and verified still", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "google_ads", { secret: "google-key-1" });
    const body = JSON.stringify({ ...googleAds, google_key: "google-key-1" });
    await submit(source, body);
    await submit(source, body);
    expect((await send(source, JSON.stringify({ ...googleAds, google_key: "wrong" }))).answer.status).toBe(401);
    expect(await payloadsOf(client, source)).toMatchObject([{ deliveries: 2, payload: { google_key: "********" } }]);
    for (const table of ["inbound_payloads", "events"]) expect(JSON.stringify(await rowsOf(unit, table))).not.toContain("google-key-1");
  });
});

describe("a signed body", () => {
  it("counts once, whatever id it is sent again under; so does an id, whatever the body", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic", { secret: "s" });
    const post = async (body: string, id: string) =>
      submit(source, body, { ...(await SIGNERS.generic?.("s", body, source.url)), "X-Delivery-Id": id });
    await post('{"email":"a@example.com"}', "d-1");
    await post('{"email":"a@example.com"}', "d-2");
    await post('{"email":"a@example.com","n":2}', "d-1");
    expect((await storedEvents(unit)).events).toBe(1);
    await post('{"email":"a@example.com","n":3}', "d-3");
    expect((await storedEvents(unit)).events).toBe(2);
  });
});

describe("deliveries that wait in R2", () => {
  it("of one unit do not keep another's waiting", async () => {
    const units = [await mintUnitTenant(), await mintUnitTenant()].toSorted((a, b) => (String(a.unit) < String(b.unit) ? -1 : 1));
    const hold = async ({ client, unit }: { client: Client; unit: number }, count: number) => {
      const source = await mintSource(client, "generic");
      for (let n = 0; n < count; n++) {
        const body = new Uint8Array(new TextEncoder().encode(JSON.stringify({ email: `held${n}@example.com` })));
        const headers = { "content-type": "application/json" };
        const delivery = { method: "POST", url: source.url, headers, body, received_at: Date.now() };
        await holdDelivery(env.FILES, unit, { token: pathOf(source).slice("/in/".length), delivery });
      }
    };
    await hold(units[0] as (typeof units)[0], 60);
    await hold(units[1] as (typeof units)[0], 1);
    await takeHeldDeliveries(env, openStatementBudget());
    expect((await env.FILES.list({ prefix: `inbound/${units[1]?.unit}/` })).objects).toEqual([]);
  });
});

describe("a replay of what was accepted", () => {
  it("applies the mapping as it is now, once for each replay, and leaves the event and later edits alone", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic", { mapping: { "/q1": "budget", "/q3": "team" } });
    const { messages } = await send(source, JSON.stringify({ email: "r@example.com", q1: "A", q2: "B", q3: "old" }));
    await deliverEvents(messages);
    await client.patch("/lead/by-alias/metadata", { alias_value: "r@example.com", attributes: { team: "edited" } });
    await client.patch(`/sources/${source.source_id}`, { mapping: { "/q2": "budget", "/q1": "plan", "/q3": "team" } });
    const [payload] = await payloadsOf(client, source);
    const replay = async () => {
      const answer = await client.post(`/sources/${source.source_id}/payloads/${payload?.payload_id}/replay`);
      expect(answer.status).toBe(202);
      return answer.json<{ outcome: string; event_ids: string[] }>();
    };
    const first = await replay();
    const event_id = String(payload?.event_ids[0]);
    const restatement = (n: number) => expect.stringMatching(new RegExp(`^${event_id}_\\d+_${n}$`));
    expect(first).toMatchObject({ outcome: "accepted", event_ids: [event_id, restatement(1)] });
    const profile = async () => JSON.parse((await rowsOf<{ profile: string }>(unit, "leads"))[0]?.profile ?? "{}");
    await expect.poll(profile, { timeout: 20_000 }).toEqual({ budget: "B", plan: "A", team: "edited" });
    expect((await replay()).event_ids).toEqual([event_id, restatement(2)]);
    await expect.poll(async () => (await rowsOf(unit, "fact_calls")).length, { timeout: 20_000 }).toBe(2);
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: 1 });
    expect(await profile()).toEqual({ budget: "B", plan: "A", team: "edited" });
  });
});
