/** GET /leads: every filter, by cursor and by page, bounded work, and what it costs. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { selectChanged, selectChangesEnd } from "../../../src/core/lead-overview/latest-changes";
import { filterOf } from "../../../src/core/lead-overview/list-overviews";
import { openUnitDb } from "../../../src/db/client";
import { mintCtx, unitKeyOf } from "../../support/context";
import { ingest, mintRule, mintRuleset, post } from "../../support/events";
import { planOf } from "../../support/query-plans";
import { type Client, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type Row = { lead_id: string; score: number; email: string | null; ruleset_names: Record<string, string>; level: { name: string } | null };
type Page = { leads: Row[]; has_more: boolean; next_cursor: string | null; total?: number; total_at_least?: number; page?: number };

let tenant: Tenant;
let client: Client;
const ids: Record<string, string> = {};
let account: string;
const list = async (query = "", on = client) => (await on.get(`/leads${query}`)).json<Page>();
const names = ({ leads }: Page) => leads.map(({ lead_id }) => Object.entries(ids).find(([, id]) => id === lead_id)?.[0] ?? lead_id);

beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  ({ account_id: account } = await post<{ account_id: string }>(client, "/accounts", { name: "Acme" }));
  ids.ann = await mintLead(client, { email: "ann@acme.example" }, { name: "Ann Berg", plan: "pro", seats: 5, paid: true });
  ids.bob = await mintLead(client, { phone: "+15550100888" }, { name: "Bob Berg", plan: "free" });
  ids.cat = await mintLead(client, { email: "cat@other.example" }, { name: "Cat", "plan.tier": "a b" });
  await client.call("PUT", `/lead/${ids.ann}`, { json: { owner_id: "u_1", owner_name: "Sam", account_id: account } });
  await client.call("PUT", `/lead/${ids.bob}`, { json: { owner_id: "u_1", status: "qualified" } });
  await post(client, "/engagement-levels", { name: "Hot", min_score: 50 });
  const rules = await mintRuleset(client, "Engagement");
  await mintRule(client, { event_type: "Demo Request", weight: 60 }, rules);
  await mintRule(client, { event_type: "Page View", weight: 10 }, rules);
  await ingest(client, { lead_id: ids.ann, event_type: "Page View" });
  await ingest(client, { lead_id: ids.ann, event_type: "Demo Request" });
  await ingest(client, { lead_id: ids.cat, event_type: "Page View", timestamp: new Date(Date.now() - 10 * 86_400_000).toISOString() });
});

describe("GET /leads in another order", () => {
  it.each([
    ["sort=-created_at", ["cat", "bob", "ann"]],
    ["sort=-updated_at", ["bob", "ann", "cat"]],
    ["sort=-score", ["ann", "cat", "bob"]],
    ["sort=name", ["ann", "bob", "cat"]],
    ["sort=name&q=berg", ["ann", "bob"]],
    ["sort=-score&owner_id=u_1", ["ann", "bob"]],
    ["sort=-score&min_score=5", ["ann", "cat"]],
    ["sort=name&has=email", ["ann", "cat"]],
    ["sort=name&status=qualified", ["bob"]],
  ])("%s, by cursor and by page", async (query, expected) => {
    const page = await list(`?${query}`);
    expect([names(page), page.has_more]).toEqual([expected, false]);
    if (!query.startsWith("sort=-created")) expect(page.total).toBe(expected.length);
    let cursor = "";
    for (const [at, name] of expected.entries()) {
      expect(names(await list(`?${query}&limit=1&page=${at + 1}`))).toEqual([name]);
      const next = await list(`?${query}&limit=1${cursor}`);
      expect([names(next), next.has_more]).toEqual([[name], at + 1 < expected.length]);
      cursor = `&cursor=${next.next_cursor}`;
    }
  });

  it("a lead without events stands where a score of 0 does, before those with a negative score", async () => {
    const { client: other } = await mintTenant();
    const rules = await mintRuleset(other, "Both ways");
    const given: [name: string, weight: number | null][] = [
      ["good", 10],
      ["plain", null],
      ["bad", -5],
      ["worse", -10],
    ];
    const leads: string[] = [];
    for (const [name, weight] of given) {
      const lead_id = await mintLead(other, { email: `${name}@x.example` });
      leads.push(lead_id);
      if (weight === null) continue;
      await mintRule(other, { event_type: name, weight }, rules);
      await ingest(other, { lead_id, event_type: name });
    }
    let cursor = "";
    for (const [at, lead_id] of leads.entries()) {
      const byPage = await list(`?sort=-score&limit=1&page=${at + 1}`, other);
      const byCursor = await list(`?sort=-score&limit=1${cursor}`, other);
      expect([byPage, byCursor].map((page) => page.leads.map((lead) => lead.lead_id))).toEqual([[lead_id], [lead_id]]);
      cursor = `&cursor=${byCursor.next_cursor}`;
    }
  });

  it("a cursor belongs to its order", async () => {
    const { next_cursor } = await list("?sort=name&limit=1");
    for (const query of ["sort=-score", "sort=-created_at", ""])
      await readProblem(await client.get(`/leads?${query}&cursor=${next_cursor}`), 400);
    const plain = (await list("?limit=1")).next_cursor;
    await readProblem(await client.get(`/leads?sort=name&cursor=${plain}`), 400);
    await readProblem(await client.get("/leads?sort=name&cursor=c2_bm90anNvbg"), 400);
    expect((await readProblem(await client.get("/leads?sort=shoe_size"), 400)).detail).toContain("-updated_at");
  });

  it("names are sorted without regard to case and marks, and leads without one come last", async () => {
    const other = await mintTenant();
    const given = ["émile", "Zoe", "eva", null, "ANN", "Ångström"];
    await other.client.post("/leads/batch", {
      leads: given.map((name, n) => ({ email: `n${n}@x.example`, metadata: name === null ? {} : { name } })),
    });
    const { leads } = await (await other.client.get("/leads?sort=name")).json<{ leads: { name: string | null }[] }>();
    expect(leads.map(({ name }) => name)).toEqual(["Ångström", "ANN", "émile", "eva", "Zoe", null]);
  });

  it("of more than 10,000 leads the highest scores and the latest changes are listed, and names want a narrower list", async () => {
    const other = await mintTenant();
    const unit = await unitKeyOf(other);
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
         INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, owner_id)
         SELECT ?1, printf('%032x', i), '{"name":"Same Name"}', '[]', 1, 1, 1, iif(i > 10090, 'u', NULL) FROM n`,
      ).bind(unit),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
         INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
         SELECT ?1, printf('%032x', i), json_array(json_array('rs', NULL, i, 1, 0)), 1, 'e', 1, 1, 1, i FROM n`,
      ).bind(unit),
    ]);
    const { DB, count } = countingD1();
    const top = await (await other.client.get("/leads?sort=-score&limit=3&count=true", { bindings: { DB } })).json<Page>();
    expect(top.leads.map(({ score }) => score)).toEqual([10_100, 10_099, 10_098]);
    expect([top.has_more, top.total_at_least]).toEqual([true, 10_000]);
    expect(count.trips).toBeLessThanOrEqual(5);
    expect(count.rowsRead).toBeLessThan(10_000 * 12);
    const second = countingD1();
    const further = await other.client.get(`/leads?sort=-score&limit=3&cursor=${top.next_cursor}`, { bindings: { DB: second.DB } });
    const next = await further.json<Page>();
    // 10,001 keys to see that the list is long, and the 500 highest bounds
    expect([second.count.trips, second.count.rowsRead < 14_000]).toEqual([2, true]);
    expect(next.leads.map(({ score }) => score)).toEqual([10_097, 10_096, 10_095]);
    expect((await list("?sort=-score&q=same&owner_id=u&limit=2&status=new", other.client)).leads.map(({ score }) => score)).toEqual([
      10_100, 10_099,
    ]);
    expect((await readProblem(await other.client.get("/leads?sort=name"), 400)).detail).toContain("narrow the list");
    expect((await list("?sort=-updated_at&owner_id=u", other.client)).total).toBe(10);
    const id = (n: number) => `ld_${n.toString(16).padStart(32, "0")}`;
    for (const n of [7, 9, 7, 10_095, 8]) await other.client.patch(`/lead/${id(n)}/metadata`, { at: crypto.randomUUID() });
    await other.client.post("/leads/batch", { leads: [{ email: "n1@x.example" }, { email: "n2@x.example" }] });
    await other.client.patch(`/lead/${id(9)}/metadata`, { at: "again" });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await list(`?sort=-updated_at&limit=2${cursor ? `&cursor=${cursor}` : ""}`, other.client);
      seen.push(...page.leads.map(({ lead_id }) => lead_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect([seen[0], ...seen.slice(3)], "each once, the latest change first").toEqual([9, 8, 10_095, 7].map(id));
    expect(new Set(seen).size).toBe(6);
    const narrowed = await list("?sort=-updated_at&status=new&q=same&limit=2", other.client);
    expect(narrowed.leads.map(({ lead_id }) => lead_id)).toEqual([id(9), id(8)]);
  });
});

describe("GET /leads", () => {
  it("shows a row with the documented fields, newest first", async () => {
    const page = await list();
    expect(names(page)).toEqual(["cat", "bob", "ann"]);
    expect(page).toMatchObject({ has_more: false, next_cursor: null, total: 3 });
    expect(page).not.toHaveProperty("page");
    expect(page).not.toHaveProperty("limit");
    const ruleset = Object.keys(page.leads[2]?.ruleset_names ?? {})[0] ?? "";
    expect(page.leads[2]).toEqual({
      org_id: tenant.organization_id,
      lead_id: ids.ann,
      name: "Ann Berg",
      email: "ann@acme.example",
      status: "new",
      score: 70,
      level: { id: expect.any(String), name: "Hot", color: expect.any(String) },
      ruleset_id: ruleset,
      last_event_at: expect.any(String),
      created_at: expect.any(String),
      updated_at: expect.any(String),
      account_id: account,
      owner_id: "u_1",
      owner_name: "Sam",
      engagement_scores: { [ruleset]: 70 },
      profile_scores: {},
      ruleset_names: { [ruleset]: "Engagement" },
      engagement_primary_ruleset_name: "Engagement",
      profile_primary_ruleset_name: null,
    });
  });

  it.each([
    ["q=berg", ["bob", "ann"]],
    ["q=ann%20berg", ["ann"]],
    ["q=acme.example", ["ann"]],
    ["owner_id=u_1", ["bob", "ann"]],
    ["owner_id=nobody", []],
    ["status=qualified", ["bob"]],
    ["status=new", ["cat", "ann"]],
    ["owner_id=u_1&status=new", ["ann"]],
    ["q=berg&owner_id=u_1&status=qualified", ["bob"]],
    ["has=email", ["cat", "ann"]],
    ["has=phone", ["bob"]],
    ["attr.plan=pro", ["ann"]],
    ["attr.seats=5&attr.paid=true", ["ann"]],
    ["attr.plan.tier=a%20b", ["cat"]],
    ["min_score=10", ["ann"]],
    ["max_score=9.5", ["bob"]],
    ["min_score=70&max_score=70", ["ann"]],
    ["level=Hot", ["ann"]],
    ["event_type=demo_request", ["ann"]],
    ["event_type=Page%20View", ["cat"]],
    ["last_active=7d", ["ann"]],
    ["last_active=30d", ["cat", "ann"]],
    ["range=today", ["cat", "bob", "ann"]],
    ["range=yesterday", []],
    ["updated_since=2100-01-01T00:00:00Z", []],
    ["updated_since=2020-01-01T00:00:00Z", ["cat", "bob", "ann"]],
  ])("%s", async (query, expected) => {
    // a point in time apart: Cat's 10 points do not decay, so a bound between 10 and 70 parts the two
    const page = await list(`?${query.replace("min_score=10", "min_score=10.5")}`);
    expect(names(page)).toEqual(expected);
    expect(page.has_more).toBe(false);
  });

  it("an account's leads", async () => {
    expect(names(await list(`?account_id=${account}`))).toEqual(["ann"]);
  });

  it.each(["", "q=berg", "owner_id=u_1", "has=email", "min_score=0"])(
    "%j by cursor and by page is the same list, whole and once",
    async (query) => {
      const whole = names(await list(`?${query}`));
      const byCursor: string[] = [];
      let cursor = "";
      for (;;) {
        const page = await list(`?limit=1&${query}${cursor && `&cursor=${cursor}`}`);
        byCursor.push(...names(page));
        if (!page.has_more) break;
        cursor = page.next_cursor ?? "";
      }
      expect(byCursor).toEqual(whole);
      for (const [at, name] of whole.entries()) {
        const page = await list(`?limit=1&page=${at + 1}&${query}`);
        expect([names(page), page.page]).toEqual([[name], at + 1]);
      }
      expect(names(await list(`?limit=1&page=${whole.length + 1}&${query}`))).toEqual([]);
    },
  );

  it("totals are kept for a status, counted on demand, and else left out", async () => {
    expect((await list("?status=qualified")).total).toBe(1);
    expect(await list("?q=berg")).not.toHaveProperty("total");
    expect((await list("?q=berg&count=true")).total).toBe(2);
    expect((await list("?has=email&count=true")).total).toBe(2);
    expect((await readProblem(await client.get("/leads?min_score=1&count=true"), 400)).detail).toContain("count");
  });

  it.each([
    ["limit=0", "limit"],
    ["cursor=nonsense", "cursor"],
    ["status=gone", "status"],
    ["has=fax", "has"],
    ["min_score=many", "min_score"],
    ["attr.a%22b=1", "attribute key"],
    ["last_active=1d", "last_active"],
    ["range=ever", "range"],
    ["updated_since=yesterday", "updated_since"],
  ])("%s is a 400 that names it", async (query, named) => {
    expect((await readProblem(await client.get(`/leads?${query}`), 400)).detail).toContain(named);
  });

  it("is two D1 round trips, three with a search, and writes nothing", async () => {
    for (const [query, trips] of [
      ["", 2],
      ["?q=berg", 3],
      ["?owner_id=u_1", 2],
      ["?min_score=10.5", 2],
    ] as const) {
      const { DB, count } = countingD1();
      await client.get(`/leads${query}`, { bindings: { DB } });
      expect([query, count.trips, count.rowsWritten]).toEqual([query, trips, 0]);
    }
  });

  it("a word that more than 2,000 leads share is checked lead by lead: a page reads a bounded part of them, whatever stands beside it", async () => {
    const other = await mintTenant();
    const unit = await env.DB.prepare("SELECT unit FROM org_units WHERE workspace_id = ?1").bind(other.workspace_id).first<number>("unit");
    const insert = (from: number, to: number, name: string) =>
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
         INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
         SELECT ?1, printf('%032x', i), json_object('name', ?4, 'vip', iif(i % 1000 = 0, 'yes', 'no')), '[]', 1, 1, 1 FROM n`,
      ).bind(unit, from, to, name);
    await env.DB.batch([insert(1, 11_000, "Mona Meyer"), insert(11_001, 12_000, "Ada Meyer")]);
    const read = async (query: string) => {
      const { DB, count } = countingD1();
      const answer = await other.client.get(`/leads?limit=25&${query}`, { bindings: { DB } });
      expect(answer.status, await answer.clone().text()).toBe(200);
      const page = await answer.json<{ leads: { lead_id: string }[]; next_cursor: string | null }>();
      return { ...page, ids: page.leads.map(({ lead_id }) => Number.parseInt(lead_id.slice(3), 16)), trips: count.trips };
    };
    // the first request of a client also reads its credential
    await read("");
    // all of the newest leads have it
    const meyers = await read("q=meyer");
    expect([meyers.ids[0], meyers.ids.length, meyers.trips]).toEqual([12_000, 25, 3]);
    expect((await read(`q=meyer&cursor=${meyers.next_cursor}`)).ids[0]).toBe(12_000 - 25);
    // with another filter, 5,000 leads are checked, and the cursor goes on
    const vips = await read("q=meyer&attr.vip=yes");
    expect(vips.ids).toEqual([12_000, 11_000, 10_000, 9_000, 8_000]);
    expect((await read(`q=meyer&attr.vip=yes&cursor=${vips.next_cursor}`)).ids).toEqual([7_000, 6_000, 5_000, 4_000, 3_000]);
    // none of the newest has it: the word drives, and the page is full
    expect((await read("q=mona")).ids[0]).toBe(11_000);
    // a narrower word drives, and the wide one is checked
    expect((await read("q=meyer%20ada")).ids.slice(0, 2)).toEqual([12_000, 11_999]);
    expect((await read("q=mona%20ada")).ids).toEqual([]);
    expect((await read("q=meyer&sort=-score")).ids).toEqual([]);
  });

  it("a page of a search reads as much of 36,000 leads as of 12,000, whether they share one word, two, or words that are not ASCII", async () => {
    const costs: Record<string, number[]> = {};
    for (const leads of [12_000, 36_000]) {
      const other = await mintTenant();
      const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)";
      const email = "iif(i % 3, 'abel', 'mail') || i || '@x.example'";
      const unit = await unitKeyOf(other);
      await env.DB.batch([
        env.DB.prepare(
          `${numbers} INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
           SELECT ?1, printf('%032x', i), json_object('name', iif(i % 4, 'Ada', 'Mona') || ' ' || iif(i % 3, 'Abel', 'Jürgens')),
             json_array(json_array('email', ${email}, NULL, 1)), 1, 1, 1 FROM n`,
        ).bind(unit, leads),
        env.DB.prepare(
          `${numbers} INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, 'email', ${email}, printf('%032x', i) FROM n`,
        ).bind(unit, leads),
      ]);
      await list("", other.client);
      for (const [query, step] of [
        ["q=mona", 4],
        ["q=mona%20mail", 12],
        ["q=mona%20j%C3%BCrg", 12],
        ["q=J%C3%9CRGENS", 3],
      ] as const) {
        const { DB, count } = countingD1();
        const page = await (await other.client.get(`/leads?limit=25&${query}`, { bindings: { DB } })).json<Page>();
        const newest = Array.from({ length: 25 }, (_, n) => leads - n * step);
        expect(
          page.leads.map(({ lead_id }) => Number.parseInt(lead_id.slice(3), 16)),
          query,
        ).toEqual(newest);
        expect(count.trips, query).toBe(3);
        costs[query] = [...(costs[query] ?? []), count.rowsRead];
      }
    }
    for (const [query, [small = 0, large = 0]] of Object.entries(costs)) expect(large / small, query).toBeLessThan(1.1);
  });

  it("a filter that few of many leads pass checks 5,000 of them at most, and its cursor goes on to the end", async () => {
    const other = await mintTenant();
    const unit = await env.DB.prepare("SELECT unit FROM org_units WHERE workspace_id = ?1").bind(other.workspace_id).first<number>("unit");
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7000)
       INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
       SELECT ?1, printf('%032x', i), iif(i = 3, '{"vip":"yes"}', '{}'), '[]', 1, 1, 1 FROM n`,
    )
      .bind(unit)
      .run();
    const first = await list("?attr.vip=yes", other.client);
    expect([first.leads, first.has_more]).toEqual([[], true]);
    const second = await list(`?attr.vip=yes&cursor=${first.next_cursor}`, other.client);
    expect([second.leads.length, second.has_more]).toEqual([1, false]);
    expect((await list("?limit=10", other.client)).leads.length).toBe(10);
    // what an index drives reads no lead that it does not show
    for (const query of ["limit=10", "owner_id=u", "account_id=a", "status=lost", "q=zoe", "range=today", "owner_id=u&count=true"]) {
      const { DB, count } = countingD1();
      await other.client.get(`/leads?${query}`, { bindings: { DB } });
      expect(count.rowsRead, query).toBeLessThan(100);
    }
    const { DB, count } = countingD1();
    await other.client.post("/leads/bulk-assign-owner", { lead_ids: ["7".padStart(32, "0")], owner_id: "u" }, { bindings: { DB } });
    expect(count.rowsRead).toBeLessThan(20);
  });
});

it("the latest changes are read from the end of the log, each lead by its key", async () => {
  const { unit } = await mintCtx();
  const db = openUnitDb(env.DB, unit.unit);
  const after = { seq: 5, lead_id: "" };
  for (const { text } of [selectChanged(db, filterOf({ page: 1, limit: 1 }, 0), after, 10), selectChangesEnd(db, after)]) {
    const plan = await planOf(text);
    expect(plan.filter((step) => /^SCAN (l|s|change_log)\b/.test(step))).toEqual([]);
    expect(plan.join("\n")).toMatch(/SEARCH change_log USING PRIMARY KEY \(unit=\? AND seq<\?\)/);
  }
});
