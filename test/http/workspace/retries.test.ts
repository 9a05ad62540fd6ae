/** A workspace's create with an Idempotency-Key: carried out once, whatever is sent again. */
import { beforeAll, describe, expect, it } from "vitest";
import { age, beforeCommit, expectReplay, keyed, moveAnswer, newKey, replyOf, storedFor } from "../../support/retries";
import { countingD1 } from "../../support/worker";
import { mintWorkspace, readError, type WireLead, type Workspace } from "../../support/workspace";

const PATH = "/api/v1/leads";
const HOUR_MS = 3_600_000;
const body = (name = "Jane") => ({ name, email: `p${crypto.randomUUID()}@example.com` });

let ws: Workspace;
beforeAll(async () => {
  ws = await mintWorkspace();
});

describe("the same key and body", () => {
  it("get the first answer and create no second lead", async () => {
    const own = await mintWorkspace();
    const lead = body();
    const key = newKey();
    const { data } = await expectReplay<{ data: WireLead }>(201, () => own.client.post(PATH, lead, keyed(key)));
    expect(data).toMatchObject(lead);
    expect((await own.list()).pagination.total).toBe(1);
  });

  it("get the first answer, as it was, after the lead has changed and is gone", async () => {
    const lead = body();
    const key = newKey();
    const first = await replyOf(ws.client.post(PATH, lead, keyed(key)));
    const { data } = JSON.parse(first.text) as { data: WireLead };
    await ws.put(data.id, { name: "Changed" });
    expect(await replyOf(ws.client.post(PATH, lead, keyed(key)))).toEqual({ ...first, replayed: true });
    await ws.client.call("DELETE", `${PATH}/${data.id}`);
    expect(await replyOf(ws.client.post(PATH, lead, keyed(key)))).toEqual({ ...first, replayed: true });
  });

  it.each(["a", "~", "k".repeat(255), "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"])("a key is quoted or bare: %s", async (suffix) => {
    const key = suffix.length === 255 ? suffix : `${newKey()}${suffix}`;
    const lead = body();
    const first = await replyOf(ws.client.post(PATH, lead, keyed(key)));
    expect(await replyOf(ws.client.post(PATH, lead, keyed(`"${key}"`)))).toEqual({ ...first, replayed: true });
  });

  it.each(["k".repeat(256), "two words", "", '""', '"', '"a', "ä"])("a malformed key is a 400 that names the header: %j", async (key) => {
    const error = await readError(await ws.client.post(PATH, body(), keyed(key)), 400, "VALIDATION_ERROR");
    expect(error.details).toMatchObject({ field: "Idempotency-Key" });
  });

  it("costs one written row, and one round trip, more", async () => {
    const own = await mintWorkspace();
    let leads = 0;
    const cost = async (options: { headers?: Record<string, string> }) => {
      const lead = { name: "Jane", email: `jane${++leads}@example.com` };
      const { DB, count } = countingD1();
      const answer = await own.client.post(PATH, lead, { ...options, bindings: { DB } });
      expect(answer.status, await answer.text()).toBe(201);
      return { trips: count.trips, written: count.rowsWritten };
    };
    await cost({});
    const plain = await cost({});
    expect(await cost(keyed(newKey()))).toEqual({ trips: plain.trips + 1, written: plain.written + 1 });
  });
});

describe("another body, path or caller", () => {
  it("with the same key: another body is a 422, and so is the chatbot's path", async () => {
    const key = newKey();
    const lead = body();
    await ws.client.post(PATH, lead, keyed(key));
    await readError(await ws.client.post(PATH, { ...lead, name: "X" }, keyed(key)), 422, "IDEMPOTENCY_KEY_REUSED");
    await readError(await ws.client.post("/api/v1/chatbots/cb_1/leads", lead, keyed(key)), 422, "IDEMPOTENCY_KEY_REUSED");
  });

  it("another tenant's key, and another credential's of the same tenant, is another key", async () => {
    const key = newKey();
    const others = [await mintWorkspace(), await mintWorkspace({ unit_id: "unit_default" }, ws.tenant)];
    expect((await ws.client.post(PATH, body(), keyed(key))).status).toBe(201);
    for (const other of others) {
      expect(await replyOf(other.client.post(PATH, body(), keyed(key)))).toMatchObject({ status: 201, replayed: false });
    }
    expect(await storedFor(key)).toHaveLength(3);
  });
});

