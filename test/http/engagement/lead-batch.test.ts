/** POST /leads and POST /leads/batch: leads are created or changed by their aliases, with a verdict on each, in one commit. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { writeLeads } from "../../../src/core/leads";
import { mintCtx } from "../../support/context";
import { interceptedD1 } from "../../support/imports";
import { setLimits } from "../../support/limits";
import { keyed, newKey } from "../../support/retries";
import { type Client, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

type Verdict = {
  index: number;
  verdict: string;
  lead_id: string | null;
  code: string | null;
  reason: string | null;
  alias_conflicts: unknown[];
};
type Batch = { results: Verdict[]; counts: Record<string, number> };
type Lead = { lead_id: string; metadata: Record<string, unknown>; status: string; owner_id: string | null; verdict: string };

let tenant: Tenant;
let client: Client;
let serial = 0;
const address = () => `batch-${++serial}@example.com`;
const email = (value: string) => ({ kind: "email", value });
const send = async (leads: unknown[], more: object = {}, on = client): Promise<Batch> => {
  const answer = await on.post("/leads/batch", { leads, ...more });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Batch>();
};
const verdicts = ({ results }: Batch) => results.map(({ verdict }) => verdict);
const read = async (id: string | null | undefined, on = client) => (await on.get(`/lead/${id}`)).json<Lead>();

beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
});

describe("POST /leads", () => {
  it("creates a lead, then changes it, then leaves it", async () => {
    const aliases = [email(address()), { kind: "phone", value: "+1 555 010 7001" }];
    const post = async (body: object) => {
      const answer = await client.post("/leads", { aliases, ...body });
      return answer.json<Lead>();
    };
    const created = await post({ metadata: { first_name: "Ann" }, status: "qualified", owner_id: "u_1", owner_name: "Sam" });
    expect(created).toMatchObject({ status: "qualified", verdict: "created", metadata: { first_name: "Ann" }, owner_name: "Sam" });
    expect((await client.post("/leads", { aliases })).status).toBe(200);
    const changed = await post({ metadata: { first_name: null, plan: "pro" } });
    expect(changed).toMatchObject({ lead_id: created.lead_id, verdict: "changed", metadata: { plan: "pro" }, owner_id: "u_1" });
    expect(await post({ metadata: { plan: "pro" }, status: "qualified" })).toMatchObject({ verdict: "unchanged" });
    expect((await client.post("/leads", { email: address(), phone: "+1 555 010 7002" })).status).toBe(201);
  });

  it("refuses with the status that says why", async () => {
    const taken = address();
    await client.post("/leads", { email: taken });
    await readProblem(await client.post("/leads", { email: taken, mode: "create_only" }), 409);
    await readProblem(await client.post("/leads", { email: address(), mode: "update_only" }), 404);
    await readProblem(await client.post("/leads", { metadata: { a: 1 } }), 400);
    expect((await readProblem(await client.post("/leads", { email: taken, metadata: { "a/b": 1 } }), 400)).errors).toMatchObject([
      { path: "metadata.a/b" },
    ]);
    expect((await readProblem(await client.post("/leads", { email: taken, account_id: "acct_none" }), 400)).errors?.[0]?.path).toBe(
      "account_id",
    );
  });

  it("an unknown key is refused by its name, for one lead and for one of a batch", async () => {
    const email = address();
    const unknown = { path: "first_name", message: "is not a known field" };
    expect((await readProblem(await client.post("/leads", { email, first_name: "Alex" }), 400)).errors).toEqual([unknown]);
    const mixed = await client.post("/leads/batch", { leads: [{ email, first_name: "Alex" }, { email: address() }] });
    expect((await mixed.json<{ results: object[] }>()).results).toMatchObject([
      { verdict: "refused", code: "invalid", reason: "first_name: is not a known field" },
      { verdict: "created" },
    ]);
    expect((await readProblem(await client.post("/leads/batch", { moed: "create_only", leads: [{ email }] }), 400)).errors).toEqual([
      { path: "moed", message: "is not a known field" },
    ]);
    expect((await client.get(`/lead/by-alias?value=${email}`)).status).toBe(404);
  });

  it("with an Idempotency-Key is carried out once", async () => {
    const key = newKey();
    const body = { email: address(), metadata: { a: 1 } };
    const first = await client.post("/leads", body, keyed(key));
    const second = await client.post("/leads", body, keyed(key));
    expect([first.status, second.status, second.headers.get("Idempotency-Replayed")]).toEqual([201, 201, "true"]);
    expect(await second.text()).toBe(await first.text());
  });
});

describe("POST /leads/batch", () => {
  it("returns the outcome of each, in their order", async () => {
    const [known, other] = [address(), address()];
    await mintLead(client, { email: known }, { plan: "pro" });
    const batch = await send([
      { aliases: [email(other)], metadata: { first_name: "New" } },
      { aliases: [email(known)], metadata: { plan: "pro" } },
      { aliases: [email(known)], metadata: { plan: "free" } },
      { aliases: [email("not-an-email")] },
      { aliases: [{ kind: "fax", value: "1" }] },
      { aliases: [email(other), { kind: "cookie", value: `c-${other}` }] },
      { aliases: [email(other.toUpperCase())] },
      { aliases: [email(address()), email(known)] },
      { metadata: {} },
      "nonsense",
      { aliases: [email(address())], account_id: "acct_none" },
    ]);
    expect(verdicts(batch)).toEqual([
      "created",
      "unchanged",
      "changed",
      "refused",
      "refused",
      "changed",
      "unchanged",
      "changed",
      "refused",
      "refused",
      "refused",
    ]);
    expect(batch.counts).toEqual({ created: 1, changed: 3, unchanged: 2, refused: 5 });
    expect(batch.results.map(({ index }) => index)).toEqual([...batch.results.keys()]);
    expect(batch.results[3]).toMatchObject({ code: "invalid", lead_id: null, reason: expect.stringContaining("valid email") });
    expect(batch.results[4]?.reason).toContain("kind");
    expect(batch.results[10]?.reason).toContain("acct_none");
    expect(batch.results[5]?.lead_id).toBe(batch.results[0]?.lead_id);
  });

  it("modes refuse what exists, or does not", async () => {
    const [known, unknown] = [address(), address()];
    const lead = await mintLead(client, { email: known });
    const both = [
      { aliases: [email(known)], metadata: { a: 1 } },
      { aliases: [email(unknown)], metadata: { a: 1 } },
    ];
    const updated = await send(both, { mode: "update_only" });
    expect(updated.results).toMatchObject([{ verdict: "changed" }, { verdict: "refused", code: "not_found", lead_id: null }]);
    const created = await send(both, { mode: "create_only" });
    expect(created.results).toMatchObject([{ verdict: "refused", code: "exists", lead_id: lead }, { verdict: "created" }]);
    await readProblem(await client.post("/leads/batch", { leads: both, mode: "replace" }), 400);
  });

  it("replaces nested values whole, keeps the nulls inside them, and leaves other keys as they are", async () => {
    const known = address();
    const before = {
      "a.b c": 1,
      tags: ["x", { y: null }],
      address: { city: "Oslo", zip: "1", geo: { lat: 1 } },
      big: 1e21,
      exact: 0.1,
      flag: true,
      ünï: "ö",
    };
    const lead = await mintLead(client, { email: known }, before);
    const metadata = { address: { city: "Rome", geo: { lng: null } }, flag: { on: true }, ünï: { ü: "é" } };
    expect(
      verdicts(
        await send([
          { aliases: [email(known)], metadata },
          { aliases: [email(known)], metadata },
        ]),
      ),
    ).toEqual(["changed", "unchanged"]);
    expect((await read(lead)).metadata).toEqual({ ...before, ...metadata });
    expect(verdicts(await send([{ aliases: [email(known)], metadata }]))).toEqual(["unchanged"]);
    expect(verdicts(await send([{ aliases: [email(known)], metadata: { flag: 1, exact: true } }]))).toEqual(["changed"]);
    expect((await read(lead)).metadata).toEqual({ ...before, ...metadata, flag: 1, exact: true });
    const fresh = await send([{ aliases: [email(address())], metadata: { ...metadata, gone: null } }]);
    expect((await read(fresh.results[0]?.lead_id)).metadata).toEqual(metadata);
  });

  it("keeps keys that no attribute may have when it merges nested values", async () => {
    const ctx = await mintCtx();
    const profile = { 'a"b': 1, "c\\d": "2", "": 3, __proto__x: 4 };
    await writeLeads(ctx, { leads: [{ email: "odd@example.com" }] }, { source: "test" });
    await env.DB.prepare("UPDATE leads SET profile = ?2 WHERE unit = ?1").bind(ctx.db.unit, JSON.stringify(profile)).run();
    await writeLeads(ctx, { leads: [{ email: "odd@example.com", metadata: { new: { x: 1 } } }] }, { source: "test" });
    const stored = await env.DB.prepare("SELECT profile FROM leads WHERE unit = ?1").bind(ctx.db.unit).first<string>("profile");
    expect(JSON.parse(stored ?? "")).toEqual({ ...profile, new: { x: 1 } });
  });

  it("an alias of another lead stays there, is reported and recorded as a conflict", async () => {
    const [a, b] = [address(), address()];
    const owner = await mintLead(client, { email: b });
    const batch = await send([{ aliases: [email(a)] }, { aliases: [email(a), email(b)] }]);
    expect(batch.results[1]).toMatchObject({ verdict: "unchanged", alias_conflicts: [{ kind: "email", value: b, lead_id: owner }] });
  });

  it("writing a name drops its parts, and the counts of statuses stay exact", async () => {
    const other = await mintTenant();
    const [a, b] = [address(), address()];
    await send(
      [
        { email: a, metadata: { first_name: "A", last_name: "B" } },
        { email: b, status: "lost" },
      ],
      {},
      other.client,
    );
    await send(
      [
        { email: a, metadata: { name: "C" }, status: "qualified" },
        { email: b, status: "qualified", owner_id: "u" },
      ],
      {},
      other.client,
    );
    const total = async (status: string) => (await (await other.client.get(`/leads?status=${status}`)).json<{ total: number }>()).total;
    expect([await total("new"), await total("lost"), await total("qualified")]).toEqual([0, 0, 2]);
    const found = await (await other.client.get("/leads?owner_id=u")).json<{ leads: Lead[] }>();
    expect(found.leads).toHaveLength(1);
    expect((await (await other.client.get(`/lead/by-alias?value=${a}`)).json<Lead>()).metadata).toEqual({ name: "C" });
  });

  it("fills the quota to the last lead and refuses those beyond, each by itself", async () => {
    const other = await mintTenant();
    await setLimits(other, { leads: 3 });
    const batch = await send(
      [1, 2, 3, 4, 5].map((n) => ({ email: `q${n}@example.com` })),
      {},
      other.client,
    );
    expect(verdicts(batch)).toEqual(["created", "created", "created", "refused", "refused"]);
    expect(batch.results[3]).toMatchObject({ code: "quota_used_up", lead_id: null });
    const again = await send([{ email: "q1@example.com", metadata: { a: 1 } }, { email: "q9@example.com" }], {}, other.client);
    expect(verdicts(again)).toEqual(["changed", "refused"]);
    await readProblem(await other.client.post("/leads", { email: "q8@example.com" }), 409);
  });

  it("two batches at once create each lead once", async () => {
    const same = [1, 2, 3].map(() => ({ email: address() }));
    const both = await Promise.all([send(same), send(same)]);
    const created = both.flatMap(({ results }) => results.filter(({ verdict }) => verdict === "created"));
    expect(created).toHaveLength(3);
    expect(both[0]?.results.map(({ lead_id }) => lead_id)).toEqual(both[1]?.results.map(({ lead_id }) => lead_id));
  });

  it("costs two D1 round trips for new leads, three for known ones, and the rows of an import", async () => {
    const other = await mintTenant();
    const leads = Array.from({ length: 1_000 }, (_, n) => ({ email: `cost-${n}@example.com`, metadata: { company: "Acme" } }));
    await other.client.get("/org-units");
    await other.client.get("/leads");
    const cost = async (sent: object[]) => {
      const { DB, count } = countingD1();
      const answer = await other.client.post("/leads/batch", { leads: sent }, { bindings: { DB } });
      return { counts: (await answer.json<Batch>()).counts, trips: count.trips, written: count.rowsWritten };
    };
    // a lead's row, its alias and the word example.com; the number of leads, the log
    expect(await cost(leads)).toMatchObject({ counts: { created: 1_000 }, trips: 2, written: 3_002 });
    const same = await cost(leads);
    expect([same.counts.unchanged, same.trips, same.written]).toEqual([1_000, 2, 0]);
    const changed = await cost(leads.map((lead) => ({ ...lead, metadata: { company: "Beta" } })));
    expect([changed.counts.changed, changed.trips, changed.written]).toEqual([1_000, 3, 1_001]);
    const fields = await cost(leads.slice(0, 100).map((lead) => ({ ...lead, status: "lost", metadata: { a: { b: 1 } } })));
    // its row and the status that lists find it by; two statuses' numbers, the log
    expect([fields.trips, fields.written]).toEqual([3, 203]);
  });
});

describe("a lead that goes after the write of a request, before its response", () => {
  /** Runs `act` once, after the first commit that writes a lead. */
  const afterWrite = (act: () => Promise<unknown>): { DB: D1Database } => {
    let pending: (() => Promise<unknown>) | null = act;
    const DB = interceptedD1(async ({ statements }, run) => {
      const result = await run();
      const first = pending;
      if (!first || !statements.some(({ text }) => /^INSERT (OR FAIL )?INTO leads/.test(text))) return result;
      pending = null;
      await first();
      return result;
    });
    return { DB };
  };

  it("is created again when it was deleted", async () => {
    const { client } = await mintTenant();
    const remove = async () =>
      client.call("DELETE", `/lead/${(await (await client.get("/lead/by-alias?value=a@x.example")).json<{ lead_id: string }>()).lead_id}`);
    const answer = await client.post("/leads", { email: "a@x.example", metadata: { n: 1 } }, { bindings: afterWrite(remove) });
    const body = await answer.json<{ lead_id: string; metadata: object; verdict: string }>();
    expect([answer.status, body]).toMatchObject([201, { verdict: "created", metadata: { n: 1 } }]);
    expect(await (await client.get("/lead/by-alias?value=a@x.example")).json()).toMatchObject({ lead_id: body.lead_id });
  });

  it("is the lead that it was merged into", async () => {
    const { client } = await mintTenant();
    const target = await mintLead(client, { email: "b@x.example" });
    const mergeIt = async () => {
      const { lead_id } = await (await client.get("/lead/by-alias?value=a@x.example")).json<{ lead_id: string }>();
      expect((await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [lead_id] })).ok).toBe(true);
    };
    const answer = await client.post("/leads", { email: "a@x.example", metadata: { n: 1 } }, { bindings: afterWrite(mergeIt) });
    expect([answer.status, await answer.json()]).toMatchObject([200, { lead_id: target, metadata: { n: 1 } }]);
  });
});
