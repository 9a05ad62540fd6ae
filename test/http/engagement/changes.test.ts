/** The log of changes: every writer of leads is in it, a lead's history, the feed, and who wrote which field last. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import worker from "../../../src/index";
import { type Channel, mintChannel, mintPartner, ok, type Partner } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { asEmail, ingest, post } from "../../support/events";
import { importCsv } from "../../support/imports";
import { merge } from "../../support/merges";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { undone } from "../../support/undo";
import { countingD1, readProblem } from "../../support/worker";
import { mintWorkspace, type Workspace } from "../../support/workspace";

type Source = { dialect: string; import?: string };
type Entry = { at: string; type: string; actor: string; source: Source; request_id: string; keys: string[] };
type History = { changes: Entry[]; cursor: string | null; has_more: boolean };
type Change = { id: string; type: string; lead_id: string; keys: string[]; source: Source; at: string };
type Feed = { changes: Change[]; cursor: string; has_more: boolean };

let tenant: Tenant;
let client: Client;
let workspace: Workspace;
let partner: Partner;
let channel: Channel;
beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  workspace = await mintWorkspace({ unit_id: "unit_default" }, tenant);
  partner = await mintPartner(tenant);
  channel = await mintChannel(tenant);
});
afterEach(() => void vi.useRealTimers());

const history = async (id: string, query = "", by = client) => (await by.get(`/lead/${id}/audit${query}`)).json<History>();
const newest = async (id: string) => (await history(id)).changes[0] as Entry;
const feed = async (cursor?: string, limit = 1_000, by = client) =>
  (await by.get(`/changes?limit=${limit}${cursor ? `&cursor=${cursor}` : ""}`)).json<Feed>();
const wireId = (id: string) => `ld_${id.replaceAll("-", "").replace(/^(ld_|lead_)/, "")}`;

let minted = 0;
const email = () => `c${++minted}@example.com`;
const mint = (metadata = {}) => mintLead(client, { email: email() }, metadata);
const mintInChannel = async () =>
  (await ok<{ lead: { id: string } }>(partner("create_lead", { channel_id: channel.channel_id, email: email() }))).lead.id;
const importRow = (header: string, row: string, more = {}) =>
  importCsv(client, `${header}\n${row}\n`, { primary_identifier: { column: "email", kind: "email" }, ...more });

/** Each verb that writes leads, as its dialect calls it: what it logs. Returns the lead's id. */
const WRITERS: Record<string, { dialect: string; type?: string; keys: string[]; write: () => Promise<string> }> = {
  "PATCH /lead/by-alias/metadata": {
    dialect: "engagement",
    keys: ["seat"],
    write: async () => {
      const address = email();
      const id = await mintLead(client, { email: address });
      await client.patch("/lead/by-alias/metadata", { alias_value: address, attributes: { seat: 1, gone: null } });
      return id;
    },
  },
  "PATCH /lead/by-alias/metadata that links an account": {
    dialect: "engagement",
    keys: ["account_id"],
    write: async () => {
      const address = email();
      const id = await mintLead(client, { email: address });
      const { account_id } = await post<{ account_id: string }>(client, "/accounts", { name: "Acme" });
      await client.patch("/lead/by-alias/metadata", { alias_value: address, account_id });
      return id;
    },
  },
  "PUT /lead/{leadId}": {
    dialect: "engagement",
    keys: ["company", "email", "status"],
    write: async () => {
      const id = await mint({ title: "CTO" });
      await client.call("PUT", `/lead/${id}`, { json: { status: "lost", email: email(), metadata: { title: "CTO", company: "Acme" } } });
      return id;
    },
  },
  "PATCH /lead/{leadId}/metadata": {
    dialect: "engagement",
    keys: ["name", "first_name"],
    write: async () => {
      const id = await mint({ first_name: "Ada" });
      await client.patch(`/lead/${id}/metadata`, { name: "Ada B" });
      return id;
    },
  },
  "POST /lead/{leadId}/aliases": {
    dialect: "engagement",
    keys: ["cookie"],
    write: async () => {
      const id = await mint();
      await client.post(`/lead/${id}/aliases`, { kind: "cookie", value: `k${++minted}` });
      return id;
    },
  },
  "DELETE /lead/{leadId}/aliases": {
    dialect: "engagement",
    keys: ["phone"],
    write: async () => {
      const id = await mintLead(client, { email: email(), phone: "+4930901820" });
      await client.call("DELETE", `/lead/${id}/aliases/phone/+4930901820`);
      return id;
    },
  },
  "POST /leads/{leadId}/owner": {
    dialect: "engagement",
    keys: ["owner_id", "owner_name"],
    write: async () => {
      const id = await mint();
      await client.post("/leads/bulk-assign-owner", { lead_ids: [id, "nobody"], owner_id: "u_1", owner_name: "Sam" });
      return id;
    },
  },
  "an import's new lead": {
    dialect: "import",
    type: "created",
    keys: ["company", "email"],
    write: async () => {
      const address = email();
      await importRow("email,Company", `${address},Acme`, { field_mappings: { Company: "company" } });
      return byEmail(address);
    },
  },
  "an import's known lead": {
    dialect: "import",
    keys: ["title", "phone"],
    write: async () => {
      const address = email();
      const id = await mintLead(client, { email: address }, { company: "Acme" });
      const mapping = { field_mappings: { Company: "company", Title: "title" }, alias_mappings: { Phone: "_alias_phone" } };
      await importRow("email,Company,Title,Phone", `${address},Acme,CTO,+49309018${100 + ++minted}`, mapping);
      return id;
    },
  },
  "an event's new lead": {
    dialect: "event",
    type: "created",
    keys: ["email"],
    write: async () => {
      const address = email();
      await ingest(client, asEmail(address));
      return byEmail(address);
    },
  },
  "an event that names another alias": {
    dialect: "event",
    keys: ["external_id"],
    write: async () => {
      const address = email();
      const id = await mintLead(client, { email: address });
      const aliases = [
        { alias_kind: "email", raw_value: address },
        { alias_kind: "external_id", raw_value: `x${++minted}` },
      ];
      await ingest(client, { aliases, event_type: "Page View" });
      return id;
    },
  },
  "POST /api/v1/leads": {
    dialect: "workspace",
    type: "created",
    keys: ["name", "email"],
    write: async () => wireId((await workspace.create()).id),
  },
  "PUT /api/v1/leads/{id}": {
    dialect: "workspace",
    keys: ["phone"],
    write: async () => {
      const { id } = await workspace.create();
      await workspace.put(id, { phone: "+15550100001" });
      return wireId(id);
    },
  },
  "partner: create_lead": { dialect: "partner", type: "created", keys: ["email"], write: async () => wireId(await mintInChannel()) },
  "partner: update_lead": {
    dialect: "partner",
    keys: ["notes", "property_values"],
    write: async () => {
      const lead_id = await mintInChannel();
      const properties = [{ property_definitions_id: channel.property_definitions[0]?.id, value: 5 }];
      await ok(partner("update_lead", { lead_id, notes: "called", properties }));
      return wireId(lead_id);
    },
  },
  "partner: update_status": {
    dialect: "partner",
    keys: ["lead_status"],
    write: async () => {
      const lead_id = await mintInChannel();
      await ok(partner("update_status", { lead_id, status: "Won" }));
      return wireId(lead_id);
    },
  },
};

