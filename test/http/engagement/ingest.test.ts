/** Taking events in: the contract's examples, what is refused and how, and what became of what was taken. */

import { describe, expect, it, vi } from "vitest";
import {
  asEmail,
  deliverEvents,
  type EventMessage,
  getReceipt,
  heldEvents,
  ingest,
  insertTrigger,
  milestone,
  mintRule,
  mintUnitTenant,
  queueEvents,
  rowsOf,
  type Sent,
  settledReceipt,
  storedEvents,
} from "../../support/events";
import { interceptedD1 } from "../../support/imports";
import { basicHeader, type Client, type Credential, mintClient, mintLead, mintTenant, mintUnit } from "../../support/tenant";
import { countingD1, logged, readProblem, request } from "../../support/worker";

const LEAD_ID = expect.stringMatching(/^ld_[0-9a-f]{32}$/);
const EVENT_ID = expect.stringMatching(/^evt_[0-9a-f]{40}$/);
const TAKEN = { message: expect.stringMatching(/queued/i), event_id: EVENT_ID };
const METADATA_BYTES_MAX = 102_400;

/** Runs a documented command against the worker, with real credentials; the queue keeps what it gets. */
async function curl(command: string, credential: Credential, cookie?: string) {
  const { sent, EVENT_QUEUE } = heldEvents();
  const data = /-d '([\s\S]*)'/.exec(command)?.[1];
  expect(command).toContain('-H "Authorization: Basic <credentials>"');
  const answer = await request(
    /"https:\/\/api\.kenbun\.io([^"]*)"/.exec(command)?.[1] ?? "",
    {
      method: /-X (\w+)/.exec(command)?.[1] ?? "",
      headers: {
        Authorization: basicHeader(credential),
        "Content-Type": /-H "Content-Type: ([^"]+)"/.exec(command)?.[1] ?? "",
        ...(cookie === undefined ? {} : { Cookie: cookie }),
      },
      body: data ?? "",
    },
    { EVENT_QUEUE },
  );
  return { answer, sent };
}

/** What POST /ingest returns, with the queue held. */
const post = (client: Client, event: unknown, headers: Record<string, string> = {}, queue = heldEvents()): Promise<Response> =>
  client.post("/ingest", event, { headers, bindings: { EVENT_QUEUE: queue.EVENT_QUEUE } });

const refused = async (client: Client, event: unknown, status = 400, headers: Record<string, string> = {}) => {
  const queue = heldEvents();
  const problem = await readProblem(await post(client, event, headers, queue), status);
  expect(queue.sent).toEqual([]);
  return problem;
};

describe("the contract's examples", () => {
  it("the body of the request section", async () => {
    const { client } = await mintTenant();
    const [message] = await queueEvents(client, {
      alias_kind: "email",
      alias: "user@example.com",
      event_type: "Page View",
      metadata: { path: "/pricing", utm_source: "google" },
    });
    expect(message?.events).toEqual([
      {
        event_id: EVENT_ID,
        idempotency_key: null,
        lead_id: null,
        aliases: [["email", "user@example.com", null]],
        event_type: "Page View",
        occurred_at: expect.any(Number),
        received_at: expect.any(Number),
        metadata: { path: "/pricing", utm_source: "google" },
      },
    ]);
  });

  it("ingest using an email alias", async () => {
    const { client, credential } = await mintTenant();
    const { answer, sent } = await curl(
      `curl -X POST "https://api.kenbun.io/ingest" \\
-H "Authorization: Basic <credentials>" \\
-H "Content-Type: application/json" \\
-d '{
"alias_kind": "email",
"alias": "user@example.com",
"event_type": "Page View"
}'`,
      credential,
    );
    expect(answer.status).toBe(202);
    expect(answer.headers.get("Content-Type")).toContain("application/json");
    const { event_id } = await answer.json<{ event_id: string }>();
    await deliverEvents(sent);
    const receipt = await getReceipt(client, event_id);
    expect(receipt).toEqual({
      event_id,
      status: "processed",
      lead_id: LEAD_ID,
      score_before: 0,
      score_after: 0,
      triggers_fired: [],
      lag_ms: expect.any(Number),
    });
    const lead = await client.get("/lead/by-alias?kind=email&value=user@example.com");
    expect(await lead.json()).toMatchObject({ lead_id: receipt.lead_id, email: "user@example.com" });
  });

  it("ingest with lead ID and metadata", async () => {
    const { client, credential } = await mintTenant();
    const lead_id = await mintLead(client, { email: "user@example.com" });
    const { answer, sent } = await curl(
      `curl -X POST "https://api.kenbun.io/ingest" \\
-H "Authorization: Basic <credentials>" \\
-H "Content-Type: application/json" \\
-d '{
"lead_id": "ld_abc123",
"event_type": "Demo Request",
"metadata": {"product": "enterprise", "source": "website"}
}'`.replace("ld_abc123", lead_id),
      credential,
    );
    expect([answer.status, await answer.json()]).toEqual([202, TAKEN]);
    await deliverEvents(sent);
    expect(await (await client.get(`/events/${lead_id}`)).json()).toMatchObject({
      events: [{ lead_id, event_type: "Demo Request", metadata: { product: "enterprise", source: "website" } }],
      total: 1,
    });
  });

  it("ingest with a specific timestamp", async () => {
    const { client, credential } = await mintTenant();
    const { answer, sent } = await curl(
      `curl -X POST "https://api.kenbun.io/ingest" \\
-H "Authorization: Basic <credentials>" \\
-H "Content-Type: application/json" \\
-d '{
"alias_kind": "email",
"alias": "user@example.com",
"event_type": "Email Open",
"timestamp": "2025-09-15T14:30:00Z"
}'`,
      credential,
    );
    expect([answer.status, await answer.json()]).toEqual([202, TAKEN]);
    await deliverEvents(sent);
    expect(await (await client.get("/events")).json()).toMatchObject({
      events: [{ event_type: "Email Open", created_at: "2025-09-15T14:30:00.000Z" }],
    });
  });

  it("setting the active OU first: the cookie carries it", async () => {
    const { organization_id } = await mintTenant();
    const { client_id, client_secret } = await (async () => {
      const admin = await request(`/admin/organizations/${organization_id}/credentials`, {
        method: "POST",
        headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json" },
        body: JSON.stringify({ kind: "service_account", name: "roaming" }),
      });
      return admin.json<Credential>();
    })();
    const credential = { client_id, client_secret } as Credential;
    const event = `curl -X POST "https://api.kenbun.io/ingest" \\
-H "Authorization: Basic <credentials>" \\
-H "Content-Type: application/json" \\
-d '{"alias_kind": "email", "alias": "user@example.com", "event_type": "Page View"}'`;
    const without = await curl(event, credential);
    expect((await readProblem(without.answer, 400)).detail).toMatch(/^active OU not set: /);
    expect(without.sent).toEqual([]);
    const active = await curl(
      `curl -X POST "https://api.kenbun.io/org-units/active" \\
-H "Authorization: Basic <credentials>" \\
-H "Content-Type: application/json" \\
-d '{"ouId": "unit_default"}'`,
      credential,
    );
    expect(active.answer.status).toBe(200);
    const cookie = active.answer.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    const { answer, sent } = await curl(event, credential, cookie);
    expect([answer.status, await answer.json()]).toEqual([202, TAKEN]);
    expect(sent).toHaveLength(1);
  });

  it("through the real queue: on the timeline within seconds, scored, and fired", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "Page View", weight: 10 });
    const trigger = await insertTrigger(unit, "milestone", milestone(10), { name: "Ten" });
    const answer = await client.post("/ingest", asEmail("user@example.com", "page_view"));
    expect(answer.status).toBe(202);
    const { event_id } = await answer.json<{ event_id: string }>();
    expect(await settledReceipt(client, event_id)).toEqual({
      event_id,
      status: "processed",
      lead_id: LEAD_ID,
      score_before: 0,
      score_after: 10,
      triggers_fired: [{ kind: "milestone", id: trigger, name: "Ten" }],
      lag_ms: expect.any(Number),
    });
  });
});

