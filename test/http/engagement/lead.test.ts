/** One lead by its id: what it shows, conditional writes, its aliases, its end; and what each costs. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ingest, mintRule, mintRuleset, post } from "../../support/events";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type WireLead = {
  lead_id: string;
  email: string | null;
  phone: string | null;
  status: string;
  score: number;
  owner_id: string | null;
  owner_name: string | null;
  account: { account_id: string } | null;
  aliases: { id: string; kind: string; value: string }[];
  metadata: Record<string, unknown>;
  updated_at: string;
};

let tenant: Tenant;
let client: Client;
beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
});

let minted = 0;
const mint = (metadata: Record<string, unknown> = {}) => mintLead(client, { email: `p${++minted}@example.com` }, metadata);
const read = async (id: string) => (await client.get(`/lead/${id}`)).json<WireLead>();
const put = (id: string, json: unknown, headers: Record<string, string> = {}) => client.call("PUT", `/lead/${id}`, { json, headers });
const etagOf = async (id: string) => (await client.get(`/lead/${id}`)).headers.get("ETag") ?? "";

/** What a call costs on top of the caller's authentication. */
async function costOf(call: (bindings: Partial<Env>) => Promise<Response>) {
  await call({});
  const { DB, count } = countingD1();
  const answer = await call({ DB });
  return { status: answer.status, trips: count.trips, rowsWritten: count.rowsWritten };
}

describe("GET /lead/{leadId}", () => {
  it("shows profile, aliases, account, owner, score, level and times", async () => {
    const account = await post<{ account_id: string }>(client, "/accounts", { name: "Acme", domain: "acme.example" });
    const rules = await mintRuleset(client, "r");
    await mintRule(client, { event_type: "Lead Shown", weight: 30 }, rules);
    const level = await post<{ id: string; name: string; color: string }>(client, "/engagement-levels", { name: "Warm", min_score: 25 });
    const id = await mintLead(client, { email: "Whole@Example.com", phone: "+15550100777" }, { company: "Acme" });
    await put(id, { account_id: account.account_id, owner_id: "u_1", owner_name: "Sam" });
    await ingest(client, { lead_id: id, event_type: "Lead Shown" });
    const lead = await read(id);
    expect(lead).toEqual({
      lead_id: id,
      org_id: tenant.organization_id,
      email: "Whole@Example.com",
      phone: "+15550100777",
      status: "new",
      score: 30,
      profile_score: 0,
      profile_scores: {},
      profile_level: null,
      level: { id: level.id, name: "Warm", color: level.color },
      account: { account_id: account.account_id, name: "Acme", domain: "acme.example" },
      owner_id: "u_1",
      owner_name: "Sam",
      consent: {},
      aliases: [
        { id: expect.stringMatching(/^als_[0-9a-f]{16}$/), kind: "email", value: "whole@example.com", created_at: expect.any(String) },
        { id: expect.stringMatching(/^als_[0-9a-f]{16}$/), kind: "phone", value: "+15550100777", created_at: expect.any(String) },
      ],
      last_event_at: expect.any(String),
      created_at: expect.any(String),
      updated_at: expect.any(String),
      metadata: { company: "Acme" },
    });
  });

  it("takes an id as any dialect writes it, and is 404 for what is none", async () => {
    const id = await mint();
    const hex = id.slice(3);
    const dashed = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    for (const text of [hex, `lead_${hex}`, dashed]) expect((await read(text)).lead_id).toBe(id);
    for (const text of [`ld_${"0".repeat(32)}`, "nobody", "%25"]) await readProblem(await client.get(`/lead/${text}`), 404);
  });

  it("is 304 for its own ETag, until the lead or its score changes", async () => {
    const id = await mint();
    const first = await etagOf(id);
    const known = await client.get(`/lead/${id}`, { headers: { "If-None-Match": first } });
    expect([known.status, await known.text()]).toEqual([304, ""]);
    await mintRule(client, { event_type: "Etag Moves", weight: 7 }, await mintRuleset(client, "e"));
    await ingest(client, { lead_id: id, event_type: "Etag Moves" });
    const scored = await client.get(`/lead/${id}`, { headers: { "If-None-Match": first } });
    expect(scored.status).toBe(200);
    await put(id, { status: "lost" });
    expect((await client.get(`/lead/${id}`, { headers: { "If-None-Match": scored.headers.get("ETag") ?? "" } })).status).toBe(200);
  });

  it("costs one D1 round trip and writes nothing", async () => {
    const id = await mint();
    expect(await costOf((bindings) => client.get(`/lead/${id}`, { bindings }))).toEqual({ status: 200, trips: 1, rowsWritten: 0 });
  });
});

