/** Segments: kept, checked against leads, compared, and the list of their members. */
import { beforeAll, describe, expect, it } from "vitest";
import { asEmail, ingest, mintRule, mintRuleset, post } from "../../support/events";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type Segment = { id: string; name: string; rules: object; active: boolean };
type Preview = {
  count: number;
  complete: boolean;
  next_cursor: string | null;
  checked: number;
  sample: { lead_id: string; email: string; score: number }[];
};

let tenant: Tenant;
let client: Client;
const ids: Record<string, string> = {};
beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  await mintRule(client, { event_type: "Page View", weight: 10 }, await mintRuleset(client));
  await post(client, "/engagement-levels", { name: "Warm", min_score: 20 });
  const { account_id } = await post<{ account_id: string }>(client, "/accounts", {
    name: "Acme Corp",
    domain: "acme.example",
    metadata: { tier: "Gold", seats: 50 },
  });
  await post(client, "/account-levels", { name: "Big", min_score: 0, max_score: 100 });
  for (const [name, metadata] of Object.entries({
    ada: { plan: "pro", seats: 5 },
    bob: { plan: "Free" },
    cy: { plan: "pro", seats: "12" },
  }))
    ids[name] = await mintLead(client, { email: `${name}@example.com` }, metadata);
  await client.call("PUT", `/lead/${ids.bob}`, { json: { account_id, status: "qualified", owner_id: "u1" } });
  const view = (path: string, timestamp?: string) =>
    asEmail("ada@example.com", "Page View", { metadata: { path, amount: 30 }, ...(timestamp ? { timestamp } : {}) });
  await ingest(client, view("/Pricing"), view("/docs"), view("/old", new Date(Date.now() - 40 * 86_400_000).toISOString()));
  await ingest(client, asEmail("cy@example.com", "Sign Up"));
});

const create = (rules: object, more = {}) => post<Segment>(client, "/segments", { name: "S", rules, ...more });
const preview = async (rules: object) => {
  const answer = await client.post("/segments/preview", { rules });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Preview>();
};
const names = ({ sample }: Preview) => sample.map(({ email }) => email.split("@")[0]).sort();