describe("who may ingest", () => {
  it("without an active org unit: 400 with the documented message", async () => {
    const { organization_id } = await mintTenant();
    const roaming = await mintClient(organization_id);
    for (const path of ["/ingest", "/ingest/batch"]) {
      const body = path === "/ingest" ? asEmail("user@example.com") : { events: [asEmail("user@example.com")] };
      expect(await readProblem(await roaming.post(path, body), 400)).toMatchObject({
        detail: expect.stringMatching(/^active OU not set: /),
      });
    }
  });

  it("nobody without credentials, and no viewer", async () => {
    const { organization_id } = await mintTenant();
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    const editor = await mintClient(organization_id, { unit_id: "unit_default", role: "editor" });
    await readProblem(await request("/ingest", { method: "POST", body: "{}" }), 401);
    await readProblem(await post(viewer, asEmail("user@example.com")), 403);
    await readProblem(await viewer.post("/ingest/batch", { events: [asEmail("user@example.com")] }), 403);
    expect((await viewer.get("/ingest/rejected")).status).toBe(200);
    expect((await post(editor, asEmail("user@example.com"))).status).toBe(202);
  });
});

describe("what is refused", () => {
  it("a body that names unit_id, whatever it holds", async () => {
    const { client } = await mintTenant();
    for (const unit_id of ["unit_default", "", null, 5]) {
      const { errors } = await refused(client, { ...asEmail("user@example.com"), unit_id });
      expect(errors).toEqual([{ path: "unit_id", message: expect.stringContaining("active") }]);
    }
  });

  it("a missing or empty event type, a too long one", async () => {
    const { client } = await mintTenant();
    expect((await refused(client, { alias_kind: "email", alias: "a@example.com" })).errors).toEqual([
      { path: "event_type", message: "is required" },
    ]);
    for (const event_type of ["", "   ", "x".repeat(129)])
      expect((await refused(client, asEmail("a@example.com", event_type))).errors).toMatchObject([{ path: "event_type" }]);
    for (const event_type of [5, null, {}]) await refused(client, { ...asEmail("a@example.com"), event_type });
    expect((await post(client, asEmail("a@example.com", "x".repeat(128)))).status).toBe(202);
  });

  it("no identity, or half of one", async () => {
    const { client } = await mintTenant();
    const paths = async (event: Sent) => (await refused(client, { event_type: "Page View", ...event })).errors?.map(({ path }) => path);
    expect(await paths({})).toEqual(["lead_id"]);
    expect(await paths({ aliases: [] })).toEqual(["lead_id"]);
    expect(await paths({ lead_id: " " })).toEqual(["lead_id"]);
    expect(await paths({ alias: "a@example.com" })).toEqual(["alias_kind"]);
    expect(await paths({ alias_kind: "email" })).toEqual(["alias"]);
    expect(await paths({ lead_id: "ld_abc123", alias_kind: "email" })).toEqual(["alias"]);
    expect(await paths({ alias_kind: "fax", alias: "a" })).toEqual(["alias_kind"]);
    expect(await paths({ aliases: [{ alias_kind: "email" }] })).toEqual(["aliases.0.raw_value"]);
    expect(await paths({ aliases: [{ raw_value: "a" }] })).toEqual(["aliases.0.alias_kind"]);
    expect(await paths({ aliases: Array.from({ length: 21 }, (_, n) => ({ alias_kind: "cookie", raw_value: `c${n}` })) })).toEqual([
      "aliases",
    ]);
  });

  it.each([
    ["email", "not-an-email"],
    ["email", "a@b"],
    ["email", " "],
    ["email", ""],
    ["phone", "call me"],
    ["phone", "+"],
    ["external_id", ""],
    ["cookie", "x".repeat(513)],
  ])("an alias that is none: %s %j", async (kind, value) => {
    const { client } = await mintTenant();
    expect((await refused(client, { alias_kind: kind, alias: value, event_type: "x" })).errors).toMatchObject([{ path: "alias" }]);
    const listed = {
      aliases: [
        { alias_kind: "cookie", raw_value: "fine" },
        { alias_kind: kind, raw_value: value },
      ],
      event_type: "x",
    };
    expect((await refused(client, listed)).errors).toMatchObject([{ path: "aliases.1.raw_value" }]);
  });

  it.each(["\ud800", "x\udc00y"])("half a character, which no database keeps as it is: %j", async (value) => {
    const { client } = await mintTenant();
    for (const kind of ["external_id", "cookie", "social"])
      expect((await refused(client, { alias_kind: kind, alias: value, event_type: "x" })).errors).toMatchObject([{ path: "alias" }]);
    expect((await refused(client, asEmail("a@example.com", `Page${value}`))).errors).toMatchObject([{ path: "event_type" }]);
  });

  it.each([
    "yesterday",
    "",
    "2025-09-15",
    "2025-09-15T14:30:00",
    "2025-13-01T00:00:00Z",
    "2025-02-30T00:00:00Z",
    "2025-09-31T00:00:00Z",
    "2025-09-15T24:00:00Z",
    "2025-09-15T25:00:00Z",
    "2025-09-15T14:60:00Z",
    "2025-09-15T14:30:00+25:00",
    "2025-09-15T14:30:00+02:60",
    "1969-12-31T23:59:59Z",
    "Mon, 15 Sep 2025 14:30:00 GMT",
    "1757946600",
  ])("a timestamp that is none: %j", async (timestamp) => {
    const { client } = await mintTenant();
    const { errors } = await refused(client, asEmail("a@example.com", "Page View", { timestamp }));
    expect(errors).toEqual([{ path: "timestamp", message: expect.stringMatching(/RFC 3339|before 1970/) }]);
  });

  it("a lead id of more than 5,000 characters, and the message says how many came", async () => {
    const { client } = await mintTenant();
    for (const lead_id of ["x".repeat(5_001), "x".repeat(200_000)]) {
      const { detail } = await refused(client, { lead_id, event_type: "Page View" });
      expect(detail).toBe(`lead_id must be at most 5000 characters (got ${lead_id.length})`);
    }
  });

  it("a timestamp that is no text", async () => {
    const { client } = await mintTenant();
    for (const timestamp of [1757946600, null, {}]) await refused(client, asEmail("a@example.com", "x", { timestamp }));
  });

  it.each([
    ["2025-09-15T14:30:00Z", "2025-09-15T14:30:00.000Z"],
    ["2025-09-15T16:30:00+02:00", "2025-09-15T14:30:00.000Z"],
    ["2025-09-15T04:00:00-10:30", "2025-09-15T14:30:00.000Z"],
    ["2025-09-15T14:30:00.123Z", "2025-09-15T14:30:00.123Z"],
    ["2025-09-15T14:30:00.123456789Z", "2025-09-15T14:30:00.123Z"],
    ["2025-09-15t14:30:00z", "2025-09-15T14:30:00.000Z"],
    ["2025-09-15 14:30:00Z", "2025-09-15T14:30:00.000Z"],
    ["2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59.000Z"],
    ["2025-03-01T00:30:00+01:00", "2025-02-28T23:30:00.000Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
  ])("while %s is %s", async (timestamp, expected) => {
    const { client } = await mintTenant();
    const [message] = await queueEvents(client, asEmail("a@example.com", "x", { timestamp }));
    expect(new Date(message?.events[0]?.occurred_at ?? 0).toISOString()).toBe(expected);
  });

  it("a timestamp more than 24 hours ahead; exactly 24 hours are taken", async () => {
    const { client } = await mintTenant();
    await client.get("/event-types");
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const limit = Date.now() + 24 * 3600_000;
      const at = (ms: number) => asEmail("a@example.com", "x", { timestamp: new Date(ms).toISOString() });
      expect((await post(client, at(limit))).status).toBe(202);
      expect((await refused(client, at(limit + 1))).errors).toEqual([{ path: "timestamp", message: expect.stringContaining("24 hours") }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("metadata of more than 100 KB of JSON: 413; exactly 100 KB are taken", async () => {
    const { client } = await mintTenant();
    const sized = (bytes: number, unit = "x") => {
      const room = bytes - '{"text":""}'.length;
      const size = new TextEncoder().encode(unit).length;
      return { text: unit.repeat(Math.floor(room / size)) + "x".repeat(room % size) };
    };
    for (const unit of ["x", "é", "語", "😀"]) {
      expect(new TextEncoder().encode(JSON.stringify(sized(METADATA_BYTES_MAX, unit))).length).toBe(METADATA_BYTES_MAX);
      const [message] = await queueEvents(client, asEmail("a@example.com", "x", { metadata: sized(METADATA_BYTES_MAX, unit) }));
      expect(message?.events[0]?.metadata).toEqual(sized(METADATA_BYTES_MAX, unit));
      expect(await deliverEvents([message])).toEqual({ acked: [0], retried: [] });
      const problem = await refused(client, asEmail("a@example.com", "x", { metadata: sized(METADATA_BYTES_MAX + 1, unit) }), 413);
      expect(problem).toMatchObject({ code: "too_large", errors: [{ path: "metadata", message: expect.stringContaining("102401") }] });
    }
    const { events } = await (await client.get("/events")).json<{ events: { metadata: unknown }[] }>();
    expect(events.map(({ metadata }) => metadata)).toEqual(["😀", "語", "é", "x"].map((unit) => sized(METADATA_BYTES_MAX, unit)));
  });

  it("spaces and escapes of the caller's JSON are not counted", async () => {
    const { client } = await mintTenant();
    const text = "é".repeat(40_000);
    const body = JSON.stringify(asEmail("a@example.com", "x", { metadata: { text } })).replaceAll("é", "\\u00e9");
    const answer = await client.call("POST", "/ingest", {
      body,
      headers: { "Content-Type": "application/json" },
      bindings: { EVENT_QUEUE: heldEvents().EVENT_QUEUE },
    });
    expect([body.length > 2 * METADATA_BYTES_MAX, answer.status]).toEqual([true, 202]);
    await readProblem(
      await client.call("POST", "/ingest", { body: " ".repeat(400_000), headers: { "Content-Type": "application/json" } }),
      413,
    );
  });

  it("metadata that is no object, or that no JSON reader keeps", async () => {
    const { client } = await mintTenant();
    for (const metadata of [[], "text", 5, true, null])
      expect((await refused(client, asEmail("a@example.com", "x", { metadata }))).errors).toMatchObject([{ path: "metadata" }]);
    const raw = (metadata: string) =>
      client.call("POST", "/ingest", {
        body: `{"alias_kind":"email","alias":"a@example.com","event_type":"x","metadata":${metadata}}`,
        headers: { "Content-Type": "application/json" },
      });
    await readProblem(await raw('{"n":1e999}'), 400);
    await readProblem(await raw(`${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`), 400);
  });

  it("a body that is no JSON, or is not called JSON", async () => {
    const { client } = await mintTenant();
    for (const path of ["/ingest", "/ingest/batch"]) {
      await readProblem(await client.call("POST", path, { body: "{", headers: { "Content-Type": "application/json" } }), 400);
      await readProblem(await client.call("POST", path, { body: "[]", headers: { "Content-Type": "application/json" } }), 400);
      await readProblem(await client.call("POST", path, { body: "{}", headers: { "Content-Type": "text/plain" } }), 415);
      await readProblem(await client.call("POST", path, { body: "{}" }), 415);
    }
  });

  it("an event that the queue does not take: 503, and no receipt says that it was", async () => {
    const { client } = await mintTenant();
    await client.get("/event-types");
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("away")) } as unknown as Queue;
    await logged(async () => {
      const answer = await client.post("/ingest", asEmail("a@example.com"), { bindings: { EVENT_QUEUE } });
      expect((await readProblem(answer, 503)).code).toBe("unavailable");
    });
  });
});

describe("metadata", () => {
  it("comes back as it was sent, __proto__ and all", async () => {
    const { client } = await mintTenant();
    const text =
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"":"","n":-0.5,"big":1e21,"deep":{"__proto__":[null,{"a b":"\\u0000"}]}}';
    const { sent, EVENT_QUEUE } = heldEvents();
    const answer = await client.call("POST", "/ingest", {
      body: `{"alias_kind":"email","alias":"a@example.com","event_type":"x","metadata":${text}}`,
      headers: { "Content-Type": "application/json" },
      bindings: { EVENT_QUEUE },
    });
    expect(answer.status).toBe(202);
    await deliverEvents(sent);
    const body = await (await client.get("/events")).text();
    expect(body).toContain('"__proto__":{"polluted":true}');
    expect((JSON.parse(body) as { events: { metadata: unknown }[] }).events[0]?.metadata).toEqual(JSON.parse(text));
  });

  it("that was not sent is an empty object", async () => {
    const { client } = await mintTenant();
    await ingest(client, asEmail("a@example.com"));
    expect(await (await client.get("/events")).json()).toMatchObject({ events: [{ metadata: {} }] });
  });
});

describe("who an event belongs to", () => {
  const leadOf = async (client: Client, event: Sent) => (await getReceipt(client, (await ingest(client, event))[0] ?? "")).lead_id;

  it("an alias in any spelling is the same lead, and the first spelling is kept", async () => {
    const { client, unit } = await mintUnitTenant({ default_region: "US" });
    const first = await leadOf(client, asEmail(" User@Example.com "));
    expect(await leadOf(client, asEmail("user@example.COM"))).toBe(first);
    const phone = await leadOf(client, { alias_kind: "phone", alias: "(212) 555-0100", event_type: "x" });
    expect(await leadOf(client, { alias_kind: "phone", alias: "+12125550100", event_type: "x" })).toBe(phone);
    expect(phone).not.toBe(first);
    expect(await storedEvents(unit)).toMatchObject({ leads: 2, aliases: 2, events: 4 });
  });

  it("the list and the deprecated pair are one set", async () => {
    const { client, unit } = await mintUnitTenant();
    const event = {
      aliases: [
        { alias_kind: "cookie", raw_value: "c1" },
        { alias_kind: "email", raw_value: "A@example.com" },
      ],
      alias_kind: "email",
      alias: "a@example.com",
      event_type: "x",
    };
    const [message] = await queueEvents(client, event);
    expect(message?.events[0]?.aliases).toEqual([
      ["cookie", "c1", null],
      ["email", "a@example.com", "A@example.com"],
    ]);
    await deliverEvents([message]);
    const lead = await leadOf(client, asEmail("a@example.com"));
    expect(await leadOf(client, { alias_kind: "cookie", alias: "c1", event_type: "x" })).toBe(lead);
    expect(
      await leadOf(client, { aliases: [{ alias_kind: "cookie", raw_value: "c1" }], alias_kind: "social", alias: "s1", event_type: "x" }),
    ).toBe(lead);
    expect(await leadOf(client, { alias_kind: "social", alias: "s1", event_type: "x" })).toBe(lead);
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, aliases: 3 });
  });

  it("aliases of two leads: the first decides, nothing is merged, and the case is kept", async () => {
    const { client, unit } = await mintUnitTenant();
    const [a, b] = [await leadOf(client, asEmail("a@example.com")), await leadOf(client, asEmail("b@example.com"))];
    const both = (...values: string[]) => ({ aliases: values.map((raw_value) => ({ alias_kind: "email", raw_value })), event_type: "x" });
    expect(await leadOf(client, both("b@example.com", "a@example.com", "c@example.com"))).toBe(b);
    expect(await leadOf(client, asEmail("a@example.com"))).toBe(a);
    expect(await leadOf(client, asEmail("c@example.com"))).toBe(b);
    expect(await rowsOf(unit, "alias_conflicts")).toMatchObject([
      { value: "a@example.com", lead_id: b?.slice(3), owner_lead_id: a?.slice(3) },
    ]);
    // an alias that nobody has comes first: the lead that is known decides all the same
    expect(await leadOf(client, both("new@example.com", "a@example.com"))).toBe(a);
  });

  it("a lead id in any of its three writings", async () => {
    const { client } = await mintTenant();
    const lead_id = await mintLead(client, { email: "a@example.com" });
    const hex = lead_id.slice(3);
    const dashed = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    for (const written of [lead_id, dashed, `lead_${hex}`, dashed.toUpperCase(), hex])
      expect(await leadOf(client, { lead_id: written, event_type: "x" })).toBe(lead_id);
  });

  it("a lead id with aliases attaches them", async () => {
    const { client } = await mintTenant();
    const lead_id = await mintLead(client, { email: "a@example.com" });
    await ingest(client, { lead_id, aliases: [{ alias_kind: "cookie", raw_value: "c1" }], event_type: "x" });
    expect(await leadOf(client, { alias_kind: "cookie", alias: "c1", event_type: "x" })).toBe(lead_id);
  });

  it.each([
    "ld_abc123",
    "ld_0193f3a2c7b07aa18000c0ffee123456",
    "nonsense",
    "'; DROP TABLE leads",
    '"',
    "\u0000",
    "x".repeat(5000),
    "__proto__",
  ])("an unknown lead id is taken and rejected later, its aliases make nobody: %j", async (lead_id) => {
    const { client, unit } = await mintUnitTenant();
    const sent = { lead_id, aliases: [{ alias_kind: "cookie", raw_value: "c1" }], event_type: "Demo Request", metadata: { a: 1 } };
    const [id = ""] = await ingest(client, sent);
    expect(await getReceipt(client, id)).toEqual({
      event_id: id,
      status: "rejected",
      lead_id: null,
      score_before: null,
      score_after: null,
      triggers_fired: [],
      lag_ms: null,
      error: expect.stringContaining("lead_id"),
    });
    expect(await (await client.get("/ingest/rejected")).json()).toEqual({
      events: [
        {
          event_id: id,
          error: expect.stringContaining("lead_id"),
          lead_id,
          aliases: [{ alias_kind: "cookie", raw_value: "c1" }],
          event_type: "Demo Request",
          timestamp: expect.any(String),
          metadata: { a: 1 },
          received_at: expect.any(String),
          rejected_at: expect.any(String),
        },
      ],
      total: 1,
      page: 1,
      limit: 25,
    });
    expect(await storedEvents(unit)).toMatchObject({ leads: 0, aliases: 0, events: 0, refused_events: 1 });
  });

  it("another tenant's lead is unknown", async () => {
    const { client } = await mintTenant();
    const lead_id = await mintLead((await mintTenant()).client, { email: "a@example.com" });
    const [id = ""] = await ingest(client, { lead_id, event_type: "x" });
    expect((await getReceipt(client, id)).status).toBe("rejected");
  });
});

