/** What a unit uses is counted by day, without a row for each request; the quotas of events and bytes are decided before any table is touched. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { deliverEvents, heldEvents, mintUnitTenant, queueEvents } from "../../support/events";
import { contactsCsv, cronTick, csvForm, importCsv } from "../../support/imports";
import { operator, setLimits } from "../../support/limits";
import { bearerClient, type Client, mintCredential, mintTenant, mintUnit, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const DAY_MS = 86_400_000;
const today = () => Math.floor(Date.now() / DAY_MS);
const textOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
const log = () => env.USAGE.getByName("all");

type Row = {
  organization_id: string;
  unit_id: string;
  day: string;
  requests: number;
  events: number;
  leads: number;
  stored_bytes: number;
  rows_written: number;
};
type Page = { usage: Row[]; next_cursor: string | null };
const list = async (query = ""): Promise<Page> => {
  const answer = await operator.get(`/admin/usage${query}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Page>();
};

let tenant: Tenant & { unit: number };
let client: Client;
beforeEach(async () => {
  tenant = await mintUnitTenant();
  ({ client } = tenant);
});

const event = (n: number) => ({ event_type: "Page View", alias_kind: "email", alias: `p${n}@example.com` });
const held = () => ({ bindings: { EVENT_QUEUE: heldEvents().EVENT_QUEUE } });

describe("events_per_day", () => {
  it("over it: 429 that names the quota, Retry-After until midnight, and no query; other units are not affected", async () => {
    await setLimits(tenant, { events_per_day: 3 });
    const other = await mintTenant();
    const { bindings } = held();
    for (let n = 0; n < 3; n++) expect((await client.post("/ingest", event(n), { bindings })).status).toBe(202);
    const { DB, count } = countingD1();
    const refused = await client.post("/ingest", event(4), { bindings: { ...bindings, DB } });
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("Retry-After"))).toBeLessThanOrEqual(86_400);
    expect(await readProblem(refused, 429)).toMatchObject({
      code: "rate_limited",
      detail: "The quota events_per_day of this org unit is used up: at most 3",
    });
    expect(count.trips).toBe(0);
    expect((await other.client.post("/ingest", event(1), held())).status).toBe(202);
    await setLimits(tenant, { events_per_day: null });
    expect((await client.post("/ingest", event(5), { bindings })).status).toBe(202);
  });

  it("of 2N at once exactly N pass; a batch passes whole or not at all, and only its valid events count", async () => {
    await setLimits(tenant, { events_per_day: 8 });
    const { bindings } = held();
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => (await client.post("/ingest", event(n), { bindings })).status),
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(8);
    await setLimits(tenant, { events_per_day: 10 });
    await readProblem(await client.post("/ingest/batch", { events: [event(1), event(2), event(3)] }, { bindings }), 429);
    expect((await client.post("/ingest/batch", { events: [event(1), {}, event(3)] }, { bindings })).status).toBe(202);
    await readProblem(await client.post("/ingest", event(1), { bindings }), 429);
  });

  it("applies across isolates: what others have reported counts", async () => {
    await setLimits(tenant, { events_per_day: 5 });
    const counts = { day: today(), unit: tenant.unit, requests: 0, events: 4, rows_written: 0, stored_bytes: 0 };
    await log().add([counts], today());
    const { bindings } = held();
    expect((await client.post("/ingest", event(1), { bindings })).status).toBe(202);
    await readProblem(await client.post("/ingest", event(2), { bindings }), 429);
  });

  it("an event that the queue did not take does not count", async () => {
    await setLimits(tenant, { events_per_day: 1 });
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("full")) } as unknown as Queue;
    expect((await client.post("/ingest", event(1), { bindings: { EVENT_QUEUE } })).status).toBe(503);
    expect((await client.post("/ingest", event(1), held())).status).toBe(202);
  });

  it("a file of events needs room for its valid rows", async () => {
    await setLimits(tenant, { events_per_day: 2 });
    const send = (rows: number) => {
      const lines = Array.from({ length: rows }, (_, n) => `Signup,p${n}@example.com`);
      return client.call("POST", "/import", { body: csvForm(`event_type,email\n${lines.join("\n")}\nSignup,\n`) });
    };
    expect((await readProblem(await send(3), 429)).detail).toContain("events_per_day");
    const started = await send(2);
    expect(started.status, await started.text()).toBeLessThan(300);
  });
});

describe("stored_bytes", () => {
  it("over it: 409 that names the quota, in every dialect; reading and deleting stay possible", async () => {
    await importCsv(client, "Email\nold@example.com\n", { primary_identifier: { column: "Email", kind: "email" } });
    const { api_key } = await mintCredential(tenant.organization_id, { kind: "workspace_key", unit_id: "unit_default" });
    const workspace = bearerClient(api_key);
    await setLimits(tenant, { stored_bytes: 10 });
    const detail = "The quota stored_bytes of this org unit is used up: at most 10";
    await client.get("/lead/by-alias?value=old@example.com");
    const { DB, count } = countingD1();
    expect((await readProblem(await client.post("/ingest", event(1), { bindings: { ...held().bindings, DB } }), 409)).detail).toBe(detail);
    expect(count.trips).toBe(0);
    const attributes = { alias_kind: "email", alias_value: "old@example.com", attributes: { plan: "pro" } };
    await readProblem(await client.patch("/lead/by-alias/metadata", attributes), 409);
    await readProblem(await client.call("POST", "/leads/import/preview", { body: csvForm("Email\nx@example.com\n") }), 409);
    const created = await workspace.post("/api/v1/leads", { name: "J", email: "j@example.com" });
    expect([created.status, ((await created.json()) as { error: string }).error]).toEqual([409, detail]);
    const found = await client.get("/lead/by-alias?value=old@example.com");
    const { lead_id } = await found.json<{ lead_id: string }>();
    expect((await client.call("DELETE", `/lead/${lead_id}`)).status).toBeLessThan(300);
  });

  it("is counted again by cron, so that what was deleted makes room", async () => {
    await importCsv(client, contactsCsv(50), { primary_identifier: { column: "Email", kind: "email" } });
    await list();
    const { stored_bytes } = await log().totalsOf(tenant.unit, today());
    expect(stored_bytes).toBeGreaterThan(5_000);
    for (const table of ["leads", "aliases", "lead_terms", "import_files", "import_chunks", "import_jobs", "undo_journal"]) {
      await env.DB.prepare(`DELETE FROM ${table} WHERE unit = ?1`).bind(tenant.unit).run();
    }
    await measured(tenant.unit);
    expect((await log().totalsOf(tenant.unit, today())).stored_bytes).toBeLessThan(stored_bytes / 4);
  });
});

/** Ticks until cron has counted the unit. */
async function measured(unit: number): Promise<void> {
  await env.DB.prepare("INSERT OR REPLACE INTO sweep_positions (job, position) VALUES ('stored_bytes', ?1)")
    .bind(JSON.stringify({ done: unit - 1, current: null }))
    .run();
  await cronTick("*/10 * * * *");
}