const byEmail = async (address: string): Promise<string> =>
  (await (await client.get(`/lead/by-alias?value=${encodeURIComponent(address)}`)).json<{ lead_id: string }>()).lead_id;

describe("every verb that writes leads is in the log", () => {
  it.each(Object.entries(WRITERS))("%s", async (_, { dialect, type = "changed", keys, write }) => {
    const { cursor } = await lastPage();
    const id = await write();
    const entry = await newest(id);
    expect({ ...entry, keys: entry.keys.toSorted() }).toMatchObject({ type, keys: keys.toSorted() });
    expect(entry.source.dialect).toBe(dialect);
    const { changes } = await feed(cursor);
    expect(changes.filter(({ lead_id }) => lead_id === id).at(-1)).toMatchObject({ type, keys: entry.keys, source: entry.source });
  });

  it("an undo: what it removes and what it restores", async () => {
    const [known, fresh] = [email(), email()];
    const id = await mintLead(client, { email: known }, { company: "Acme" });
    const job = await importCsv(client, `email,Company\n${known},Beta\n${fresh},Gamma\n`, {
      primary_identifier: { column: "email", kind: "email" },
      field_mappings: { Company: "company" },
    });
    const removed = await byEmail(fresh);
    const { cursor } = await lastPage();
    await undone(client, job.job_id);
    const source = { dialect: "undo", import: job.job_id };
    expect((await feed(cursor)).changes).toMatchObject([
      { type: "changed", lead_id: id, keys: ["company"], source },
      { type: "deleted", lead_id: removed, source },
    ]);
    expect((await newest(id)).actor).toBe(tenant.credential.credential_id);
  });

  it("a merge and an unmerge: the target's history goes on in that of the lead it took in", async () => {
    const [target, source] = [await mint({ company: "Acme" }), await mint({ title: "CTO" })];
    await client.patch(`/lead/${source}/metadata`, { seat: 1 });
    const { cursor } = await lastPage();
    await merge(client, target, [source]);
    expect((await feed(cursor)).changes.map(({ type, lead_id }) => [type, lead_id])).toEqual([
      ["merged", target],
      ["merged", source],
    ]);
    const kinds = async (id: string, query = "") =>
      (await history(id, query)).changes.map(({ type, keys }) => `${type} ${keys.toSorted()}`);
    const merged = ["merged email,seat,title", "changed seat", "changed title", "created email", "changed company", "created email"];
    expect(await kinds(target)).toEqual(merged);
    const pages: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: History = await history(target, `?limit=1${next && `&cursor=${next}`}`);
      pages.push(...page.changes.map(({ type, keys }) => `${type} ${keys.toSorted()}`));
      next = page.cursor;
    }
    expect(pages).toEqual(merged);
    expect((await client.post(`/leads/${target}/unmerge`)).status).toBe(200);
    expect(await kinds(target)).toEqual(["unmerged email,seat,title", ...merged]);
    expect(await kinds(source)).toEqual(["unmerged ", "changed seat", "changed title", "created email"]);
    await client.patch(`/lead/${source}/metadata`, { seat: 2 });
    expect((await kinds(source)).slice(0, 2)).toEqual(["changed seat", "unmerged "]);
  });

  it("a deletion, in the feed alone", async () => {
    const id = await mint();
    const { cursor } = await lastPage();
    await client.call("DELETE", `/lead/${id}`);
    const { id: other } = await workspace.create();
    await workspace.client.call("DELETE", `/api/v1/leads/${other}`);
    const { changes } = await feed(cursor);
    expect(changes.map(({ type, lead_id, source }) => [type, lead_id, source.dialect])).toEqual([
      ["deleted", id, "engagement"],
      ["created", wireId(other), "workspace"],
      ["deleted", wireId(other), "workspace"],
    ]);
    await readProblem(await client.get(`/lead/${id}/audit`), 404);
  });

  it("no statement that writes leads is without it", async () => {
    const sources = import.meta.glob("../../../src/**/*.ts", { query: "?raw", import: "default", eager: true }) as Record<string, string>;
    const writers = Object.entries(sources).flatMap(([path, text]) =>
      [...text.matchAll(/(?:INSERT (?:OR FAIL )?INTO|UPDATE|DELETE FROM) leads\b[\s\S]{0,1500}?`,\n/g)].map(([statement]) => ({
        file: path.slice(path.indexOf("src/")),
        logged: statement.includes("LAST_CHANGE_SQL") || statement.startsWith("DELETE"),
      })),
    );
    expect(writers.length).toBeGreaterThan(5);
    // a value that is stated again, and the columns that only some leads have, beside the statement that restores the same leads
    expect(writers.filter(({ logged }) => !logged)).toEqual([
      { file: "src/core/leads/bulk-store.ts", logged: false },
      { file: "src/core/undo/undo-store.ts", logged: false },
    ]);
    const deletions = Object.entries(sources).filter(([, text]) => text.includes("DELETE FROM leads"));
    for (const [path, text] of deletions) expect([path, text.includes("logMatching") || text.includes("logChanges")]).toEqual([path, true]);
  });
});

/** The end of the feed. */
async function lastPage(): Promise<Feed> {
  let page = await feed();
  while (page.has_more) page = await feed(page.cursor);
  return page;
}

describe("what writes nothing logs nothing", () => {
  it("a patch, an import and an owner that change nothing", async () => {
    const address = email();
    const id = await mintLead(client, { email: address }, { company: "Acme" });
    await client.post(`/leads/${id}/owner`, { owner_id: "u_1" });
    const { cursor } = await lastPage();
    await client.patch("/lead/by-alias/metadata", { alias_value: address, attributes: { company: "Acme" } });
    await client.patch(`/lead/${id}/metadata`, { company: "Acme" });
    await client.post(`/leads/${id}/owner`, { owner_id: "u_1" });
    await importRow("email,Company", `${address},Acme`, { field_mappings: { Company: "company" } });
    await ingest(client, asEmail(address));
    expect((await feed(cursor)).changes).toEqual([]);
  });

  it("a verb that is refused", async () => {
    const id = await mint();
    const { cursor } = await lastPage();
    await client.call("PUT", `/lead/${id}`, { json: { email: "nobody" } });
    await client.call("PUT", `/lead/${id}`, { json: { status: "lost" }, headers: { "If-Match": '"x"' } });
    await client.call("DELETE", `/lead/ld_${"0".repeat(32)}`);
    expect((await feed(cursor)).changes).toEqual([]);
  });
});

describe("GET /lead/{leadId}/audit", () => {
  it("shows who, when, by which request, and what, newest first and page by page", async () => {
    const id = await mint();
    const answers: Response[] = [];
    for (let n = 0; n < 5; n++) answers.push(await client.patch(`/lead/${id}/metadata`, { [`k${n}`]: n }));
    const whole = await history(id);
    expect(whole.changes.map(({ keys }) => keys)).toEqual([["k4"], ["k3"], ["k2"], ["k1"], ["k0"], ["email"]]);
    expect([whole.cursor, whole.has_more]).toEqual([null, false]);
    const requests = answers.map((answer) => answer.headers.get("X-Request-Id")).toReversed();
    expect(whole.changes.slice(0, 5).map(({ request_id }) => request_id)).toEqual(requests);
    expect(new Set(whole.changes.map(({ actor }) => actor))).toEqual(new Set([tenant.credential.credential_id]));
    expect(whole.changes.at(-1)).toMatchObject({ type: "created", source: { dialect: "import", import: expect.stringMatching(/^job_/) } });
    const pages: Entry[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: History = await history(id, `?limit=2${cursor && `&cursor=${cursor}`}`);
      pages.push(...page.changes);
      cursor = page.cursor;
    }
    expect(pages).toEqual(whole.changes);
  });

  it("contains names and no values", async () => {
    const id = await mint({ secret: "correct horse" });
    expect(JSON.stringify(await history(id))).not.toContain("horse");
  });

  it("a viewer may read it; another tenant, an unknown id and a made-up cursor may not", async () => {
    const id = await mint();
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    expect((await history(id, "", viewer)).changes.length).toBe(1);
    const { client: stranger } = await mintTenant();
    await readProblem(await stranger.get(`/lead/${id}/audit`), 404);
    await readProblem(await client.get("/lead/nobody/audit"), 404);
    for (const cursor of ["x", "au1_", "au1_e30", "au1_W1sieCIsMV1d"])
      await readProblem(await client.get(`/lead/${id}/audit?cursor=${cursor}`), 400);
    await readProblem(await client.get(`/lead/${id}/audit?limit=0`), 400);
  });

  it("costs one D1 round trip for a page", async () => {
    const id = await mint({ a: 1 });
    const { DB, count } = countingD1();
    expect((await client.get(`/lead/${id}/audit`, { bindings: { DB } })).status).toBe(200);
    expect([count.trips, count.rowsWritten]).toEqual([1, 0]);
    expect(count.rowsRead).toBeLessThan(100);
  });
});

describe("GET /changes", () => {
  it("begins at the oldest, goes on from the cursor, and returns each change once, in the order of the commits", async () => {
    const own = await mintTenant();
    expect(await feed(undefined, 10, own.client)).toEqual({ changes: [], cursor: "ch1_0_0", has_more: false });
    const rows = Array.from({ length: 25 }, (_, n) => `p${n}@example.com`).join("\n");
    await importCsv(own.client, `email\n${rows}\n`, { primary_identifier: { column: "email", kind: "email" } });
    await own.client.patch("/lead/by-alias/metadata", { alias_value: "p3@example.com", attributes: { a: 1 } });
    await ingest(own.client, asEmail("new@example.com"));
    const seen: Change[] = [];
    let page = await feed("ch1_0_0", 4, own.client);
    for (seen.push(...page.changes); page.has_more; seen.push(...page.changes)) page = await feed(page.cursor, 4, own.client);
    expect(seen).toEqual((await feed(undefined, 1_000, own.client)).changes);
    expect([seen.length, new Set(seen.map(({ id }) => id)).size]).toEqual([27, 27]);
    expect(seen.slice(-2).map(({ type, keys }) => [type, keys])).toEqual([
      ["changed", ["a"]],
      ["created", ["email"]],
    ]);
    expect(await feed(page.cursor, 4, own.client)).toEqual({ changes: [], cursor: page.cursor, has_more: false });
    await own.client.patch("/lead/by-alias/metadata", { alias_value: "p4@example.com", attributes: { b: 1 } });
    expect((await feed(page.cursor, 4, own.client)).changes.map(({ keys }) => keys)).toEqual([["b"]]);
  });

  it("a cursor is good for seven days, and its end is a clear error; the feed then begins at what is left", async () => {
    const own = await mintTenant();
    const address = email();
    await mintLead(own.client, { email: address });
    const { cursor } = await feed(undefined, 10, own.client);
    await own.client.patch("/lead/by-alias/metadata", { alias_value: address, attributes: { a: 1 } });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6 * 86_400_000 });
    expect((await feed(cursor, 10, own.client)).changes.length).toBe(1);
    await own.client.patch("/lead/by-alias/metadata", { alias_value: address, attributes: { a: 2 } });
    vi.setSystemTime(Date.now() + 2 * 86_400_000);
    const problem = await readProblem(await own.client.get(`/changes?cursor=${cursor}`), 410);
    expect([problem.code, problem.detail]).toEqual(["gone", expect.stringContaining("7 days")]);
    expect((await feed(undefined, 10, own.client)).changes.map(({ keys }) => keys)).toEqual([["a"]]);
    await readProblem(await own.client.get("/changes?cursor=x"), 400);
  });

  it("costs one D1 round trip, two without a cursor", async () => {
    const { cursor } = await lastPage();
    for (const [query, trips] of [
      [`?cursor=${cursor}`, 1],
      ["", 2],
    ] as const) {
      const { DB, count } = countingD1();
      expect((await client.get(`/changes${query}`, { bindings: { DB } })).status).toBe(200);
      expect([count.trips, count.rowsWritten]).toEqual([trips, 0]);
    }
  });

  it("what is older than 90 days is removed, but for a unit's newest, after which the next is numbered", async () => {
    const own = await mintTenant();
    const unit = await unitKeyOf(own);
    const address = email();
    const id = await mintLead(own.client, { email: address }, { a: 1 });
    await own.client.patch(`/lead/${id}/metadata`, { a: 2 });
    const seqs = async () =>
      (await env.DB.prepare("SELECT seq FROM change_log WHERE unit = ?1 ORDER BY seq").bind(unit).all<{ seq: number }>()).results.map(
        ({ seq }) => seq,
      );
    expect(await seqs()).toEqual([1, 2, 3]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 91 * 86_400_000 });
    await worker.scheduled({ cron: "*/10 * * * *", scheduledTime: Date.now(), noRetry() {} } as ScheduledController, env);
    expect(await seqs()).toEqual([3]);
    await own.client.patch(`/lead/${id}/metadata`, { a: 3 });
    expect(await seqs()).toEqual([3, 4]);
    expect((await history(id, "", own.client)).changes.map(({ keys }) => keys)).toEqual([["a"], ["a"]]);
  });
});

describe("GET /lead/{leadId}?sources=true", () => {
  type Sources = Record<string, { source: string; dialect: string; by: string; at: string } | null>;
  const sourcesOf = async (id: string) => (await (await client.get(`/lead/${id}?sources=true`)).json<{ sources: Sources }>()).sources;
  const kinds = async (id: string) => Object.fromEntries(Object.entries(await sourcesOf(id)).map(([key, of]) => [key, of?.source ?? null]));

  it("names who wrote each field last, whichever dialect it was", async () => {
    const address = email();
    const mapping = { field_mappings: { Company: "company", Title: "title" } };
    const job = await importRow("email,Company,Title", `${address},Acme,CTO`, mapping);
    const id = await byEmail(address);
    expect(await kinds(id)).toEqual({ company: "import", title: "import" });
    expect((await sourcesOf(id)).company).toMatchObject({ dialect: "import", by: job.job_id });
    await client.patch(`/lead/${id}/metadata`, { title: "CEO", seat: 1 });
    expect(await kinds(id)).toEqual({ company: "import", title: "person", seat: "person" });
    expect((await sourcesOf(id)).seat).toMatchObject({ dialect: "engagement", by: tenant.credential.credential_id });
    await workspace.put(id.replace("ld_", "lead_"), { metadata: { company: "Beta", title: "CEO", seat: 1 } });
    expect((await sourcesOf(id)).company).toMatchObject({ source: "person", dialect: "workspace", by: workspace.credential_id });
    expect((await sourcesOf(id)).title).toMatchObject({ dialect: "engagement" });
    // the same values again are no write; a new one is
    await importRow("email,Company,Title", `${address},Beta,CTO`, mapping);
    expect(await kinds(id)).toEqual({ company: "person", title: "import", seat: "person" });
    await client.patch("/lead/by-alias/metadata", { alias_value: address, attributes: { title: "CFO", company: null } });
    expect(await kinds(id)).toEqual({ title: "person", seat: "person" });
  });

  it("of a lead that a dialect created, and of one whose fields are older than the log", async () => {
    const { id } = await workspace.create();
    expect(await kinds(wireId(id))).toEqual({ name: "person" });
    const old = await mint({ a: 1 });
    await env.DB.prepare("UPDATE leads SET sources = NULL WHERE lead_id = ?1").bind(old.slice(3)).run();
    await client.patch(`/lead/${old}/metadata`, { b: 1 });
    expect(await kinds(old)).toEqual({ a: null, b: "person" });
  });

  it("keeps no more entries than there are fields, however often they are written", async () => {
    const id = await mint();
    for (let n = 0; n < 12; n++) await client.patch(`/lead/${id}/metadata`, { [`k${n % 3}`]: n });
    const stored = await env.DB.prepare("SELECT sources FROM leads WHERE lead_id = ?1").bind(id.slice(3)).first<string>("sources");
    expect(JSON.parse(stored ?? "[]")).toHaveLength(1 + 3);
  });
});