describe("ids of the caller's own", () => {
  const counted = async (unit: number) => (await storedEvents(unit)).events;

  it("an event_id counts once, however often it is sent", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "Purchase", weight: 10 });
    const event = asEmail("a@example.com", "Purchase", { event_id: "order-4711-paid" });
    const answer = await post(client, event);
    expect(await answer.json()).toMatchObject({ event_id: "order-4711-paid" });
    await ingest(client, event);
    const before = await getReceipt(client, "order-4711-paid");
    await ingest(client, event, event);
    await ingest(client, { ...event, event_type: "Refund", metadata: { other: true } });
    expect(await getReceipt(client, "order-4711-paid")).toEqual(before);
    expect(before).toMatchObject({ status: "processed", score_after: 10 });
    expect(await storedEvents(unit)).toMatchObject({ events: 1, contributions: 1, refused_events: 0 });
  });

  it("the same id in another tenant is another event", async () => {
    for (const { client, unit } of [await mintUnitTenant(), await mintUnitTenant()]) {
      await ingest(client, asEmail("a@example.com", "x", { event_id: "order-1" }));
      expect(await counted(unit)).toBe(1);
    }
  });

  /** Sends with an Idempotency-Key; returns the message. */
  async function keyed(client: Client, key: string, event: Sent): Promise<EventMessage> {
    const queue = heldEvents();
    expect((await post(client, event, { "Idempotency-Key": key }, queue)).status).toBe(202);
    return queue.sent[0] as EventMessage;
  }

  it("an Idempotency-Key alone is the event's id", async () => {
    const { client, unit } = await mintUnitTenant();
    const message = await keyed(client, "key-1", asEmail("a@example.com"));
    expect(message.events[0]).toMatchObject({ event_id: "key-1", idempotency_key: null });
    await deliverEvents([message]);
    await deliverEvents([await keyed(client, "key-1", asEmail("a@example.com"))]);
    expect(await counted(unit)).toBe(1);
    expect((await getReceipt(client, "key-1")).status).toBe("processed");
  });

  it("both, and they are the same", async () => {
    const { client, unit } = await mintUnitTenant();
    await deliverEvents([await keyed(client, "one", asEmail("a@example.com", "x", { event_id: "one" }))]);
    await deliverEvents([await keyed(client, "one", asEmail("a@example.com", "x", { event_id: "one" }))]);
    expect(await counted(unit)).toBe(1);
    expect(await rowsOf(unit, "event_keys")).toEqual([]);
  });

  it.each(["in one batch", "in two batches"])(
    "a key that comes again with another event_id: a duplicate, which says of what, %s",
    async (how) => {
      const { client, unit } = await mintUnitTenant();
      const messages = [
        await keyed(client, "key-1", asEmail("a@example.com", "x", { event_id: "first" })),
        await keyed(client, "key-1", asEmail("a@example.com", "x", { event_id: "second" })),
      ];
      if (how === "in one batch") await deliverEvents(messages);
      else for (const message of messages) await deliverEvents([message]);
      expect(await getReceipt(client, "first")).toMatchObject({ status: "processed" });
      expect(await getReceipt(client, "second")).toMatchObject({ status: "duplicate", duplicate_of: "first", lead_id: null });
      expect(await counted(unit)).toBe(1);
      expect(await (await client.get("/ingest/rejected")).json()).toMatchObject({ events: [], total: 0 });
    },
  );

  it.each([
    ["first alone, then with an event_id", [null, "mine"]],
    ["first with an event_id, then alone", ["mine", null]],
  ] as const)("a key %s: one event", async (_, ids) => {
    for (const together of [true, false]) {
      const { client, unit } = await mintUnitTenant();
      const messages = [];
      for (const id of ids) messages.push(await keyed(client, "key-1", asEmail("a@example.com", "x", id === null ? {} : { event_id: id })));
      if (together) await deliverEvents(messages);
      else for (const message of messages) await deliverEvents([message]);
      expect(await counted(unit)).toBe(1);
      const original = ids[0] ?? "key-1";
      const repeated = ids[1] ?? "key-1";
      expect(await getReceipt(client, original)).toMatchObject({ status: "processed" });
      expect(await getReceipt(client, repeated)).toMatchObject({ status: "duplicate", duplicate_of: original });
    }
  });

  it.each(["", "with space", "é", "a\tb", "x".repeat(129)])("an id with bad characters is refused: %j", async (id) => {
    const { client } = await mintTenant();
    expect((await refused(client, asEmail("a@example.com", "x", { event_id: id }))).errors).toMatchObject([{ path: "event_id" }]);
  });

  it.each(["with space", "x".repeat(129)])("so is such a key: %j", async (key) => {
    const { client } = await mintTenant();
    expect((await refused(client, asEmail("a@example.com"), 400, { "Idempotency-Key": key })).errors).toMatchObject([
      { path: "Idempotency-Key" },
    ]);
  });

  it.each(["!", "a/b?c=d&e#f%", "x".repeat(128), "__proto__", "'\"\\"])(
    "any other visible ASCII is an id, found again as a receipt: %j",
    async (id) => {
      const { client } = await mintTenant();
      await ingest(client, asEmail("a@example.com", "x", { event_id: id }));
      expect(await getReceipt(client, id)).toMatchObject({ event_id: id, status: "processed" });
    },
  );
});

