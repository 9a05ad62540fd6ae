/** Who may send in Segment's wire format, in what wrapping, and what becomes of what is refused. */
import { describe, expect, it } from "vitest";
import { deliverEvents, heldEvents, rowsOf, storedEvents } from "../../support/events";
import { keyHeader, mintSender, type Sender, sendTo, writeKey } from "../../support/segment";
import { basicHeader, mintClient, mintTenant, mintUnit } from "../../support/tenant";
import { countingD1, failingD1, request } from "../../support/worker";

const EVENT = { userId: "u1", event: "Paid" };
const PATHS = ["identify", "track", "page", "screen", "group", "alias", "batch", "import"];
const BODIES: Record<string, object> = {
  identify: { userId: "u1", traits: { plan: "pro" } },
  track: EVENT,
  page: { anonymousId: "a1" },
  screen: { anonymousId: "a1" },
  group: { userId: "u1", groupId: "acme" },
  alias: { userId: "u1", previousId: "a1" },
  batch: { batch: [{ type: "track", ...EVENT }] },
  import: { batch: [{ type: "track", ...EVENT }] },
};

/** The feed of rejected events, once the queue has done its work. */
async function rejected({ client }: Sender): Promise<{ event_id: string; error: string; event_type: string; metadata: unknown }[]> {
  return (await (await client.get("/ingest/rejected")).json<{ events: [] }>()).events;
}

async function gzip(text: string | Uint8Array): Promise<ArrayBuffer> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

