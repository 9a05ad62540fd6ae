/** Inbound sources: what is sent to an address is taken once, kept for mapping, never lost, and never somebody else's. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { takeHeldDeliveries } from "../../../src/cron/take-held-deliveries";
import { openStatementBudget } from "../../../src/statement-budget";
import { deliverEvents, getReceipt, mintUnitTenant, rowsOf, storedEvents } from "../../support/events";
import { mintSource, pathOf, payloadsOf, SIGNERS, send, submit } from "../../support/inbound";
import { failingD1, readProblem, request } from "../../support/worker";

const profileOf = async (unit: number) => JSON.parse((await rowsOf<{ profile: string }>(unit, "leads"))[0]?.profile ?? "null");
const aliasesOf = async (unit: number) =>
  (await rowsOf<{ kind: string; value: string }>(unit, "aliases")).map(({ kind, value }) => `${kind}:${value}`);

describe("a source", () => {
  it("is created, listed, changed and deleted; its address is shown once and stored as a digest", async () => {
    const { client, unit } = await mintUnitTenant();
    const answer = await client.post("/sources", { name: "Contact form", type: "generic", secret: "s3cret", mapping: { "/a": "budget" } });
    expect(answer.status).toBe(201);
    const created = await answer.json<Record<string, unknown>>();
    expect(created).toMatchObject({ name: "Contact form", type: "generic", has_secret: true, mapping: { "/a": "budget" }, active: true });
    expect(answer.headers.get("Location")).toBe(`/sources/${created.source_id}`);
    const { url, ...shown } = created;
    expect(url).toMatch(/^http:\/\/leadedge\.test\/in\/in_[0-9a-z]+_[0-9a-f]{64}$/);
    expect(await (await client.get("/sources")).json()).toEqual({ sources: [shown] });
    expect(JSON.stringify(await rowsOf(unit, "inbound_sources"))).not.toContain(String(url).slice(-64));
    const changed = await client.patch(`/sources/${created.source_id}`, { name: "Form", secret: null, mapping: {} });
    expect(await changed.json()).toMatchObject({ name: "Form", has_secret: false, mapping: {}, active: true });
    expect((await client.call("DELETE", `/sources/${created.source_id}`)).status).toBe(204);
    expect((await client.get(`/sources/${created.source_id}`)).status).toBe(404);
    expect((await request(pathOf({ url: String(url) }), { method: "POST", body: "{}" })).status).toBe(404);
  });

  it("is created once for an Idempotency-Key, and the replay leaves out the address", async () => {
    const { client } = await mintUnitTenant();
    const create = () => client.post("/sources", { name: "Form", type: "tally" }, { headers: { "Idempotency-Key": "form-1" } });
    const first = await (await create()).json<Record<string, unknown>>();
    const second = await (await create()).json<Record<string, unknown>>();
    expect(second).toMatchObject({ source_id: first.source_id, secret_notice: expect.any(String) });
    expect(second).not.toHaveProperty("url");
  });

  it.each([
    [{ mapping: { email: "_alias_email" } }, "mapping.email"],
    [{ mapping: { "/a~2": "company" } }, "mapping./a~2"],
    [{ mapping: { "/a": "_alias_mail" } }, "mapping./a"],
    [{ mapping: { "/a": "bad/field" } }, "mapping./a"],
    [{ type: "jotform" }, "type"],
    [{ name: "" }, "name"],
  ])("with %j is refused, by the name of what is wrong", async (more, path) => {
    const { client } = await mintUnitTenant();
    const problem = await readProblem(await client.post("/sources", { name: "Form", type: "generic", ...more }), 400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  it("of which a unit has 50 already is refused", async () => {
    const { client, unit } = await mintUnitTenant();
    const rows = Array.from({ length: 49 }, (_, n) =>
      env.DB.prepare(
        "INSERT INTO inbound_sources (unit, source_id, name, type, token_hash, mapping, active, created_at, updated_at) VALUES (?1, ?2, 'x', 'generic', ?2, '{}', 1, 0, 0)",
      ).bind(unit, `inb_${n}`),
    );
    await env.DB.batch(rows);
    await mintSource(client, "generic");
    await readProblem(await client.post("/sources", { name: "Form", type: "generic" }), 409);
  });

  it("that is switched off takes nothing, keeps what it was sent, and takes it when it is replayed", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    await submit(source, JSON.stringify({ email: "before@example.com" }));
    await client.patch(`/sources/${source.source_id}`, { active: false });
    const { answer, messages } = await send(source, JSON.stringify({ email: "off@example.com" }));
    await readProblem(answer, 403);
    expect(messages).toEqual([]);
    const [payload] = await payloadsOf(client, source);
    expect(payload).toMatchObject({ outcome: "unusable", reason: "The source is switched off" });
    await client.patch(`/sources/${source.source_id}`, { active: true });
    const replayed = await client.post(`/sources/${source.source_id}/payloads/${payload?.payload_id}/replay`);
    expect(await replayed.json()).toMatchObject({ outcome: "accepted" });
    expect((await payloadsOf(client, source))[0]).toMatchObject({ outcome: "accepted", reason: null });
    expect((await storedEvents(unit)).leads).toBe(1);
  });
});

describe("an address", () => {
  it("that is none is 404, and too many of them from one network are 429", async () => {
    const headers = { "CF-Connecting-IP": "192.0.2.77" };
    const attempt = (token: string) => request(`/in/${token}`, { method: "POST", body: "{}", headers });
    expect((await attempt("wrong")).status).toBe(404);
    for (let n = 0; n < 58; n++) expect((await attempt(`in_1_${String(n).padStart(64, "0")}`)).status).toBe(404);
    const refused = await attempt(`in_1_${"f".repeat(64)}`);
    expect([refused.status, Number(refused.headers.get("Retry-After")) > 0]).toEqual([429, true]);
    const { client } = await mintUnitTenant();
    const { answer } = await send(await mintSource(client, "generic"), JSON.stringify({ email: "real@example.com" }), headers);
    expect(answer.status).toBe(200);
  });

  it("of another unit's token finds nothing there", async () => {
    const [one, other] = [await mintUnitTenant(), await mintUnitTenant()];
    const { url } = await mintSource(one.client, "generic");
    const moved = url.replace(/\/in_[0-9a-z]+_/, `/in_${other.unit.toString(36)}_`);
    expect((await send({ url: moved }, "{}")).answer.status).toBe(404);
  });

  it("takes 256 KB", async () => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const body = (size: number) => JSON.stringify({ email: "big@example.com", text: "x".repeat(size) });
    expect((await send(source, body(200_000))).answer.status).toBe(200);
    await readProblem((await send(source, body(270_000))).answer, 413);
  });
});

describe("a generic sender's", () => {
  it("JSON is placed by the names that imports know, whatever their depth, and the rest stays with the event", async () => {
    const { client, unit } = await mintUnitTenant({ default_region: "DE" });
    const body = {
      contact: { email: "Ada@Example.com", telephone: "030 1234567", name: "Ada Lovelace" },
      company: { name: "Engines", size: 12 },
      "Job Title": "Analyst",
      manager: { email: "boss@example.com" },
      form: { name: "Contact" },
      consent: true,
    };
    await submit(await mintSource(client, "generic"), JSON.stringify(body));
    expect(await profileOf(unit)).toEqual({ name: "Ada Lovelace", company: "Engines", title: "Analyst" });
    expect(await aliasesOf(unit)).toEqual(["email:ada@example.com", "phone:+49301234567"]);
    const [event] = await rowsOf<{ metadata: string }>(unit, "events");
    expect(JSON.parse(event?.metadata ?? "")).toMatchObject({
      answers: { "company size": 12, "manager email": "boss@example.com", consent: true },
    });
  });

  it("form posts are read like JSON, signed over their bytes", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic", { secret: "form-secret" });
    const body = new URLSearchParams([
      ["email", "form@example.com"],
      ["First Name", "Ada"],
      ["topic", "a"],
      ["topic", "b"],
    ]);
    await submit(source, body, await SIGNERS.generic?.("form-secret", body.toString(), source.url));
    expect(await profileOf(unit)).toEqual({ first_name: "Ada" });
    expect((await payloadsOf(client, source))[0]?.payload).toEqual({ email: "form@example.com", "First Name": "Ada", topic: ["a", "b"] });
  });

  it("multipart posts are read like JSON, files by their names, and a repetition with another boundary counts once", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const form = () => {
      const body = new FormData();
      body.set("email", "multi@example.com");
      body.set("Company", "Acme");
      body.set("cv", new File(["%PDF"], "cv.pdf"));
      return body;
    };
    await submit(source, form());
    await submit(source, form());
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: 1 });
    expect(await profileOf(unit)).toEqual({ company: "Acme" });
    expect(await payloadsOf(client, source)).toMatchObject([{ deliveries: 2, payload: { cv: "cv.pdf" } }]);
  });

  it("delivery counts by its id where a header has one, else by its content", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const body = (n: number) => JSON.stringify({ email: "same@example.com", n });
    await submit(source, body(1), { "X-Delivery-Id": "d-1" });
    await submit(source, body(2), { "X-Delivery-Id": "d-1" });
    await submit(source, body(1), { "X-Delivery-Id": "d-2" });
    await submit(source, body(1));
    await submit(source, body(1));
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: 3 });
  });

  it("deliveries that are sent at once and delivered twice by the queue count once", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const sent = await Promise.all(Array.from({ length: 5 }, () => send(source, JSON.stringify({ email: "twice@example.com" }))));
    const messages = sent.flatMap((delivery) => delivery.messages);
    await deliverEvents([...messages, ...messages]);
    await deliverEvents(messages);
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: 1 });
    expect(await payloadsOf(client, source)).toMatchObject([{ deliveries: 5 }]);
  });
});

describe("a mapping", () => {
  it("places what the names do not say, before everything else", async () => {
    const { client, unit } = await mintUnitTenant();
    const mapping = { "/q/0/v": "_alias_email", "/q/1/v": "budget", "/q/2": "_alias_external_id", "/title": "form" };
    const source = await mintSource(client, "generic", { mapping });
    await submit(source, JSON.stringify({ title: "Contact form", q: [{ v: "m@example.com" }, { v: 5000 }, "user-9"] }));
    expect(await profileOf(unit)).toEqual({ budget: 5000, form: "Contact form" });
    expect(await aliasesOf(unit)).toEqual(["email:m@example.com", "external_id:user-9"]);
  });

  it("is made from the payloads: what names nobody is kept with its reason, and taken after the mapping", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const { answer, messages } = await send(source, JSON.stringify({ f1: "who@example.com", f2: "Acme" }));
    expect([answer.status, messages]).toEqual([200, []]);
    expect(await answer.json()).toMatchObject({ outcome: "unusable", reason: expect.stringContaining("names nobody"), event_ids: [] });
    const [payload] = await payloadsOf(client, source);
    expect(payload?.fields).toEqual([
      { pointer: "/f1", label: "f1", value: "who@example.com", target: null },
      { pointer: "/f2", label: "f2", value: "Acme", target: null },
    ]);
    await client.patch(`/sources/${source.source_id}`, { mapping: { "/f1": "_alias_email", "/f2": "company" } });
    const replayed = await client.post(`/sources/${source.source_id}/payloads/${payload?.payload_id}/replay`);
    expect(replayed.status).toBe(202);
    const { event_ids } = await replayed.json<{ event_ids: string[] }>();
    await expect.poll(async () => (await getReceipt(client, event_ids[0] ?? "")).status, { timeout: 20_000 }).toBe("processed");
    expect(await profileOf(unit)).toEqual({ company: "Acme" });
  });

  it.each([
    ["{not json", "neither JSON nor a form"],
    ['"text"', "no object"],
    ['{"email":"not an address"}', "is not an email address"],
    ['{"email":null}', "names nobody"],
  ])("has nothing to place in %j: 200, with the reason", async (body, reason) => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const { answer } = await send(source, body);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ outcome: "unusable", reason: expect.stringContaining(reason) }),
    ]);
    expect(await payloadsOf(client, source)).toHaveLength(1);
  });

  it("finds the newest 20 payloads, newest first", async () => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    for (let n = 1; n <= 23; n++) await send(source, JSON.stringify({ email: `p${n}@example.com`, n }));
    const kept = await payloadsOf(client, source);
    expect(kept).toHaveLength(20);
    expect(kept.map(({ payload }) => (payload as { n: number }).n).toSorted((a, b) => b - a)).toEqual(
      Array.from({ length: 20 }, (_, n) => 23 - n),
    );
  });
});

describe("an outage", () => {
  const tick = () => takeHeldDeliveries(env, openStatementBudget());
  it("of the database loses nothing: the delivery is held and taken when it is back", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "typeform", { secret: "s" });
    const body = JSON.stringify({
      event_id: "e1",
      form_response: { form_id: "f", answers: [{ type: "email", email: "held@example.com", field: {} }] },
    });
    const { answer } = await send(
      source,
      body,
      await SIGNERS.typeform?.("s", body, source.url),
      failingD1("D1_ERROR: Network connection lost"),
    );
    expect([answer.status, await answer.json()]).toEqual([200, { outcome: "held" }]);
    expect((await storedEvents(unit)).leads).toBe(0);
    await tick();
    await expect.poll(async () => (await storedEvents(unit)).leads, { timeout: 20_000 }).toBe(1);
    expect((await env.FILES.list({ prefix: `inbound/${unit}/` })).objects).toEqual([]);
    await tick();
    expect((await storedEvents(unit)).events).toBe(1);
  });

  it("of the queue loses nothing either", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "generic");
    const broken = { send: () => Promise.reject(new Error("queue is down")) } as unknown as Queue;
    const { answer } = await send(source, JSON.stringify({ email: "queue@example.com" }), {}, { EVENT_QUEUE: broken });
    expect([answer.status, await answer.json()]).toEqual([200, { outcome: "held" }]);
    await tick();
    await expect.poll(async () => (await storedEvents(unit)).leads, { timeout: 20_000 }).toBe(1);
  });

  it("does not let a held delivery pass with a wrong signature", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "typeform", { secret: "s" });
    const { answer } = await send(source, "{}", {}, failingD1("D1_ERROR: Network connection lost"));
    expect(answer.status).toBe(200);
    await tick();
    expect((await env.FILES.list({ prefix: `inbound/${unit}/` })).objects).toEqual([]);
    expect(await payloadsOf(client, source)).toEqual([]);
  });
});
