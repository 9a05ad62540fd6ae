/** What an operator sees: metrics, readiness, and the messages that no consumer could settle. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mintChannel, nudge, receiver, wait } from "../support/deliveries";
import { deliverDead, deliverEvents, type EventMessage, heldEvents, mintUnitTenant, queueEvents, storedEvents } from "../support/events";
import { held, releaseHeld } from "../support/held";
import { heldQueue, importCsv } from "../support/imports";
import { clientWith, mintTenant } from "../support/tenant";
import { happenAndSend, mintRules, mintTrigger } from "../support/triggers";
import { failingD1, logged, readProblem, request } from "../support/worker";

releaseHeld();
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const operator = clientWith({ Authorization: "Bearer test-admin-token" });

/** The values of every series, by its name and labels. */
async function metrics(bindings: Partial<Env> = {}): Promise<Map<string, number>> {
  const answer = await request("/metrics", {}, bindings);
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/plain; version=0.0.4"]);
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, series = "", value = ""] = /^([a-z_0-9]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      expect(series, line).not.toBe("");
      return [series, Number(value)];
    }),
  );
}

describe("GET /metrics", () => {
  it("has the contract's series, without credentials, and those of operations", async () => {
    const text = await (await request("/metrics")).text();
    for (const [name, kind] of [
      ["events_ingested_total", "counter"],
      ["queue_depth", "gauge"],
      ["event_to_slack_latency_seconds", "histogram"],
      ["http_requests_total", "counter"],
      ["import_rows_total", "counter"],
      ["d1_errors_total", "counter"],
      ["dead_letters", "gauge"],
      ["queue_oldest_seconds", "gauge"],
      ["spilled_objects", "gauge"],
    ])
      expect(text).toMatch(new RegExp(`# HELP ${name} .+\n# TYPE ${name} ${kind}\n`));
    for (const part of ['bucket{le="+Inf"}', "sum", "count"]) expect(text).toContain(`event_to_slack_latency_seconds_${part} `);
  });

  it("counts requests by status and method, accepted events, imported rows and database errors", async () => {
    const before = await metrics();
    const { client } = await mintTenant();
    const { EVENT_QUEUE } = heldEvents();
    const event = { alias_kind: "email", alias: "a@example.com", event_type: "x" };
    await client.post("/ingest", event, { bindings: { EVENT_QUEUE } });
    await client.post("/ingest/batch", { events: [event, event, {}] }, { bindings: { EVENT_QUEUE } });
    await client.get("/lead/by-alias?kind=email&value=nobody@example.com");
    await importCsv(client, "Email\na@example.com\nb@example.com\n", { primary_identifier: { column: "Email", kind: "email" } });
    await logged(() => client.get("/events", { bindings: failingD1("D1_ERROR: Network connection lost.") }));
    const after = await metrics();
    const grown = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    expect(grown("events_ingested_total")).toBe(3);
    expect(grown("import_rows_total")).toBe(2);
    expect(grown('http_requests_total{code="202",method="POST"}')).toBeGreaterThanOrEqual(2);
    expect(grown('http_requests_total{code="404",method="GET"}')).toBe(1);
    expect(grown('http_requests_total{code="503",method="GET"}')).toBe(1);
    expect(grown("d1_errors_total")).toBeGreaterThanOrEqual(1);
  });

  it("counts from the acceptance of an event to Slack's response, in every bucket that it fits, once", async () => {
    const { client } = await mintTenant();
    const slack = await mintChannel(client, "slack", { webhook_url: "https://hooks.slack.com/services/T/B/x" });
    await mintRules(client, { Purchase: 60 });
    await mintTrigger(client, { channel_ids: [slack.id] });
    const before = await metrics();
    const grownBy = async () => {
      const after = await metrics();
      return (series: string) =>
        (after.get(`event_to_slack_latency_seconds_${series}`) ?? 0) - (before.get(`event_to_slack_latency_seconds_${series}`) ?? 0);
    };
    let open = false;
    receiver(() => new Response(null, { status: open ? 200 : 503 }));
    const messages = await happenAndSend(client, { event_type: "Purchase" });
    expect((await grownBy())("count")).toBe(0);
    open = true;
    wait(20_000);
    await nudge(messages);
    const grown = await grownBy();
    expect(["0.5", "1", "2", "5", "10", "30", "60", "300", "3600", "+Inf"].map((le) => grown(`bucket{le="${le}"}`))).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
    ]);
    expect(grown("count")).toBe(1);
    expect(grown("sum")).toBeGreaterThanOrEqual(20);
    expect(grown("sum")).toBeLessThan(30);
  });

  it("names no tenant, and a method of the caller's own makes no series", async () => {
    const tenant = await mintTenant();
    await tenant.client.get("/events");
    await request("/health", { method: "PROPFIND" });
    const text = await (await request("/metrics")).text();
    for (const secret of [tenant.organization_id, tenant.workspace_id, tenant.credential.client_id]) expect(text).not.toContain(secret);
    expect(text).not.toContain("PROPFIND");
  });

  it("works while the database is away, without the gauges that need it", async () => {
    await logged(async () => {
      const found = await metrics(failingD1("D1_ERROR: Network connection lost."));
      expect(found.has("dead_letters")).toBe(false);
      expect(found.has("events_ingested_total")).toBe(true);
    });
  });
});