describe("many at once", () => {
  type Verdicts = { results: { event_id: string | null; status: string; error?: string }[] };
  async function batch(client: Client, events: unknown[]) {
    const queue = heldEvents();
    const answer = await client.post("/ingest/batch", { events }, { bindings: { EVENT_QUEUE: queue.EVENT_QUEUE } });
    expect(answer.status, await answer.clone().text()).toBe(202);
    return { ...(await answer.json<Verdicts>()), sent: queue.sent };
  }

  it("each has its verdict, in the order they were sent, and a bad one stops no other", async () => {
    const { client, unit } = await mintUnitTenant();
    const { results, sent } = await batch(client, [
      asEmail("a@example.com", "x", { event_id: "one" }),
      { event_type: "x" },
      asEmail("b@example.com"),
      null,
      asEmail("bad", "x", { event_id: "three" }),
      asEmail("a@example.com", "x", { unit_id: "unit_default" }),
      asEmail("a@example.com", "x", { event_id: "with space" }),
      { lead_id: "ld_abc123", event_type: "x", event_id: "four" },
      { event_id: "five", alias_kind: "email", alias: "a@example.com" },
    ]);
    expect(results).toEqual([
      { event_id: "one", status: "queued" },
      { event_id: null, status: "rejected", error: expect.stringContaining("lead_id") },
      { event_id: EVENT_ID, status: "queued" },
      { event_id: null, status: "rejected", error: expect.any(String) },
      { event_id: "three", status: "rejected", error: expect.stringContaining("alias") },
      { event_id: null, status: "rejected", error: expect.stringContaining("unit_id") },
      { event_id: "with space", status: "rejected", error: expect.stringContaining("event_id") },
      { event_id: "four", status: "queued" },
      { event_id: "five", status: "rejected", error: "event_type: is required" },
    ]);
    await deliverEvents(sent);
    expect(await storedEvents(unit)).toMatchObject({ events: 2, leads: 2, refused_events: 1 });
    expect((await getReceipt(client, "four")).status).toBe("rejected");
  });

  it("500 are taken, 501 and none are not", async () => {
    const { client, unit } = await mintUnitTenant();
    const events = Array.from({ length: 501 }, (_, n) => asEmail(`p${n}@example.com`));
    const { results, sent } = await batch(client, events.slice(0, 500));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 500 }, () => "queued"));
    expect(new Set(results.map(({ event_id }) => event_id)).size).toBe(500);
    for (const message of sent) expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(128_000);
    await deliverEvents(sent);
    expect(await storedEvents(unit)).toMatchObject({ events: 500, leads: 500 });
    for (const wrong of [events, []])
      expect((await readProblem(await client.post("/ingest/batch", { events: wrong }), 400)).errors).toMatchObject([{ path: "events" }]);
    await readProblem(await client.post("/ingest/batch", { events: {} }), 400);
    await readProblem(await client.post("/ingest/batch", {}), 400);
  });

  it("a huge one among small ones is refused alone; large ones travel in messages of their own", async () => {
    const { client, unit } = await mintUnitTenant();
    const large = (bytes: number) => asEmail("a@example.com", "x", { metadata: { text: "x".repeat(bytes) } });
    const { results, sent } = await batch(client, [
      asEmail("a@example.com"),
      large(METADATA_BYTES_MAX),
      large(100_000),
      large(100_000),
      asEmail("a@example.com"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["queued", "rejected", "queued", "queued", "queued"]);
    expect(results[1]?.error).toContain("metadata");
    for (const message of sent) expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(128_000);
    await deliverEvents(sent);
    expect((await storedEvents(unit)).events).toBe(4);
  });

  it("a repeated event inside one batch counts once", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "x", weight: 5 });
    const event = asEmail("a@example.com", "x", { event_id: "one" });
    const { results, sent } = await batch(client, [event, event, event]);
    expect(results.map(({ status }) => status)).toEqual(["queued", "queued", "queued"]);
    await deliverEvents(sent);
    expect(await storedEvents(unit)).toMatchObject({ events: 1, contributions: 1 });
  });

  it("what the queue does not take is said to be lost, and may be sent again", async () => {
    const { client } = await mintTenant();
    await client.get("/event-types");
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("away")) } as unknown as Queue;
    await logged(async () => {
      const answer = await client.post(
        "/ingest/batch",
        { events: [asEmail("a@example.com"), { event_type: "x" }] },
        { bindings: { EVENT_QUEUE } },
      );
      const { results } = await answer.json<Verdicts>();
      expect(results).toMatchObject([
        { status: "rejected", error: expect.stringContaining("send it again") },
        { status: "rejected", error: expect.stringContaining("lead_id") },
      ]);
    });
  });
});