describe("rules", () => {
  it.each<[string, object, string[]]>([
    ["lead metadata", { type: "lead_metadata", field: "plan", operator: "equals", value: "PRO" }, ["ada", "cy"]],
    ["numbers", { type: "lead_metadata", field: "seats", operator: "greater_than", value: 5 }, ["cy"]],
    ["an empty field", { type: "lead_metadata", field: "seats", operator: "is_empty" }, ["bob"]],
    ["the lead's own fields", { type: "lead", field: "status", operator: "not_equals", value: "qualified" }, ["ada", "cy"]],
    ["an email", { type: "lead", field: "email", operator: "starts_with", value: "B" }, ["bob"]],
    ["the account", { type: "account_metadata", field: "domain", operator: "ends_with", value: ".example" }, ["bob"]],
    ["no account", { type: "account_metadata", field: "name", operator: "is_empty" }, ["ada", "cy"]],
    ["the account's metadata", { type: "account_metadata", field: "tier", operator: "equals", value: "gold" }, ["bob"]],
    ["its numbers there", { type: "account_metadata", field: "seats", operator: "greater_than", value: 49 }, ["bob"]],
    ["the account's level", { type: "account_level", operator: "equals", value: "big" }, ["bob"]],
    ["the account's score", { type: "account_score", operator: "less_than", value: 1 }, ["bob"]],
    ["event counts", { type: "event_count", event_type: "page_view", operator: "equals", value: 3 }, ["ada"]],
    ["in a window", { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 3, within_days: 30 }, []],
    ["no events", { type: "event_count", operator: "equals", value: 0 }, ["bob"]],
    ["event metadata", { type: "event_metadata", event_type: "Page View", field: "path", operator: "contains", value: "pricing" }, ["ada"]],
    ["its numbers", { type: "event_metadata", field: "amount", operator: "less_than", value: 100 }, ["ada"]],
    ["in time", { type: "event_metadata", field: "path", operator: "equals", value: "/old", within_days: 30 }, []],
    ["the score", { type: "score", operator: "greater_than", value: 10 }, ["ada"]],
    ["the level", { type: "engagement_level", operator: "equals", value: "warm" }, ["ada"]],
    ["no level", { type: "engagement_level", operator: "is_empty" }, ["bob", "cy"]],
    ["no profile level", { type: "profile_level", operator: "is_not_empty" }, []],
    [
      "and, or, not",
      {
        and: [
          {
            or: [
              { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" },
              { type: "lead", field: "owner_id", operator: "is_not_empty" },
            ],
          },
          { not: { type: "event_count", event_type: "Sign Up", operator: "greater_than", value: 0 } },
        ],
      },
      ["ada", "bob"],
    ],
  ])("%s", async (_, rules, expected) => {
    const found = await preview(rules);
    expect(names(found)).toEqual(expected);
    expect([found.count, found.complete]).toEqual([expected.length, true]);
  });

  it("that are invalid are a 400 that names their place", async () => {
    const problem = await readProblem(await client.post("/segments", { name: "S", rules: { and: [{ type: "moon" }] } }), 400);
    expect(problem.errors?.[0]?.path).toBe("rules.and.0.type");
    await readProblem(await client.post("/segments", { name: "S", rules: "x" }), 400);
    await readProblem(await client.post("/segments/preview", { rules: { type: "account_level", operator: "contains", value: "A" } }), 400);
  });
});

describe("a segment", () => {
  const PRO = { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" };

  it("is kept, shown, changed, copied and deleted; deleting it deletes no lead", async () => {
    const created = await create(PRO, { name: "Pro" });
    expect(created).toMatchObject({ id: expect.stringMatching(/^seg_/), name: "Pro", description: null, rules: PRO, active: true });
    expect(await (await client.get(`/segments/${created.id}`)).json()).toEqual(created);
    const listed = await (await client.get("/segments")).json<{ segments: Segment[] }>();
    expect(listed.segments).toContainEqual(created);
    const changed = await client.call("PUT", `/segments/${created.id}`, { json: { name: "Pros" } });
    expect(await changed.json()).toMatchObject({ name: "Pros", rules: PRO });
    const copy = await post<Segment>(client, `/segments/${created.id}/copy`, undefined);
    expect(copy).toMatchObject({ name: "Copy of Pros", rules: PRO, active: false });
    expect((await client.call("DELETE", `/segments/${created.id}`)).status).toBe(204);
    await readProblem(await client.get(`/segments/${created.id}`), 404);
    expect((await client.get(`/lead/${ids.ada}`)).status).toBe(200);
  });

  it("lists its members by GET /leads, with other filters, page by page, as they are at this moment", async () => {
    const { id } = await create(PRO);
    const list = async (query: string) =>
      (await client.get(`/leads?segment=${id}${query}`)).json<{ leads: { lead_id: string }[]; next_cursor: string | null }>();
    expect((await list("")).leads.map(({ lead_id }) => lead_id)).toEqual([ids.cy, ids.ada]);
    const first = await list("&limit=1");
    expect(first.leads.map(({ lead_id }) => lead_id)).toEqual([ids.cy]);
    expect((await list(`&limit=1&cursor=${first.next_cursor}`)).leads.map(({ lead_id }) => lead_id)).toEqual([ids.ada]);
    expect((await list("&min_score=10")).leads.map(({ lead_id }) => lead_id)).toEqual([ids.ada]);
    await client.patch(`/lead/${ids.bob}/metadata`, { plan: "pro" });
    expect((await list("")).leads).toHaveLength(3);
    await client.patch(`/lead/${ids.bob}/metadata`, { plan: "free" });
    await readProblem(await client.get(`/leads?segment=${id}&sort=name`), 400);
    await readProblem(await client.get("/leads?segment=seg_nobody"), 404);
  });

  it("that is not active has no members", async () => {
    const { id } = await create(PRO, { active: false });
    expect(await (await client.get(`/segments/${id}/preview`)).json()).toMatchObject({ count: 0, complete: true, sample: [] });
    expect(await (await client.get(`/leads?segment=${id}`)).json()).toMatchObject({ leads: [] });
  });

  it("is compared with another", async () => {
    const a = await create(PRO);
    const b = await create({ type: "event_count", operator: "greater_than", value: 1 });
    expect(await (await client.get(`/segments/compare?a=${a.id}&b=${b.id}`)).json()).toEqual({
      a: 2,
      b: 1,
      both: 1,
      only_a: 1,
      only_b: 0,
      checked: 3,
      complete: true,
      next_cursor: null,
    });
    await readProblem(await client.get(`/segments/compare?a=${a.id}&b=nobody`), 404);
  });

  it("may name its account's level and have triggers, before and after; one of accounts has none", async () => {
    const level = { type: "account_level", operator: "is_not_empty" };
    const trigger = { name: "T", on: "entered" };
    await post(client, "/segment-triggers", { ...trigger, segment_id: (await create(level)).id });
    const { id } = await create(PRO);
    await post(client, "/segment-triggers", { ...trigger, segment_id: id });
    expect((await client.call("PUT", `/segments/${id}`, { json: { rules: level } })).status).toBe(200);
    const { id: ofAccounts } = await create(level, { subject: "accounts" });
    const refused = await readProblem(await client.post("/segment-triggers", { ...trigger, segment_id: ofAccounts }), 400);
    expect(refused.errors?.[0]?.path).toBe("segment_id");
  });

  it("may be one of accounts: counted, compared with its like, and listed by GET /accounts", async () => {
    await post(client, "/accounts", { name: "Beta GmbH", domain: "beta.example", metadata: { tier: "silver" } });
    const gold = { type: "account_metadata", field: "tier", operator: "equals", value: "gold" };
    const rules = { or: [gold, { type: "account_level", operator: "is_empty" }] };
    const { id, ...shown } = await create(rules, { subject: "accounts" });
    expect(shown).toMatchObject({ subject: "accounts", rules });
    const found = await (await client.get(`/segments/${id}/preview`)).json<Preview & { accounts: { name: string }[] }>();
    expect(found).toMatchObject({ count: 1, checked: 2, complete: true, sample: [], accounts: [{ name: "Acme Corp" }] });
    const listed = await (await client.get(`/accounts?segment=${id}`)).json<{
      accounts: { name: string }[];
      pagination: { total: number };
    }>();
    expect([listed.accounts.map(({ name }) => name), listed.pagination.total]).toEqual([["Acme Corp"], 1]);
    const { id: other } = await create({ not: gold }, { subject: "accounts" });
    expect(await (await client.get(`/segments/compare?a=${id}&b=${other}`)).json()).toMatchObject({ a: 1, b: 1, both: 0 });
    const { id: ofLeads } = await create(PRO);
    for (const [path, at] of [
      [`/leads?segment=${id}`, "segment"],
      [`/accounts?segment=${ofLeads}`, "segment"],
      [`/segments/compare?a=${id}&b=${ofLeads}`, "b"],
    ] as const)
      expect((await readProblem(await client.get(path), 400)).errors?.[0]?.path).toBe(at);
    for (const refused of [
      await client.post("/segments", { name: "S", rules: PRO, subject: "accounts" }),
      await client.call("PUT", `/segments/${id}`, { json: { rules: PRO } }),
      await client.post("/segments/preview", { rules: PRO, subject: "accounts" }),
    ])
      expect((await readProblem(refused, 400)).errors?.[0]?.path).toBe("rules");
    await readProblem(await client.post("/segment-triggers", { name: "T", segment_id: id, on: "entered" }), 400);
    const { client: stranger } = await mintTenant();
    await readProblem(await stranger.get(`/accounts?segment=${id}`), 404);
  });

  it("speaks the language of GET /leads, of saved filters, of exports and of changes of many leads", async () => {
    const query = `filter=${encodeURIComponent(JSON.stringify(PRO))}`;
    const { leads } = await (await client.get(`/leads?${query}`)).json<{ leads: { lead_id: string }[] }>();
    expect(leads.map(({ lead_id }) => lead_id)).toEqual([ids.cy, ids.ada]);
    const { id } = await create({ type: "event_count", operator: "greater_than", value: 1 });
    const both = await (await client.get(`/leads?${query}&segment=${id}&min_score=10`)).json<{ leads: { lead_id: string }[] }>();
    expect(both.leads.map(({ lead_id }) => lead_id)).toEqual([ids.ada]);
    const csv = await (await client.get(`/leads/export.csv?${query}&segment=${id}`)).text();
    expect(csv.trim().split("\n")).toHaveLength(2);
    const criteria = { filter: PRO, segment: id, status: "new" };
    expect(await post(client, "/filters", { name: "Pros", criteria })).toMatchObject({ criteria });
    const bulk = await client.patch("/leads/bulk?dry_run=true", { filter: criteria, changes: { owner_id: "u2" } });
    expect(await bulk.json()).toMatchObject({ total: 1 });
    for (const bad of ["{", '"x"', '{"type":"moon"}', '{"and":[]}']) {
      const problem = await readProblem(await client.get(`/leads?filter=${encodeURIComponent(bad)}`), 400);
      expect(problem.errors?.[0]?.path, bad).toMatch(/^filter/);
    }
    await readProblem(await client.post("/filters", { name: "Bad", criteria: { filter: { type: "moon" } } }), 400);
    await readProblem(await client.get(`/leads?${query}&sort=name`), 400);
  });

  it("costs a preview two D1 round trips for 500 leads, and writes nothing", async () => {
    const { DB, count } = countingD1();
    await client.post("/segments/preview", { rules: PRO }, { bindings: { DB } });
    expect([count.trips, count.rowsWritten]).toEqual([2, 0]);
  });

  it("is changed by editors only, and another tenant's does not exist", async () => {
    const { id } = await create(PRO);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    expect((await viewer.get(`/segments/${id}/preview`)).status).toBe(200);
    expect((await viewer.post("/segments/preview", { rules: PRO })).status).toBe(200);
    await readProblem(await viewer.post("/segments", { name: "S", rules: PRO }), 403);
    const { client: stranger } = await mintTenant();
    await readProblem(await stranger.get(`/segments/${id}`), 404);
    await readProblem(await stranger.get(`/leads?segment=${id}`), 404);
  });
});