describe("PUT /lead/{leadId}", () => {
  it("changes what is given and leaves the rest", async () => {
    const id = await mint({ company: "Acme" });
    const answer = await put(id, { status: "qualified", email: "new-address@example.com" });
    const changed = await answer.json<WireLead>();
    expect([answer.status, changed.status, changed.email, changed.metadata]).toEqual([
      200,
      "qualified",
      "new-address@example.com",
      { company: "Acme" },
    ]);
    expect(await read(id)).toEqual(changed);
    expect((await (await put(id, { metadata: { a: 1 } })).json<WireLead>()).metadata).toEqual({ a: 1 });
    expect((await (await put(id, { email: null })).json<WireLead>()).email).toBeNull();
  });

  it("another owner clears the name of the one before", async () => {
    const id = await mint();
    const ownerAfter = async (json: unknown) => {
      const { owner_id, owner_name } = await (await put(id, json)).json<WireLead>();
      return [owner_id, owner_name];
    };
    expect(await ownerAfter({ owner_id: "u_1", owner_name: "Sam" })).toEqual(["u_1", "Sam"]);
    expect(await ownerAfter({ owner_id: "u_1" })).toEqual(["u_1", "Sam"]);
    expect(await ownerAfter({ owner_name: "Samuel" })).toEqual(["u_1", "Samuel"]);
    expect(await ownerAfter({ owner_id: "u_2" })).toEqual(["u_2", null]);
    expect(await ownerAfter({ owner_id: null })).toEqual([null, null]);
  });

  it("with If-Match writes only on the version that was read, whatever its score does meanwhile", async () => {
    const id = await mint();
    const etag = await etagOf(id);
    await mintRule(client, { event_type: "Match Moves", weight: 7 }, await mintRuleset(client, "m"));
    await ingest(client, { lead_id: id, event_type: "Match Moves" });
    expect((await put(id, { status: "contacted" }, { "If-Match": etag })).status).toBe(200);
    const { detail } = await readProblem(await put(id, { status: "lost" }, { "If-Match": etag }), 412);
    expect(detail).toContain("If-Match");
    expect((await read(id)).status).toBe("contacted");
  });

  it("an email that another lead has is a 409 that names that lead", async () => {
    const [owner, id] = [await mint(), await mint()];
    const { email } = await read(owner);
    const { detail } = await readProblem(await put(id, { email }), 409);
    expect(detail).toBe(`Another lead has this email: ${owner}`);
  });

  it.each([
    [{}, "must have at least one of"],
    [{ status: "gone" }, "status: must be one of"],
    [{ account_id: "acct_none" }, "account_id: no such account"],
    [{ metadata: [] }, "metadata: must be an object"],
    [{ metadata: { "a/b": 1 } }, "is not an attribute key"],
    [{ owner_id: " " }, "owner_id: must be 1 to 200 characters"],
    [{ email: "nobody" }, "email: Must be a valid email address"],
  ])("%j is a 400 that says what is allowed", async (json, text) => {
    const id = await mint();
    const before = await read(id);
    expect((await readProblem(await put(id, json), 400)).detail).toContain(text);
    expect(await read(id)).toEqual(before);
  });

  it("costs two D1 round trips", async () => {
    const id = await mint();
    let turn = 0;
    const cost = await costOf((bindings) =>
      client.call("PUT", `/lead/${id}`, { json: { status: ["lost", "contacted"][turn++ % 2] }, bindings }),
    );
    // the lead, two counts, and its old and new entry by status
    expect(cost).toMatchObject({ status: 200, trips: 2 });
    const patched = await costOf((bindings) => client.patch(`/lead/${id}/metadata`, { seat: ++turn }, { bindings }));
    expect(patched).toEqual({ status: 200, trips: 2, rowsWritten: 2 });
    const same = await costOf((bindings) => client.patch(`/lead/${id}/metadata`, { seat: turn }, { bindings }));
    expect(same).toEqual({ status: 200, trips: 1, rowsWritten: 0 });
  });
});