describe("GET /health/ready", () => {
  const ready = async (bindings: Partial<Env> = {}) => {
    const answer = await request("/health/ready", {}, bindings);
    return {
      status: answer.status,
      body: await answer.json<{ status: string; checks: Record<string, { ok: boolean; detail?: string }> }>(),
    };
  };

  it("is 200 when D1, R2 and the queue work", async () => {
    const check = { ok: true, ms: expect.any(Number) };
    expect(await ready()).toEqual({ status: 200, body: { status: "ready", checks: { database: check, files: check, backlog: check } } });
  });

  it("is 503 and names what does not work, but not why", async () => {
    const away = failingD1("D1_ERROR: secret reason");
    const { status, body } = await ready(away);
    expect([status, body.status]).toEqual([503, "not_ready"]);
    expect(body.checks).toMatchObject({ database: { ok: false, detail: "failed" }, files: { ok: true }, backlog: { ok: true } });
    const never = { prepare: () => ({ bind: () => ({ all: () => held() }) }) } as unknown as D1Database;
    expect((await ready({ DB: never })).body.checks.database).toMatchObject({ ok: false, detail: expect.stringContaining("1500 ms") });
  });

  it("is 503 while R2 is away", async () => {
    const DB = new Proxy(env.DB, { get: (d1, name: keyof D1Database) => (d1[name] as () => void).bind(d1) });
    const FILES = { head: () => Promise.reject(new Error("away")) } as unknown as R2Bucket;
    expect((await ready({ DB, FILES })).body.checks).toMatchObject({ database: { ok: true }, files: { ok: false } });
  });
});

describe("dead letters", () => {
  type Letters = { dead_letters: { id: string; queue: string; body: unknown }[]; total: number };
  const list = async (query = "") => (await operator.get(`/admin/dead-letters${query}`)).json<Letters>();

  async function insert(body: unknown, queue = `test-${crypto.randomUUID()}`): Promise<{ id: string; queue: string }> {
    const id = crypto.randomUUID();
    await env.DB.prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, ?2, ?3, ?4)")
      .bind(id, queue, JSON.stringify(body), Date.now())
      .run();
    return { id, queue };
  }

  it("are listed by queue and page, newest first", async () => {
    const queue = `test-${crypto.randomUUID()}`;
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift((await insert({ n }, queue)).id);
    const found = await list(`?queue=${queue}&limit=2`);
    expect(found).toMatchObject({ total: 3, page: 1, limit: 2 });
    const second = await list(`?queue=${queue}&limit=2&page=2`);
    expect([...found.dead_letters, ...second.dead_letters].map(({ id }) => id).sort()).toEqual(ids.toSorted());
    await readProblem(await operator.get("/admin/dead-letters?limit=0"), 400);
  });

  it("of events of an unknown unit are replayed once the unit exists: sent, and gone from the list", async () => {
    const { client, unit } = await mintUnitTenant();
    const [message] = await queueEvents(client, { alias_kind: "email", alias: "a@example.com", event_type: "x" });
    const { id } = await insert(message);
    const { sent, EVENT_QUEUE } = heldEvents();
    const answer = await operator.post(`/admin/dead-letters/${id}/replay`, undefined, { bindings: { EVENT_QUEUE } });
    expect([answer.status, await answer.json()]).toEqual([202, { id, queue: "events" }]);
    await deliverEvents(sent);
    expect((await storedEvents(unit)).events).toBe(1);
    await readProblem(await operator.post(`/admin/dead-letters/${id}/replay`, undefined, { bindings: { EVENT_QUEUE } }), 404);
  });

  it("of imports and deliveries go to their own queues", async () => {
    const imports = heldQueue();
    const deliveries = heldQueue();
    const bindings = { IMPORT_QUEUE: imports.IMPORT_QUEUE, DELIVERY_QUEUE: deliveries.IMPORT_QUEUE };
    for (const body of [
      { unit: 1, job_id: "job_1" },
      { unit: 1, delivery_id: "dlv_1" },
    ]) {
      const { id } = await insert(body);
      expect((await operator.post(`/admin/dead-letters/${id}/replay`, undefined, { bindings })).status).toBe(202);
    }
    expect([imports.sent, deliveries.sent]).toEqual([[{ unit: 1, job_id: "job_1" }], [{ unit: 1, delivery_id: "dlv_1" }]]);
  });

  it("stay when the queue fails, or when no queue takes them", async () => {
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("away")) } as unknown as Queue;
    const letter = await insert({ unit: 1, events: [] } satisfies EventMessage);
    const odd = await insert(null);
    const replay = (id: string) => operator.post(`/admin/dead-letters/${id}/replay`, undefined, { bindings: { EVENT_QUEUE } });
    await readProblem(await replay(letter.id), 503);
    await readProblem(await replay(odd.id), 409);
    for (const { queue } of [letter, odd]) expect((await list(`?queue=${queue}`)).total).toBe(1);
  });

  it("are recorded from a malformed message of events, and counted", async () => {
    const before = (await metrics()).get("dead_letters") ?? 0;
    await deliverDead([{ lost: crypto.randomUUID() }]);
    expect((await metrics()).get("dead_letters")).toBe(before + 1);
  });
});
