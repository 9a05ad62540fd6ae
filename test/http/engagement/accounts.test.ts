/** Accounts: lists, look-ups, changes, merges. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { ingest, mintRule, mintRuleset, post } from "../../support/events";
import { interceptedD1 } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type Account = { account_id: string; name: string; domain: string | null; account_score: number; total_leads: number; metadata: object };
type Page = { accounts: Account[]; pagination: { page: number; per_page: number; total: number; total_pages: number; has_more: boolean } };

let client: Client;
const ids: Record<string, string> = {};
const list = async (query = "", on = client) => (await on.get(`/accounts${query}`)).json<Page>();
const names = ({ accounts }: Page) => accounts.map(({ name }) => name);
const create = async (name: string, domain?: string, metadata?: object, on = client) =>
  (await post<Account>(on, "/accounts", { name, domain, metadata })).account_id;

beforeAll(async () => {
  ({ client } = await mintTenant());
  ids.acme = await create("Acme Corp", "acme.com", { segment: "enterprise" });
  ids.beta = await create("Beta GmbH", "beta.example");
  ids.gamma = await create("Gamma");
  await mintRule(client, { event_type: "Page View", weight: 10 }, await mintRuleset(client, "Engagement"));
  await post(client, "/account-levels", { name: "Warm", min_score: 10 });
  await post(client, "/engagement-levels", { name: "Busy lead", min_score: 5 });
  for (const [email, account] of [
    ["a@acme.com", "acme"],
    ["b@acme.com", "acme"],
    ["c@beta.example", "beta"],
  ] as const) {
    await client.post("/leads", { email, account_id: ids[account] });
  }
  for (const value of ["a@acme.com", "b@acme.com", "c@beta.example"])
    await ingest(client, { alias_kind: "email", alias: value, event_type: "Page View" });
});

describe("GET /accounts", () => {
  it("lists accounts with the sums of their leads, in the documented envelope", async () => {
    const page = await list();
    expect(names(page)).toEqual(["Acme Corp", "Beta GmbH", "Gamma"]);
    expect(page.pagination).toEqual({ page: 1, per_page: 25, total: 3, total_pages: 1, has_more: false });
    expect(page.accounts[0]).toEqual({
      account_id: ids.acme,
      domain: "acme.com",
      name: "Acme Corp",
      account_score: 20,
      account_level: "Warm",
      total_leads: 2,
      engagement_score: 20,
      last_activity_at: expect.any(String),
      surge_active: false,
      surge_window_start: null,
      surge_event_count: 0,
      metadata: { segment: "enterprise" },
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(page.accounts[2]).toMatchObject({ account_score: 0, account_level: null, total_leads: 0, last_activity_at: null });
  });

  it.each([
    ["search=ACME", ["Acme Corp"]],
    ["search=beta.ex", ["Beta GmbH"]],
    ["sort_by=score", ["Acme Corp", "Beta GmbH", "Gamma"]],
    ["sort_by=score&sort_order=asc", ["Gamma", "Beta GmbH", "Acme Corp"]],
    ["sort_by=name&sort_order=desc", ["Gamma", "Beta GmbH", "Acme Corp"]],
    ["sort_by=last_activity&per_page=1", ["Beta GmbH"]],
    ["sort_by=engagement&page=2&per_page=2", ["Gamma"]],
    ["min_score=15", ["Acme Corp"]],
    ["max_score=10", ["Beta GmbH", "Gamma"]],
    ["min_engagement=10&max_score=15", ["Beta GmbH"]],
    ["account_level=Warm", ["Acme Corp", "Beta GmbH"]],
    ["created_after=2100-01-01T00:00:00Z", []],
    ["created_before=2100-01-01T00:00:00Z&last_activity_after=2020-01-01T00:00:00Z", ["Acme Corp", "Beta GmbH"]],
    ["surge_status=active", []],
  ])("%s", async (query, expected) => {
    expect(names(await list(`?${query}`))).toEqual(expected);
  });

  it.each(["sort_by=size", "per_page=101", "page=0", "min_score=many", "created_after=yesterday", "surge_status=maybe"])(
    "%s is a 400",
    async (query) => {
      const [named = ""] = query.split("=");
      expect((await readProblem(await client.get(`/accounts?${query}`), 400)).detail).toContain(named);
    },
  );

  it("counts the leads of every account of a page, however many the first ones have", { timeout: 60_000 }, async () => {
    const tenant = await mintTenant();
    const [large, small] = [
      await create("A Large", undefined, undefined, tenant.client),
      await create("Z Small", undefined, undefined, tenant.client),
    ];
    const insert = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
      INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, account_id)
      SELECT ?1, ?3 || printf('%031x', i), '{}', '[]', 1, 1, 1, ?4 FROM n`;
    const unit = await unitKeyOf(tenant);
    await env.DB.prepare(insert).bind(unit, 20_100, "0", large).run();
    await env.DB.prepare(insert).bind(unit, 3, "f", small).run();
    expect((await list("", tenant.client)).accounts.map(({ total_leads }) => total_leads)).toEqual([20_000, 3]);
  });

  it("costs two round trips, three where scores decide, and writes nothing", async () => {
    for (const [query, trips] of [
      ["", 2],
      ["?sort_by=score", 3],
    ] as const) {
      const { DB, count } = countingD1();
      await client.get(`/accounts${query}`, { bindings: { DB } });
      expect([query, count.trips, count.rowsWritten]).toEqual([query, trips, 0]);
    }
  });
});

describe("look-ups", () => {
  it("by id, by domain, by exact name, and null with 200 for none", async () => {
    const get = async (path: string) => (await client.get(path)).json();
    expect(await get(`/accounts/${ids.acme}`)).toMatchObject({ name: "Acme Corp", total_leads: 2 });
    expect(await get("/accounts/ACME.com")).toMatchObject({ account_id: ids.acme });
    const acme = { account_id: ids.acme, name: "Acme Corp", domain: "acme.com" };
    expect(await get("/accounts/by-domain?domain=Acme.com&name=Gamma")).toEqual(acme);
    expect(await get("/accounts/by-domain?domain=none.example&name=Acme%20Corp")).toEqual(acme);
    const none = await client.get("/accounts/by-domain?domain=none.example");
    expect([none.status, await none.json()]).toEqual([200, null]);
    await readProblem(await client.get("/accounts/by-domain"), 400);
    await readProblem(await client.get("/accounts/acct_none"), 404);
  });

  it("by nearly the name: five at most above 60 %, the likest first", async () => {
    const other = (await mintTenant()).client;
    for (const name of ["Acme Corp", "ACME Corporation", "Acne Corp", "Acme Labs", "Acmé", "Acmee", "Zebra Ltd", "Acm"])
      await create(name, undefined, undefined, other);
    const { accounts } = await (await other.get("/accounts/fuzzy?name=Acme%20Inc.")).json<{
      accounts: (Account & { similarity: number })[];
    }>();
    expect(accounts).toHaveLength(5);
    expect(accounts.slice(0, 3).map(({ similarity }) => similarity)).toEqual([1, 1, 1]);
    expect(accounts.map(({ name }) => name)).not.toContain("Zebra Ltd");
    expect(await (await other.get("/accounts/fuzzy?name=Nobody%20Knows")).json()).toEqual({ accounts: [] });
    await readProblem(await other.get("/accounts/fuzzy?name="), 400);
  });
});

describe("changes", () => {
  it("PUT changes what is given", async () => {
    const id = await create("Delta", "delta.example", { a: 1 });
    const put = async (json: object) => (await client.call("PUT", `/accounts/${id}`, { json })).json<Account>();
    expect(await put({ name: "Delta Two" })).toMatchObject({ name: "Delta Two", domain: "delta.example", metadata: { a: 1 } });
    expect(await put({ domain: null, metadata: { b: 2 } })).toMatchObject({ name: "Delta Two", domain: null, metadata: { b: 2 } });
    await readProblem(await client.call("PUT", `/accounts/${id}`, { json: {} }), 400);
    await readProblem(await client.call("PUT", "/accounts/acct_none", { json: { name: "x" } }), 404);
  });

  it("a merge moves every lead, logs it, and removes the sources", async () => {
    const other = (await mintTenant()).client;
    const [target, one, two] = [
      await create("T", undefined, undefined, other),
      await create("S1", undefined, undefined, other),
      await create("S2", undefined, undefined, other),
    ];
    await other.post("/leads/batch", {
      leads: Array.from({ length: 700 }, (_, n) => ({ email: `m${n}@x.example`, account_id: n % 2 ? one : two })),
    });
    const merged = await other.post("/accounts/merge", { target_account_id: target, source_account_ids: [one, two] });
    expect([merged.status, await merged.json()]).toMatchObject([
      200,
      { account: { total_leads: 700 }, leads_moved: 700, accounts_removed: 2 },
    ]);
    await readProblem(await other.get(`/accounts/${one}`), 404);
    const { lead_id } = await (await other.get("/lead/by-alias?value=m1@x.example")).json<{ lead_id: string }>();
    expect(JSON.stringify(await (await other.get(`/lead/${lead_id}/audit`)).json())).toContain("account_id");
    await readProblem(await other.post("/accounts/merge", { target_account_id: target, source_account_ids: [one] }), 404);
    await readProblem(await other.post("/accounts/merge", { target_account_id: target, source_account_ids: [target] }), 400);
  });

  it("a merge moves a lead that is linked while the source is being removed", async () => {
    const other = (await mintTenant()).client;
    const [target, source] = [await create("T", undefined, undefined, other), await create("S", undefined, undefined, other)];
    let late = 1;
    const DB = interceptedD1(async ({ statements }, run) => {
      if (statements.some(({ text }) => text.startsWith("DELETE FROM accounts")) && late-- === 1)
        expect((await other.post("/leads", { email: "late@x.example", account_id: source })).ok).toBe(true);
      return run();
    });
    const body = { target_account_id: target, source_account_ids: [source] };
    const merged = await other.post("/accounts/merge", body, { bindings: { DB } });
    expect(await merged.json()).toMatchObject({ account: { total_leads: 1 }, leads_moved: 1, accounts_removed: 1 });
    await readProblem(await other.get(`/accounts/${source}`), 404);
  });
});

it.each([
  '{"name":"A","metadata":{"crm_id":12345678901234567891}}',
  `{"name":"A","metadata":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`,
  `{"name":"A","metadata":{"a":"${"x".repeat(70_000)}"}}`,
])("an account's metadata that cannot be kept as it was sent is a 400: %.60s", async (text) => {
  const sent = { method: "POST", body: text, headers: { "Content-Type": "application/json" } } as const;
  const { errors } = await readProblem(await client.call("POST", "/accounts", { body: sent.body, headers: sent.headers }), 400);
  expect(errors?.[0]?.path).toMatch(/^metadata/);
});
