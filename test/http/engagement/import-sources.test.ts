/** Standing imports: each version of a file is imported once, or waits for a person and says why. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unitKeyOf } from "../../support/context";
import { HOOK, mintChannel } from "../../support/deliveries";
import { cronTick, deliver, deliverAll, getJob, heldQueue, importCsv, interceptedD1, stored } from "../../support/imports";
import { type Client, mintTenant, type Tenant } from "../../support/tenant";

const URL_OF_FEED = "https://docs.google.com/spreadsheets/d/1abc/export?format=csv";
const MAPPING = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { Name: "name", Company: "company" },
};
const BODY = { name: "Sheet", url: URL_OF_FEED, schedule: "hourly", mapping: MAPPING };
const HOUR_MS = 3600_000;

type Source = {
  source_id: string;
  status: string;
  last_job_id: string | null;
  last_error: string | null;
  next_poll_at: string;
  waiting: { plan_id: string | null; reasons: { code: string }[]; counts: Record<string, number> | null; total_rows: number } | null;
};

let tenant: Tenant;
let client: Client;
let unit: number;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
  unit = await unitKeyOf(tenant);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** What the URL returns, and what was requested. */
function feed(first: string) {
  const asked: Headers[] = [];
  const state = { content: first, etag: '"1"' as string | null, asked, answer: null as Response | null };
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    asked.push(headers);
    if (state.answer) return state.answer.clone();
    if (state.etag && headers.get("If-None-Match") === state.etag) return new Response(null, { status: 304 });
    return new Response(state.content, { headers: state.etag ? { ETag: state.etag } : {} });
  });
  return state;
}
const rows = (count: number, company = "Acme") =>
  `Email,Name,Company\n${Array.from({ length: count }, (_, n) => `s${n}@example.com,Name ${n},${company}\n`).join("")}`;

async function mintSource(body: object = {}): Promise<Source> {
  const answer = await client.post("/leads/import/sources", { ...BODY, ...body }, { bindings: { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE } });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<Source>();
}
const readsPlan = ({ text }: { text: string }) => text.startsWith("SELECT * FROM import_plans");
const sourceOf = async (id: string) => (await client.get(`/leads/import/sources/${id}`)).json<Source>();

/** The next poll and what follows from it, as the schedule would have it. */
async function polled(id: string): Promise<Source> {
  await env.DB.prepare("UPDATE import_sources SET next_poll_at = 0 WHERE source_id = ?1").bind(id).run();
  await deliverAll({ unit, source: id });
  return sourceOf(id);
}