describe("refusals", () => {
  it("that the verb decided are replayed, with the status and body of the first", async () => {
    const taken = await ws.create();
    const key = newKey();
    const send = () => ws.client.post(PATH, { name: "B", email: taken.email }, keyed(key));
    const error = await expectReplay<{ code: string }>(409, send);
    expect(error.code).toBe("DUPLICATE_EMAIL");
    await ws.client.call("DELETE", `${PATH}/${taken.id}`);
    expect(await replyOf(send())).toMatchObject({ status: 409, replayed: true });
  });

  it("of the schema, of authentication and of a database that fails leave the key free", async () => {
    const key = newKey();
    expect((await ws.client.post(PATH, { name: "no email" }, keyed(key))).status).toBe(400);
    const viewer = await mintWorkspace({ unit_id: "unit_default", role: "viewer" }, ws.tenant);
    expect((await viewer.client.post(PATH, body(), keyed(key))).status).toBe(403);
    const lead = body();
    const lost = beforeCommit(() => Promise.reject(new Error("D1_ERROR: Network connection lost.")));
    expect((await ws.client.post(PATH, lead, { ...keyed(key), bindings: lost })).status).toBe(503);
    expect(await storedFor(key)).toEqual([]);
    expect(await replyOf(ws.client.post(PATH, lead, keyed(key)))).toMatchObject({ status: 201, replayed: false });
  });
});

describe("two at once", () => {
  it("in one isolate: the second is a 409 with Retry-After until the first has ended", async () => {
    const own = await mintWorkspace();
    const lead = body();
    const key = newKey();
    const answers = await Promise.all([0, 1, 2].map(() => own.client.post(PATH, lead, keyed(key))));
    const created = answers.filter(({ status }) => status === 201);
    const early = answers.filter(({ status }) => status !== 201);
    expect(early.length).toBeGreaterThan(0);
    for (const answer of early) {
      await readError(answer.clone(), 409, "IDEMPOTENCY_KEY_IN_USE");
      expect(answer.headers.get("Retry-After")).toBe("1");
    }
    // one that came when the first had ended is its replay
    expect(created.filter(({ headers }) => !headers.has("Idempotency-Replayed"))).toHaveLength(1);
    const [first] = created;
    expect(await replyOf(own.client.post(PATH, lead, keyed(key)))).toMatchObject({
      status: 201,
      text: await first?.text(),
      replayed: true,
    });
    expect((await own.list()).pagination.total).toBe(1);
  });

  it("in two isolates: the second cannot commit and gets the first one's answer", async () => {
    const own = await mintWorkspace();
    const lead = body();
    const key = newKey();
    const [scope] = [`${own.tenant.organization_id} ${own.credential_id}`];
    // the other isolate's request, which this one cannot know to be running: the answer of an equal request, moved to this key
    const other = beforeCommit(async () => {
      const twin = newKey();
      expect((await own.client.post(PATH, lead, keyed(twin))).status).toBe(201);
      await moveAnswer(twin, key);
    });
    const second = await replyOf(own.client.post(PATH, lead, { ...keyed(key), bindings: other }));
    expect(second).toMatchObject({ status: 201, replayed: true });
    const stored = await storedFor(key);
    expect(stored).toMatchObject([{ scope, status: 201, body: second.text }]);
    expect((await own.list()).pagination.total).toBe(1);
  });
});

describe("48 hours later", () => {
  it("the key is free again, and its old answer is replaced", async () => {
    const key = newKey();
    const first = body();
    await ws.client.post(PATH, first, keyed(key));
    await age(key, 48 * HOUR_MS - 60_000);
    expect(await replyOf(ws.client.post(PATH, first, keyed(key)))).toMatchObject({ replayed: true });
    await age(key, 60_000);
    const second = body("Second");
    const { data } = await expectReplay<{ data: WireLead }>(201, () => ws.client.post(PATH, second, keyed(key)));
    expect(data).toMatchObject(second);
    expect(await storedFor(key)).toHaveLength(1);
  });
});