describe("PATCH /lead/{leadId}/metadata", () => {
  it("merges the flat body, removes what is null, and shows the lead with all metadata", async () => {
    const id = await mint({ company: "Acme", seat: 1 });
    const answer = await client.patch(`/lead/${id}/metadata`, { seat: null, "plan.name": "Pro", nested: { a: [1] } });
    expect([answer.status, (await answer.json<WireLead>()).metadata]).toEqual([
      200,
      { company: "Acme", "plan.name": "Pro", nested: { a: [1] } },
    ]);
  });

  it("names the key that is refused as it was sent", async () => {
    const id = await mint();
    const { errors } = await readProblem(await client.patch(`/lead/${id}/metadata`, { "a/b": 1 }), 400);
    expect(errors).toEqual([{ path: "a/b", message: expect.stringContaining("is not an attribute key") }]);
    for (const body of [[], null, "x", 5]) await readProblem(await client.patch(`/lead/${id}/metadata`, body), 400);
  });

  it("loses no key when many write at once", async () => {
    const id = await mint();
    const keys = Array.from({ length: 8 }, (_, at) => `key_${at}`);
    await Promise.all(keys.map((key) => client.patch(`/lead/${id}/metadata`, { [key]: key })));
    expect((await read(id)).metadata).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });
});