describe("a poll", () => {
  it("imports a new version once, by the validators or by its content, and undo takes it back", async () => {
    const state = feed(rows(3));
    const { source_id } = await mintSource();
    const first = await polled(source_id);
    expect(first).toMatchObject({ status: "idle", waiting: null, last_error: null });
    expect(await getJob(client, first.last_job_id ?? "")).toMatchObject({ status: "completed", created_count: 3 });
    expect(await polled(source_id)).toMatchObject({ last_job_id: first.last_job_id });
    expect(state.asked.at(-1)?.get("If-None-Match")).toBe('"1"');
    state.etag = '"2"';
    expect(await polled(source_id)).toMatchObject({ last_job_id: first.last_job_id });
    state.content = rows(4);
    state.etag = '"3"';
    const second = await polled(source_id);
    expect(await getJob(client, second.last_job_id ?? "")).toMatchObject({ created_count: 1, unchanged_count: 3 });
    expect((await client.post(`/leads/import/jobs/${second.last_job_id}/undo`)).status).toBe(202);
  });

  it("is due by the schedule, and the cron finds it", async () => {
    feed(rows(1));
    const { source_id } = await mintSource();
    const nudges = async () => (await cronTick("* * * * *")).filter((sent) => "source" in sent && sent.source === source_id);
    const [message] = await nudges();
    expect(message).toEqual({ unit, source: source_id });
    await deliverAll(message as object);
    expect(await nudges()).toEqual([]);
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(now + HOUR_MS + 1000);
    expect(await nudges()).toEqual([message]);
  });

  it("of messages delivered twice and at once one polls", async () => {
    const state = feed(rows(3));
    const { source_id } = await mintSource();
    const message = { unit, source: source_id };
    const queue = heldQueue();
    await Promise.all([1, 2, 3].map(() => deliver(message, { IMPORT_QUEUE: queue.IMPORT_QUEUE })));
    await deliver(message, { IMPORT_QUEUE: queue.IMPORT_QUEUE });
    expect(state.asked).toHaveLength(1);
    expect(queue.sent).toHaveLength(1);
  });

  it("that dies after it has started the import is repeated without a second import", async () => {
    feed(rows(3));
    const { source_id } = await mintSource();
    const done = await polled(source_id);
    const jobs = async () => Number(await env.DB.prepare("SELECT count(*) AS n FROM import_jobs WHERE unit = ?1").bind(unit).first("n"));
    const plan = await env.DB.prepare("SELECT plan_id FROM import_plans WHERE unit = ?1").bind(unit).first<string>("plan_id");
    const version = { etag: '"1"', last_modified: null, content_hash: "x", headers: ["Email", "Name", "Company"] };
    const pending = { ...version, state: "planning", since: 0, file_id: "f", plan_id: plan, reasons: [], counts: null, total_rows: 3 };
    await env.DB.prepare("UPDATE import_sources SET pending = ?2, last_job_id = NULL, content_hash = NULL WHERE source_id = ?1")
      .bind(source_id, JSON.stringify(pending))
      .run();
    expect(await polled(source_id)).toMatchObject({ status: "idle", last_job_id: done.last_job_id });
    expect(await jobs()).toBe(1);
  });

  it("that a database error interrupts is repeated, and holds nothing", async () => {
    feed(rows(3));
    const { source_id } = await mintSource();
    let reads = 0;
    // the first read is the plan's own
    const DB = interceptedD1(async ({ statements }, run) => {
      if (statements.some(readsPlan) && ++reads > 1) throw new Error("D1_ERROR: lost");
      return run();
    });
    await deliver({ unit, source: source_id }, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    expect(reads).toBeGreaterThan(1);
    expect((await sourceOf(source_id)).waiting).toBeNull();
    await env.DB.prepare("UPDATE import_sources SET claimed_at = NULL WHERE source_id = ?1").bind(source_id).run();
    const { last_job_id } = await polled(source_id);
    expect(await getJob(client, last_job_id ?? "")).toMatchObject({ status: "completed", created_count: 3 });
  });

  it("starts no import of a source that is switched off while it runs", async () => {
    feed(rows(3));
    const { source_id } = await mintSource();
    let reads = 0;
    // the first read is the plan's own
    const DB = interceptedD1(async ({ statements }, run) => {
      const result = await run();
      if (statements.some(readsPlan) && ++reads === 2)
        await client.call("PUT", `/leads/import/sources/${source_id}`, { json: { ...BODY, active: false } });
      return result;
    });
    await deliver({ unit, source: source_id }, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    expect(reads).toBe(2);
    expect(await sourceOf(source_id)).toMatchObject({ last_job_id: null, waiting: null });
    expect(await env.DB.prepare("SELECT count(*) AS n FROM import_jobs WHERE unit = ?1").bind(unit).first("n")).toBe(0);
  });

  it("says what is wrong with the source, and tries again", async () => {
    const state = feed(rows(1));
    const { source_id } = await mintSource();
    state.answer = new Response("<html>Sign in", { headers: { "Content-Type": "text/html; charset=utf-8" } });
    expect(await polled(source_id)).toMatchObject({ status: "failing", last_error: expect.stringContaining("web page") });
    state.answer = new Response("gone", { status: 410 });
    expect(await polled(source_id)).toMatchObject({ last_error: "The source answered 410" });
    state.answer = new Response(null, { status: 302, headers: { Location: "https://169.254.169.254/latest" } });
    expect(await polled(source_id)).toMatchObject({ last_error: expect.stringContaining("public host") });
    state.answer = new Response(null, { status: 302, headers: { Location: "http://example.com/plain" } });
    expect(await polled(source_id)).toMatchObject({ last_error: expect.stringContaining("https") });
    state.answer = new Response(new Uint8Array(11 * 1024 * 1024));
    expect(await polled(source_id)).toMatchObject({ last_error: "File exceeds the 10 MB limit" });
    state.answer = null;
    expect(await polled(source_id)).toMatchObject({ status: "idle", last_error: null });
  });
});

describe("a version that waits", () => {
  const reasonsOf = (source: Source) => source.waiting?.reasons.map(({ code }) => code);

  it.each([
    [
      "its columns have changed",
      rows(3)
        .replaceAll("Company", "Firm")
        .replaceAll(/^([^,]*,[^,]*),/gm, "$1,"),
      {},
      ["headers_drifted", "mapping_invalid"],
    ],
    [
      "a column is new",
      rows(3).replaceAll(/$/gm, "").replace("Company\n", "Company,Extra\n").replaceAll("Acme\n", "Acme,1\n"),
      {},
      ["headers_drifted"],
    ],
    ["too many rows would change a lead", rows(3, "Beta"), {}, ["changed"]],
    ["too many rows would fail", `${rows(3)}not-an-address,X,Y\n`, {}, ["failed"]],
    ["a placeholder floods it", `${rows(3)}n/a,X,Y\n-,X,Y\n`, { stops: { failed_percent: null } }, ["placeholders"]],
  ])("because %s writes nothing", async (_, content, body, reasons) => {
    const state = feed(rows(3));
    const { source_id } = await mintSource(body);
    const { last_job_id } = await polled(source_id);
    const before = await stored(unit);
    state.content = content;
    state.etag = '"2"';
    const held = await polled(source_id);
    expect(held).toMatchObject({ status: "waiting", last_job_id });
    expect(reasonsOf(held)).toEqual(reasons);
    expect(await stored(unit)).toEqual(before);
    expect((await client.post(`/leads/import/sources/${source_id}/discard`)).status).toBe(202);
    expect(await polled(source_id)).toMatchObject({ status: "idle", waiting: null, last_job_id });
  });

  it("is imported once somebody approves it, as it was planned", async () => {
    const state = feed(rows(3));
    const { source_id } = await mintSource();
    await polled(source_id);
    state.content = rows(3, "Beta");
    state.etag = '"2"';
    const held = await polled(source_id);
    expect(held.waiting).toMatchObject({ total_rows: 3, counts: { created: 0, changed: 3, unchanged: 0, failed: 0 } });
    expect((await client.get(`/leads/import/plans/${held.waiting?.plan_id}`)).status).toBe(200);
    expect(await polled(source_id)).toMatchObject({ status: "waiting", waiting: held.waiting });
    const queue = heldQueue();
    const approve = () =>
      client.post(`/leads/import/sources/${source_id}/approve`, undefined, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
    const approved = await (await approve()).json<Source>();
    await deliverAll(queue.sent[0] as object);
    expect(await getJob(client, approved.last_job_id ?? "")).toMatchObject({ changed_count: 3 });
    expect((await approve()).status).toBe(409);
    expect(await polled(source_id)).toMatchObject({ status: "idle", last_job_id: approved.last_job_id });
  });

  it("is sent to subscribed channels, once for each version", async () => {
    const state = feed(rows(3));
    const channel = await mintChannel(client, "webhook", { url: HOOK });
    const wanted = { name: "CRM", config: { url: HOOK }, events: ["import.stopped"] };
    expect((await client.call("PUT", `/notification-channels/${channel.id}`, { json: wanted })).ok).toBe(true);
    const { source_id } = await mintSource();
    await polled(source_id);
    state.content = rows(3, "Beta");
    state.etag = '"2"';
    await polled(source_id);
    await polled(source_id);
    const { deliveries } = await (await client.get("/deliveries?event_type=import.stopped")).json<{
      deliveries: { event_type: string; payload?: { data: object } }[];
    }>();
    expect(deliveries).toHaveLength(1);
  });

  it("gives way to a newer version", async () => {
    const state = feed(rows(3));
    const { source_id } = await mintSource();
    await polled(source_id);
    Object.assign(state, { content: rows(3, "Beta"), etag: '"2"' });
    expect(await polled(source_id)).toMatchObject({ status: "waiting" });
    Object.assign(state, { content: rows(4), etag: '"3"' });
    const taken = await polled(source_id);
    expect(taken).toMatchObject({ status: "idle", waiting: null });
    expect(await getJob(client, taken.last_job_id ?? "")).toMatchObject({ created_count: 1, unchanged_count: 3 });
  });
});

describe("/leads/import/sources", () => {
  it("keeps, lists, replaces, polls and deletes them", async () => {
    feed(rows(1));
    const source = await mintSource({ schedule: "weekly", stops: { changed_percent: 5 } });
    expect(source).toMatchObject({ name: "Sheet", schedule: "weekly", active: true, status: "idle", waiting: null });
    expect(source).toMatchObject({ stops: { changed_percent: 5, failed_percent: 10, placeholder_percent: 20 }, mapping: MAPPING });
    const path = `/leads/import/sources/${source.source_id}`;
    expect(await (await client.get("/leads/import/sources")).json()).toMatchObject({ sources: [{ source_id: source.source_id }] });
    const changed = await client.call("PUT", path, { json: { ...BODY, name: "Other", active: false } });
    expect(await changed.json()).toMatchObject({ name: "Other", schedule: "hourly", active: false });
    expect((await client.post(`${path}/poll`)).status).toBe(409);
    expect((await client.post(`${path}/approve`)).status).toBe(409);
    expect((await client.call("DELETE", path)).status).toBe(204);
    for (const [method, at] of [
      ["GET", path],
      ["PUT", path],
      ["DELETE", path],
      ["POST", `${path}/poll`],
    ] as const) {
      expect((await client.call(method, at, method === "PUT" ? { json: BODY } : {})).status).toBe(404);
    }
  });

  it("refuses what is no source, naming the field", async () => {
    for (const [body, path] of [
      [{ url: "http://example.com/a.csv" }, "url"],
      [{ url: "https://10.0.0.1/a.csv" }, "url"],
      [{ url: "https://localhost/a.csv" }, "url"],
      [{ url: "file:///etc/passwd" }, "url"],
      [{ schedule: "every second" }, "schedule"],
      [{ name: "" }, "name"],
      [{ mapping: { field_mappings: {} } }, "mapping.primary_identifier"],
      [{ stops: { changed_percent: 101 } }, "stops.changed_percent"],
    ] as const) {
      const answer = await client.post("/leads/import/sources", { ...BODY, ...body });
      expect(answer.status, path).toBe(400);
      expect(await answer.text(), path).toContain(path);
    }
  });

  it("keeps 50 at most", async () => {
    feed(rows(1));
    await mintSource();
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
       INSERT INTO import_sources (unit, source_id, name, url, schedule, mapping, stops, active, created_at, updated_at, next_poll_at)
       SELECT unit, 'src_' || i, name, url, schedule, mapping, stops, 0, 0, 0, 0 FROM import_sources CROSS JOIN n WHERE unit = ?1`,
    )
      .bind(unit)
      .run();
    expect((await client.post("/leads/import/sources", BODY)).status).toBe(409);
  });

  it("an upload of the same leads beside it is one import among others", async () => {
    feed(rows(2));
    await importCsv(client, rows(2), MAPPING);
    const { source_id } = await mintSource();
    expect(await getJob(client, (await polled(source_id)).last_job_id ?? "")).toMatchObject({ unchanged_count: 2 });
  });
});