describe("GET /admin/usage", () => {
  it("has requests, events, leads, bytes and written rows of a unit and day", async () => {
    const started = await list();
    expect(started.usage.filter(({ organization_id }) => organization_id === tenant.organization_id)).toEqual([]);
    const { DB, count } = countingD1();
    await client.get("/lead/by-alias?value=a@example.com", { bindings: { DB } });
    expect(count.rowsWritten).toBe(0);
    await deliverEvents(await queueEvents(client, event(1), event(2)));
    await client.post("/accounts", { name: "Acme" });
    const { usage } = await list(`?from=${textOf(today())}&to=${textOf(today())}`);
    const [row, ...others] = usage.filter(({ organization_id }) => organization_id === tenant.organization_id);
    expect(others).toEqual([]);
    expect(row).toEqual({
      organization_id: tenant.organization_id,
      unit_id: "unit_default",
      day: textOf(today()),
      requests: 4,
      events: 2,
      leads: 2,
      stored_bytes: expect.any(Number),
      rows_written: expect.any(Number),
    });
    expect(row?.stored_bytes).toBeGreaterThan(0);
    // an account, two leads with an alias each, two events: rows and indexes
    expect(row?.rows_written).toBeGreaterThan(10);
  });

  it("shows the size of a unit on past days, by day and unit, within the range", async () => {
    const second = await mintUnit(tenant, "Second");
    const other = Number(
      await env.DB.prepare("SELECT unit FROM org_units WHERE organization_id = ?1 AND unit_id = ?2")
        .bind(tenant.organization_id, second)
        .first("unit"),
    );
    const counts = (day: number, unit: number) => ({ day, unit, requests: 7, events: 1, rows_written: 3, stored_bytes: 0 });
    const [first, last] = [today() - 300, today() - 299];
    await log().add([counts(last, other), counts(first, other), counts(last, tenant.unit)], today());
    await log().record(first, [{ unit: other, leads: 12, stored_bytes: 345 }]);
    const { usage } = await list(`?from=${textOf(first)}&to=${textOf(last)}T23:59:59Z`);
    const own = usage.filter(({ organization_id }) => organization_id === tenant.organization_id);
    expect(own.map(({ day, unit_id, leads, stored_bytes }) => [day, unit_id, leads, stored_bytes])).toEqual([
      [textOf(first), second, 12, 345],
      [textOf(last), "unit_default", 0, 0],
      [textOf(last), second, 12, 345],
    ]);
    expect((await list(`?from=${textOf(first - 5)}&to=${textOf(first - 1)}`)).usage).toEqual([]);
  });

  it("pages, each row once", async () => {
    const day = today() - 350;
    const units = Array.from({ length: 1_100 }, (_, n) => 1_000_000 + n);
    await log().add(
      units.map((unit) => ({ day, unit, requests: 1, events: 0, rows_written: 0, stored_bytes: 0 })),
      today(),
    );
    await log().add([{ day, unit: tenant.unit, requests: 1, events: 0, rows_written: 0, stored_bytes: 0 }], today());
    const range = `?from=${textOf(day)}&to=${textOf(day)}`;
    const one = await list(range);
    // units that nobody knows are left out of a page, not of the walk
    expect(one.usage.map(({ organization_id }) => organization_id)).toEqual([tenant.organization_id]);
    expect(one.next_cursor).toMatch(/^\d+\.\d+$/);
    expect(await list(`${range}&cursor=${one.next_cursor}`)).toEqual({ usage: [], next_cursor: null });
  });

  it.each(["?from=yesterday", "?to=2026-02-30", "?cursor=x", "?from=2026-02-02&to=2026-02-01"])("%s is a 400", async (query) => {
    expect((await readProblem(await operator.get(`/admin/usage${query}`), 400)).errors).toHaveLength(1);
  });

  it("is the operator's alone, and forgets a deleted organization", async () => {
    await readProblem(await client.get("/admin/usage"), 401);
    await client.get("/events");
    await operator.call("DELETE", `/admin/organizations/${tenant.organization_id}`);
    const rows = await log().list({ first: 0, last: today() + 1, after: null, limit: 100_000 });
    expect(rows.filter(({ unit }) => unit === tenant.unit)).toEqual([]);
  });

  it("counts of a deleted organization that an isolate reports late are dropped", async () => {
    await operator.call("DELETE", `/admin/organizations/${tenant.organization_id}`);
    await log().add([{ day: today(), unit: tenant.unit, requests: 1, events: 1, rows_written: 1, stored_bytes: 1 }], today());
    const rows = await log().list({ first: 0, last: today() + 1, after: null, limit: 100_000 });
    expect(rows.filter(({ unit }) => unit === tenant.unit)).toEqual([]);
  });
});

it("a large unit is counted in slices, over several ticks, to the byte", async () => {
  const large = await mintUnitTenant();
  await importCsv(large.client, contactsCsv(6_000), { primary_identifier: { column: "Email", kind: "email" } });
  const unit = await unitKeyOf(large);
  await measured(unit);
  const { usage } = await list();
  const row = usage.find(({ organization_id }) => organization_id === large.organization_id);
  const leads = Number(
    await env.DB.prepare("SELECT sum(octet_length(profile) + octet_length(aliases)) AS n FROM leads WHERE unit = ?1").bind(unit).first("n"),
  );
  const terms = Number(await env.DB.prepare("SELECT sum(octet_length(term)) AS n FROM lead_terms WHERE unit = ?1").bind(unit).first("n"));
  expect(row?.leads).toBe(6_000);
  expect(row?.stored_bytes).toBeGreaterThan(leads + terms);
  const once = (await log().totalsOf(unit, today())).stored_bytes;
  await measured(unit);
  expect((await log().totalsOf(unit, today())).stored_bytes).toBe(once);
});