describe("receipts", () => {
  it("an event is queued until it is processed, and only its own tenant knows", async () => {
    const { client } = await mintTenant();
    const { client: rival } = await mintTenant();
    const messages = await queueEvents(client, asEmail("a@example.com"));
    const id = messages[0]?.events[0]?.event_id ?? "";
    const nothing = { lead_id: null, score_before: null, score_after: null, triggers_fired: [], lag_ms: null };
    expect(await getReceipt(client, id)).toEqual({ event_id: id, status: "queued", ...nothing });
    await readProblem(await rival.get(`/ingest/receipts/${id}`), 404);
    await deliverEvents(messages);
    expect(await getReceipt(client, id)).toMatchObject({ status: "processed" });
    await readProblem(await rival.get(`/ingest/receipts/${id}`), 404);
  });

  it("an event under an id of the caller's own is queued too, as long as the isolate that took it remembers", async () => {
    const { client } = await mintTenant();
    const { client: rival } = await mintTenant();
    const messages = await queueEvents(client, asEmail("a@example.com", "Page View", { event_id: "order-1" }));
    expect(await getReceipt(client, "order-1")).toMatchObject({ status: "queued", lead_id: null });
    await readProblem(await rival.get("/ingest/receipts/order-1"), 404);
    await readProblem(await client.get("/ingest/receipts/order-2"), 404);
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime(Date.now() + 60_000);
      await readProblem(await client.get("/ingest/receipts/order-1"), 404);
    } finally {
      vi.useRealTimers();
    }
    await deliverEvents(messages);
    expect(await getReceipt(client, "order-1")).toMatchObject({ status: "processed" });
  });

  it("another unit of the same organization does not know it either", async () => {
    const tenant = await mintTenant();
    const unit_id = await mintUnit(tenant, "Other");
    const other = await mintClient(tenant.organization_id, { unit_id });
    const [message] = await queueEvents(tenant.client, asEmail("a@example.com"));
    await readProblem(await other.get(`/ingest/receipts/${message?.events[0]?.event_id}`), 404);
  });

  it("an unknown id is a 404", async () => {
    const { client } = await mintTenant();
    for (const id of ["nothing", "evt_0193f3a2c7b07aa18000c0ffee1234565e884898", "%00", "x".repeat(5000)])
      await readProblem(await client.get(`/ingest/receipts/${id}`), 404);
  });

  it("the time from the answer to the timeline is reported", async () => {
    const { client } = await mintTenant();
    const messages = await queueEvents(client, asEmail("a@example.com"));
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime((messages[0]?.events[0]?.received_at ?? 0) + 1234);
      await deliverEvents(messages);
    } finally {
      vi.useRealTimers();
    }
    expect(await getReceipt(client, messages[0]?.events[0]?.event_id ?? "")).toMatchObject({ lag_ms: 1234 });
  });
});