describe("every path, in full and by its first letter", () => {
  it.each(PATHS.flatMap((path) => [path, path.slice(0, 1)]))(
    "/v1/%s takes the key as Basic user and in the body, and answers a preflight",
    async (path) => {
      const { key } = await mintSender();
      const { sent, EVENT_QUEUE } = heldEvents();
      const body = BODIES[PATHS.find((whole) => whole.startsWith(path)) ?? ""] ?? {};
      const asUser = await sendTo(`/v1/${path}`, body, keyHeader(key), { EVENT_QUEUE });
      expect([asUser.status, await asUser.json(), asUser.headers.get("Access-Control-Allow-Origin")]).toEqual([
        200,
        { success: true },
        "*",
      ]);
      const inBody = await sendTo(
        `/v1/${path}`,
        { ...body, writeKey: key },
        { "Content-Type": "text/plain", Origin: "https://shop.example" },
        { EVENT_QUEUE },
      );
      expect(inBody.status).toBe(200);
      expect(sent).toHaveLength(2);
      const preflight = await request(`/v1/${path}`, {
        method: "OPTIONS",
        headers: {
          Origin: "https://shop.example",
          "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "authorization,x-retry-count",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("Access-Control-Allow-Headers")).toMatch(/authorization.*x-retry-count/);
    },
  );

  it("an origin that the operator lists is treated as any other", async () => {
    const preflight = await request("/v1/t", {
      method: "OPTIONS",
      headers: { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" },
    });
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toContain("x-retry-count");
    expect(preflight.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });
});

describe("keys", () => {
  it("a wrong one is a 401, and nothing is queued", async () => {
    const { client, tenant } = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const attempts: Record<string, string>[] = [
      {},
      keyHeader("wk_0000"),
      keyHeader(""),
      { Authorization: basicHeader(tenant.credential) },
      { Authorization: "Bearer wk_0000" },
      { Authorization: "Basic !!!" },
    ];
    for (const headers of attempts) {
      const answer = await sendTo("/v1/track", EVENT, headers, { EVENT_QUEUE });
      expect([answer.status, await answer.json()]).toEqual([401, { success: false, message: expect.stringMatching(/write key/i) }]);
    }
    expect(sent).toEqual([]);
    expect((await client.get("/write-keys")).status).toBe(200);
  });

  it("can only write: it opens no other route", async () => {
    const { key } = await mintSender();
    for (const headers of [keyHeader(key), { Authorization: `Bearer ${key}` }, { "X-Api-Key": key }])
      for (const path of ["/leads", "/write-keys", "/lead/by-alias?value=a@example.com", "/api/v1/leads"])
        expect((await request(path, { headers })).status, path).toBe(401);
  });

  it("writes into its own unit, whatever the request names", async () => {
    const { tenant, unit } = await mintSender();
    const beta = await mintUnit(tenant, "Beta");
    const other = await mintClient(tenant.organization_id, { unit_id: beta });
    const { write_key } = await writeKey(other);
    const { sent, EVENT_QUEUE } = heldEvents();
    await sendTo("/v1/track", EVENT, { ...keyHeader(write_key), "X-Org-Unit": "unit_default" }, { EVENT_QUEUE });
    expect(sent[0]?.unit).not.toBe(unit);
    expect(await (await other.get("/write-keys")).json()).toMatchObject({ write_keys: [{ unit_id: beta }] });
    expect(await (await tenant.client.get("/write-keys")).json()).toMatchObject({ write_keys: [{ unit_id: "unit_default" }] });
  });

  it("one that is limited to origins is refused anywhere else", async () => {
    const { client } = await mintSender();
    const { write_key } = await writeKey(client, { origins: ["https://Shop.example:443", "http://localhost:3000"] });
    const from = async (origin: string | null) => {
      const headers = { ...keyHeader(write_key), ...(origin === null ? {} : { Origin: origin }) };
      return (await sendTo("/v1/track", EVENT, headers, { EVENT_QUEUE: heldEvents().EVENT_QUEUE })).status;
    };
    expect(await from("https://shop.example")).toBe(200);
    expect(await from("http://localhost:3000")).toBe(200);
    for (const origin of ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null", null])
      expect(await from(origin), String(origin)).toBe(403);
  });

  it("is shown once, listed without its secret, and stops when it is revoked", async () => {
    const { client } = await mintTenant();
    const answer = await client.post("/write-keys", { name: "Website" });
    const made = await answer.json<{ write_key_id: string; write_key: string }>();
    expect([answer.status, made]).toEqual([
      201,
      expect.objectContaining({ write_key: expect.stringMatching(/^wk_[0-9a-f]{64}$/), origins: [] }),
    ]);
    const list = await (await client.get("/write-keys")).text();
    expect(list).toContain(made.write_key_id);
    expect(list).not.toContain(made.write_key);
    const { EVENT_QUEUE } = heldEvents();
    expect((await sendTo("/v1/track", EVENT, keyHeader(made.write_key), { EVENT_QUEUE })).status).toBe(200);
    expect((await client.call("DELETE", `/write-keys/${made.write_key_id}`)).status).toBe(204);
    expect((await sendTo("/v1/track", EVENT, keyHeader(made.write_key), { EVENT_QUEUE })).status).toBe(401);
  });

  it("wrong ones are counted by address as other wrong credentials are", async () => {
    const headers = { ...keyHeader("wk_wrong"), "CF-Connecting-IP": "203.0.113.77" };
    let last = 0;
    for (let n = 0; n < 60; n++) last = (await sendTo("/v1/track", EVENT, headers)).status;
    expect(last).toBe(429);
  });

  it("creating and revoking them is in the audit log", async () => {
    const { client, organization_id } = await mintTenant();
    const { write_key_id } = await writeKey(client);
    await client.call("DELETE", `/write-keys/${write_key_id}`);
    const headers = { Authorization: "Bearer test-admin-token" };
    const { entries } = await (await request(`/admin/audit?organization_id=${organization_id}`, { headers })).json<{
      entries: { action: string; target_id: string }[];
    }>();
    const actions = entries.filter(({ target_id }) => target_id === write_key_id).map(({ action }) => action);
    expect(actions.toSorted()).toEqual(["credential.created", "credential.revoked"]);
  });
});

describe("bodies", () => {
  it("gzip is unpacked", async () => {
    const { key, unit } = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const body = await gzip(JSON.stringify({ batch: [{ type: "track", ...EVENT }] }));
    const answer = await request(
      "/v1/batch",
      { method: "POST", headers: { ...keyHeader(key), "Content-Encoding": "gzip" }, body },
      { EVENT_QUEUE },
    );
    expect(answer.status).toBe(200);
    await deliverEvents(sent);
    expect(await storedEvents(unit)).toMatchObject({ events: 1 });
  });

  it("a bomb, what is no gzip, no JSON, no object or over 500 KB is a 400", async () => {
    const { key } = await mintSender();
    const bodies: [BodyInit, Record<string, string>][] = [
      [await gzip(new Uint8Array(50_000_000)), { "Content-Encoding": "gzip" }],
      ["not gzip", { "Content-Encoding": "gzip" }],
      ["{}", { "Content-Encoding": "br" }],
      ["{", {}],
      ["[]", {}],
      ["null", {}],
      ["", {}],
      [JSON.stringify({ batch: [], filler: "x".repeat(500 * 1024) }), {}],
      [JSON.stringify({ batch: {} }), {}],
      [JSON.stringify({ batch: Array.from({ length: 2501 }, () => 0) }), {}],
    ];
    for (const [body, headers] of bodies) {
      const answer = await request("/v1/batch", { method: "POST", headers: { ...keyHeader(key), ...headers }, body });
      expect([answer.status, await answer.json()]).toEqual([400, { success: false, message: expect.any(String) }]);
    }
  });
});

describe("what is refused", () => {
  it.each([
    ["identify", "traits"],
    ["group", "traits"],
  ])("a number that no JSON holds exactly in the %s of an event is refused, not a 500", async (path, field) => {
    const sender = await mintSender();
    const text = JSON.stringify({ ...BODIES[path], messageId: "long", [field]: { id: 1 } }).replace('"id":1', '"id":12345678901234567891');
    const { sent, EVENT_QUEUE } = heldEvents();
    expect((await sendTo(`/v1/${path}`, text, keyHeader(sender.key), { EVENT_QUEUE })).status).toBe(200);
    await deliverEvents(sent);
    expect((await rejected(sender)).map(({ event_id }) => event_id)).toEqual(["long"]);
  });

  it("a batch whose context alone is larger than an event may be is a 400", async () => {
    const sender = await mintSender();
    const body = { context: { page: { title: "x".repeat(40_000) } }, batch: [{ type: "track", ...EVENT }] };
    expect((await sendTo("/v1/batch", body, keyHeader(sender.key))).status).toBe(400);
  });

  it("is refused alone, its batch lives, and the feed says why", async () => {
    const sender = await mintSender();
    const batch: unknown[] = [
      { type: "track", messageId: "good", ...EVENT },
      { type: "track", messageId: "nameless", userId: "u1" },
      { type: "track", messageId: "nobody", event: "Paid" },
      { type: "track", messageId: "large", ...EVENT, properties: { text: "x".repeat(32 * 1024) } },
      { type: "dance", messageId: "unknown", userId: "u1" },
      { type: "identify", messageId: "no-email", userId: "u1", traits: { email: "none" } },
      { type: "track", messageId: "future", ...EVENT, timestamp: "2999-01-01T00:00:00Z" },
      { type: "track", messageId: "listed", ...EVENT, properties: ["a"] },
      { type: "group", messageId: "groupless", userId: "u1" },
      { type: "alias", messageId: "one-id", userId: "u1" },
      { type: "track", messageId: "big-number", ...EVENT, properties: { n: 1 } },
      { type: "track", messageId: "spaces in id", ...EVENT },
      "text",
      null,
    ];
    const text = JSON.stringify({ batch }).replace('"n":1', '"n":12345678901234567890');
    const { sent, EVENT_QUEUE } = heldEvents();
    expect((await sendTo("/v1/batch", text, keyHeader(sender.key), { EVENT_QUEUE })).status).toBe(200);
    expect((await deliverEvents(sent)).retried).toEqual([]);
    await deliverEvents(sent);
    expect(await storedEvents(sender.unit)).toMatchObject({ events: 1, leads: 1, refused_events: 13 });
    const reasons = Object.fromEntries((await rejected(sender)).map(({ event_id, error }) => [event_id, error]));
    expect(reasons).toMatchObject({
      nameless: "event is required",
      nobody: expect.stringMatching(/alias is required/),
      large: expect.stringMatching(/the event is \d+ bytes; at most 32768 are taken/),
      unknown: expect.stringMatching(/^type must be one of: identify, track/),
      "no-email": expect.stringMatching(/traits\.email is not an email address \(got "none"\)/),
      future: expect.stringMatching(/timestamp is more than 24 hours ahead/),
      listed: "properties must be an object",
      groupless: "groupId is required",
      "one-id": "previousId is required",
      "big-number": expect.stringMatching(/metadata\.n is an integer that JSON readers would round/),
    });
    expect(Object.values(reasons).filter((reason) => reason === "must be an object")).toHaveLength(2);
    expect(Object.values(reasons).filter((reason) => /event_id must be 1 to 128 visible/.test(reason))).toHaveLength(1);
  });

  it("keeps its content, and a replay is refused again", async () => {
    const sender = await mintSender();
    const messages = await sender.queue("track", { messageId: "nameless", userId: "u1", properties: { plan: "pro" } });
    await deliverEvents(messages);
    const [kept] = await rejected(sender);
    expect(kept?.metadata).toEqual({ messageId: "nameless", userId: "u1", properties: { plan: "pro" } });
    const { sent, EVENT_QUEUE } = heldEvents();
    await sender.client.post("/ingest/rejected/nameless/replay", undefined, { bindings: { EVENT_QUEUE } });
    await deliverEvents(sent);
    expect(await rowsOf(sender.unit, "refused_events")).toHaveLength(1);
  });

  it("a single event over 32 KB is a 400, and in the feed", async () => {
    const sender = await mintSender();
    const { sent, EVENT_QUEUE } = heldEvents();
    const large = { messageId: "large", ...EVENT, properties: { text: "x".repeat(33 * 1024) } };
    expect((await sendTo("/v1/track", large, keyHeader(sender.key), { EVENT_QUEUE })).status).toBe(400);
    await deliverEvents(sent);
    expect(await rejected(sender)).toMatchObject([{ event_id: "large", error: expect.stringMatching(/bytes/) }]);
  });
});

describe("the way in is durable", () => {
  it("with the database away the request is accepted as before, and nothing is lost", async () => {
    const sender = await mintSender();
    await sender.queue("track", EVENT);
    const { sent, EVENT_QUEUE } = heldEvents();
    const call = { type: "identify", messageId: "i1", userId: "u2", traits: { plan: "pro" } };
    const away = failingD1("D1_ERROR: database is away");
    expect((await sendTo("/v1/batch", { batch: [call] }, keyHeader(sender.key), { EVENT_QUEUE, ...away })).status).toBe(200);
    expect((await deliverEvents(sent, away)).retried).toEqual([0]);
    await deliverEvents(sent);
    expect(await rowsOf(sender.unit, "fact_calls")).toMatchObject([{ event_id: "i1" }]);
  });

  it("a queue that does not take them is a 503, to be sent again", async () => {
    const { key } = await mintSender();
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("queue is away")) } as unknown as Queue;
    const answer = await sendTo("/v1/track", EVENT, keyHeader(key), { EVENT_QUEUE });
    expect([answer.status, answer.headers.has("Retry-After")]).toEqual([503, true]);
  });

  it("a request touches no table", async () => {
    const sender = await mintSender();
    await sender.queue("track", EVENT);
    const { DB, count } = countingD1();
    for (const path of PATHS)
      await sendTo(`/v1/${path}`, BODIES[path], keyHeader(sender.key), { DB, EVENT_QUEUE: heldEvents().EVENT_QUEUE });
    expect(count.trips).toBe(0);
  });
});