describe("aliases", () => {
  const add = (id: string, kind: string, value: string) => client.post(`/lead/${id}/aliases`, { kind, value });
  const remove = (id: string, kind: string, value: string) =>
    client.call("DELETE", `/lead/${id}/aliases/${kind}/${encodeURIComponent(value)}`);
  const list = async (id: string) =>
    (await (await client.get(`/lead/${id}/aliases`)).json<{ aliases: { kind: string; value: string }[] }>()).aliases;

  it("one that is added finds the lead, one that is removed no longer, and another lead may have it", async () => {
    const [id, other] = [await mint(), await mint()];
    const added = await add(id, "email", "Second@Example.com ");
    const alias = await added.json<{ id: string }>();
    expect([added.status, alias]).toEqual([201, expect.objectContaining({ kind: "email", value: "second@example.com" })]);
    expect(await list(id)).toContainEqual(alias);
    expect((await client.get("/lead/by-alias?value=second@example.com")).status).toBe(200);
    expect([(await add(id, "email", "second@example.com")).status, (await list(id)).length]).toEqual([200, 2]);
    expect((await remove(id, "email", "SECOND@example.com")).status).toBe(204);
    expect((await client.get("/lead/by-alias?value=second@example.com")).status).toBe(404);
    await readProblem(await remove(id, "email", "second@example.com"), 404);
    expect((await add(other, "email", "second@example.com")).status).toBe(201);
  });

  it("values with slashes, spaces and letters of any script are removed by their encoded form", async () => {
    const id = await mint();
    for (const value of ["https://example.com/in/alex?x=1#y", "a b/c", "山田", "100%"]) {
      expect((await add(id, "social", value)).status).toBe(201);
      expect((await remove(id, "social", value)).status, value).toBe(204);
    }
  });

  it("the last one may go: the lead is found by its id alone", async () => {
    const id = await mint();
    const { email } = await read(id);
    expect((await remove(id, "email", email ?? "")).status).toBe(204);
    expect(await read(id)).toMatchObject({ email: null, aliases: [] });
  });

  it("one of another lead is a 409 that names it, and the conflict is kept", async () => {
    const [owner, id] = [await mint(), await mint()];
    const { email } = await read(owner);
    const { detail } = await readProblem(await add(id, "email", email ?? ""), 409);
    expect(detail).toBe(`Another lead has this alias: ${owner}`);
    const { results } = await env.DB.prepare("SELECT lead_id, owner_lead_id, source FROM alias_conflicts WHERE lead_id = ?1")
      .bind(id.slice(3))
      .all();
    expect(results).toEqual([{ lead_id: id.slice(3), owner_lead_id: owner.slice(3), source: "engagement" }]);
    // once the owner lets go of it, the lead gains it and the case is closed
    await remove(owner, "email", email ?? "");
    expect((await add(id, "email", email ?? "")).status).toBe(201);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM alias_conflicts WHERE lead_id = ?1").bind(id.slice(3)).first("n")).toBe(0);
  });

  it("of many leads that claim one alias at once exactly one gets it", async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => mint()));
    const statuses = await Promise.all(ids.map(async (id) => (await add(id, "external_id", "crm-1")).status));
    expect(statuses.sort()).toEqual([201, 409, 409, 409]);
  });

  it.each([
    ["name", "x", "kind: must be one of"],
    ["email", "nobody", "Must be a valid email address"],
    ["phone", "call me", "Must be a valid phone number"],
    ["cookie", " ", "must not be empty"],
  ])("%s %j is a 400", async (kind, value, text) => {
    expect((await readProblem(await add(await mint(), kind, value), 400)).detail).toContain(text);
  });

  it("costs two D1 round trips and three rows: the lead, its alias, the log", async () => {
    const id = await mint();
    let turn = 0;
    const added = await costOf((bindings) => client.post(`/lead/${id}/aliases`, { kind: "cookie", value: `c${++turn}` }, { bindings }));
    expect(added).toEqual({ status: 201, trips: 2, rowsWritten: 3 });
    const removed = await costOf((bindings) => client.call("DELETE", `/lead/${id}/aliases/cookie/c${turn--}`, { bindings }));
    expect(removed).toEqual({ status: 204, trips: 2, rowsWritten: 3 });
  });
});

describe("DELETE /lead/{leadId}", () => {
  it("says so, and the lead is gone by every way", async () => {
    const id = await mint();
    const { email } = await read(id);
    const answer = await client.call("DELETE", `/lead/${id}`);
    expect([answer.status, await answer.json()]).toEqual([200, { message: "Lead deletion initiated", lead_id: id }]);
    for (const path of [`/lead/${id}`, `/lead/${id}/aliases`, `/lead/by-alias?value=${email}`, `/events/${id}`]) {
      await readProblem(await client.get(path), 404);
    }
    await readProblem(await client.call("DELETE", `/lead/${id}`), 404);
  });
});

it("a viewer reads, and changes nothing", async () => {
  const id = await mint();
  const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
  expect((await viewer.get(`/lead/${id}`)).status).toBe(200);
  expect((await viewer.get(`/lead/${id}/aliases`)).status).toBe(200);
  for (const answer of [
    await viewer.call("PUT", `/lead/${id}`, { json: { status: "lost" } }),
    await viewer.patch(`/lead/${id}/metadata`, { a: 1 }),
    await viewer.post(`/lead/${id}/aliases`, { kind: "cookie", value: "c" }),
    await viewer.call("DELETE", `/lead/${id}/aliases/cookie/c`),
    await viewer.call("DELETE", `/lead/${id}`),
  ]) {
    await readProblem(answer, 403);
  }
});