it("a receipt's lag includes what passes between loading and writing", async () => {
  const { client } = await mintTenant();
  const [message] = await queueEvents(client, asEmail("a@example.com"));
  const DB = interceptedD1(async (call, run) => {
    if (call.statements.some(({ text }) => text.startsWith("INSERT INTO events"))) await new Promise((resolve) => setTimeout(resolve, 300));
    return run();
  });
  await deliverEvents([message], { DB });
  // both clocks are this machine's: a few ms of rounding
  expect((await getReceipt(client, message?.events[0]?.event_id ?? "")).lag_ms).toBeGreaterThan(290);
});

describe("rejected events", () => {
  it("are paged, newest first", async () => {
    const { client } = await mintTenant();
    const ids = Array.from({ length: 5 }, (_, n) => `e${n}`);
    const { received_at = 0 } = (await queueEvents(client, asEmail("a@example.com")))[0]?.events[0] ?? {};
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      for (const [n, event_id] of ids.entries()) {
        vi.setSystemTime(received_at + n * 1000);
        await ingest(client, { lead_id: "ld_abc123", event_type: "x", event_id });
      }
    } finally {
      vi.useRealTimers();
    }
    const page = async (query: string) => {
      const { events, ...rest } = await (await client.get(`/ingest/rejected?${query}`)).json<{ events: { event_id: string }[] }>();
      return [events.map(({ event_id }) => event_id), rest];
    };
    expect(await page("")).toEqual([["e4", "e3", "e2", "e1", "e0"], { total: 5, page: 1, limit: 25 }]);
    expect(await page("limit=2&page=2")).toEqual([["e2", "e1"], { total: 5, page: 2, limit: 2 }]);
    expect(await page("limit=2&page=4")).toEqual([[], { total: 5, page: 4, limit: 2 }]);
    for (const wrong of ["limit=0", "limit=101", "page=0", "page=x"]) await readProblem(await client.get(`/ingest/rejected?${wrong}`), 400);
  });

  it.each(["in one batch", "in two batches"])(
    "an event that was rejected and is sent again with a good identity counts, %s",
    async (how) => {
      const { client, unit } = await mintUnitTenant();
      const wrong = { lead_id: "ld_abc123", event_type: "x", event_id: "e1" };
      const right = asEmail("a@example.com", "x", { event_id: "e1" });
      if (how === "in one batch") await ingest(client, wrong, right, wrong);
      else for (const event of [wrong, right, wrong]) await ingest(client, event);
      expect(await getReceipt(client, "e1")).toMatchObject({ status: "processed" });
      expect(await storedEvents(unit)).toMatchObject({ events: 1, refused_events: 0 });
      expect(await (await client.get("/ingest/rejected")).json()).toMatchObject({ total: 0 });
    },
  );
});

it("no table is touched before the answer: a caller that is known costs no round trip to D1", async () => {
  const { client } = await mintTenant();
  const { DB, count } = countingD1();
  const bindings = { DB, EVENT_QUEUE: heldEvents().EVENT_QUEUE };
  expect((await client.post("/ingest", asEmail("a@example.com"), { bindings })).status).toBe(202);
  count.trips = 0;
  expect((await client.post("/ingest", asEmail("a@example.com"), { bindings })).status).toBe(202);
  expect((await client.post("/ingest/batch", { events: [asEmail("a@example.com")] }, { bindings })).status).toBe(202);
  expect(count.trips).toBe(0);
});
