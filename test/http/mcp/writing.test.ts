/** Agents change leads by plan, commit and undo alone: what is planned is done, once, and taken back. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { preview } from "../../support/imports";
import { refusal, send, settled, toolNames, useTool } from "../../support/mcp";
import {
  basicClient,
  bearerClient,
  type Client,
  mintClient,
  mintCredential,
  mintTenant,
  mintUnit,
  type Tenant,
} from "../../support/tenant";

type Plan = {
  plan_id: string;
  status: string;
  counts: Record<string, number>;
  rows: { outcome: string; lead_id: string; changes: object[] }[];
};
type UpdatePlan = {
  plan_id: string;
  matched: number;
  would_change: number;
  unchanged: number;
  leads: { lead_id: string; changes: object[] }[];
};
type Committed = { job_id: string; kind: string; status: string; total: number };
type Undone = { status: string; removed: number; restored: number; kept_count: number; kept: { field: string; reason: string }[] };
type Audit = { changes: { type: string; actor: string; source: { dialect: string; client?: string; import?: string } }[] };

const CSV = "Email,First Name,Company\nann@x.example,Ann,Acme\nbob@x.example,Bob,Bolt\n";

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
});

const leadOf = async (email: string) =>
  (await client.get(`/lead/by-alias?value=${email}`)).json<{ lead_id: string; metadata: Record<string, unknown> }>();
const auditOf = async (email: string) => (await client.get(`/lead/${(await leadOf(email)).lead_id}/audit`)).json<Audit>();
const total = async (query = "") => (await (await client.get(`/leads?count=true${query}`)).json<{ total: number }>()).total;
/** Every message that these send is delivered to its end. */
const plan = (given: object) => settled<Plan>(client, "plan_import", given);
const planUpdate = (filter: object, changes: object) => useTool<UpdatePlan>(client, "plan_update", { filter, changes });
const commit = (plan_id: string, options = {}) => settled<Committed>(client, "commit_plan", { plan_id }, options);
const undoneOf = async (job_id: string) => {
  await settled<Undone>(client, "undo", { job_id });
  return useTool<Undone>(client, "undo", { job_id });
};
const importLeads = async () => commit((await plan({ text: CSV })).plan_id);

describe("an import of text", () => {
  it("is planned without writing, committed once, and undone; the log names the client", async () => {
    const planned = await plan({ text: CSV });
    expect(planned).toMatchObject({
      status: "completed",
      counts: { created: 2, changed: 0, unchanged: 0, failed: 0 },
      mapping: { primary_identifier: { column: "Email", kind: "email" } },
    });
    expect(planned.rows[0]).toMatchObject({ row: 2, outcome: "created", error: null });
    expect(await total()).toBe(0);

    const job = await commit(planned.plan_id, { agent: "Käse Agent" });
    expect(job).toMatchObject({ kind: "import", total: 2 });
    expect(await commit(planned.plan_id)).toMatchObject({ job_id: job.job_id, status: "completed" });
    expect(await total()).toBe(2);
    expect((await leadOf("ann@x.example")).lead_id).toBe(planned.rows[0]?.lead_id);
    expect((await auditOf("ann@x.example")).changes).toMatchObject([
      { type: "created", actor: tenant.credential.credential_id, source: { dialect: "import", import: job.job_id, client: "Käse Agent" } },
    ]);
    expect(await useTool(client, "list_jobs", { job_id: job.job_id })).toMatchObject({
      jobs: [{ job_id: job.job_id, kind: "import", status: "completed", created: 2, failed: 0 }],
      errors: [],
    });

    expect(await useTool<Undone>(client, "undo", { job_id: job.job_id, dry_run: true })).toMatchObject({ status: "dry_run", removed: 2 });
    expect(await total()).toBe(2);
    expect(await undoneOf(job.job_id)).toMatchObject({ status: "completed", removed: 2, restored: 0, kept_count: 0 });
    expect(await total()).toBe(0);
  });

  it("takes the mapping that is given, and says which rows would fail and why", async () => {
    const planned = await plan({
      text: "Mail;Firma\nnot-an-email;X\ncy@x.example;Cyan\n",
      primary_identifier: { column: "Mail", kind: "email" },
      field_mappings: { Firma: "company" },
    });
    expect(planned.counts).toMatchObject({ created: 1, failed: 1 });
    expect(planned.rows.map(({ outcome }) => outcome)).toEqual(["failed", "created"]);
    expect(planned.rows[0]).toMatchObject({ error: "Invalid email format" });
    const { job_id } = await commit(planned.plan_id);
    expect(await useTool(client, "list_jobs", { job_id })).toMatchObject({
      jobs: [{ created: 1, failed: 1 }],
      errors: [{ row: 2, column: "Mail", value: "not-an-email" }],
    });
    expect((await leadOf("cy@x.example")).metadata).toEqual({ company: "Cyan" });
  });

  it.each([
    ["tab-separated text", "Email\tCompany\nann@x.example\tAcme\n"],
    ["a JSON array", '[{"Email":"ann@x.example","Company":"Acme"}]'],
    ["NDJSON", '{"Email":"ann@x.example","Company":"Acme"}\n{"Email":"bob@x.example","Company":"Bolt"}\n'],
  ])("may be %s", async (_, text) => {
    const { counts, rows } = await plan({ text });
    expect(counts).toMatchObject({ failed: 0 });
    expect(rows[0]?.changes).toContainEqual({ field: "company", before: null, after: "Acme" });
  });

  it("asks for the identifier when no column is one, and names the columns", async () => {
    expect(await refusal(client, "plan_import", { text: "Colour,Shape\nred,round\n" })).toMatch(
      /^primary_identifier: .*"Colour", "Shape"$/,
    );
  });

  it("wants one of text, file_id and plan_id", async () => {
    for (const given of [{}, { text: CSV, file_id: "preview_1" }])
      expect(await refusal(client, "plan_import", given)).toBe("text: give one of text, file_id, plan_id");
  });
});

it("an import of an uploaded file is planned with its suggested mapping, or with one that is given, and shown again by its id", async () => {
  const suggested = await plan({ file_id: await preview(client, CSV) });
  expect(suggested.counts).toMatchObject({ created: 2 });
  const file_id = await preview(client, CSV);
  const given = await plan({ file_id, primary_identifier: { column: "Email", kind: "email" } });
  expect(given).toMatchObject({ file_id, counts: { created: 2 } });
  expect(await plan({ plan_id: given.plan_id })).toMatchObject({ plan_id: given.plan_id, status: "completed", counts: given.counts });
  expect(await refusal(client, "plan_import", { file_id: "preview_nope" })).toMatch(/^File ID expired or not found/);
});

describe("a change of many leads", () => {
  beforeEach(importLeads);

  it("is planned without writing, committed once, and undone; the log names the client", async () => {
    const planned = await planUpdate({ q: "x.example" }, { status: "lost", metadata: { company: "Acme", note: "by agent" } });
    expect(planned).toMatchObject({ matched: 2, stopped_counting: false, would_change: 2, unchanged: 0, refused: 0 });
    const ann = await leadOf("ann@x.example");
    expect(planned.leads.find(({ lead_id }) => lead_id === ann.lead_id)?.changes).toEqual([
      { field: "note", before: null, after: "by agent" },
      { field: "status", before: "new", after: "lost" },
    ]);
    expect(await total("&status=lost")).toBe(0);

    const job = await commit(planned.plan_id, { agent: "Updater" });
    expect(job).toMatchObject({ kind: "update", total: 2 });
    expect((await commit(planned.plan_id)).job_id).toBe(job.job_id);
    expect(await total("&status=lost")).toBe(2);
    expect((await auditOf("bob@x.example")).changes[0]).toMatchObject({
      type: "changed",
      actor: tenant.credential.credential_id,
      source: { dialect: "mcp", client: "Updater" },
    });
    expect(await useTool(client, "list_jobs")).toMatchObject({
      has_more: false,
      jobs: [{ job_id: job.job_id, kind: "update", status: "completed", changed: 2 }, { kind: "import" }],
    });

    await client.patch("/lead/by-alias/metadata", { alias_value: "bob@x.example", attributes: { note: "mine" } });
    expect(await undoneOf(job.job_id)).toMatchObject({ status: "completed", restored: 2, kept_count: 1, kept: [{ field: "note" }] });
    expect(await total("&status=new")).toBe(2);
    expect((await leadOf("ann@x.example")).metadata).toEqual(ann.metadata);
    expect((await auditOf("ann@x.example")).changes[0]).toMatchObject({ source: { dialect: "undo", client: "test-agent" } });
  });

  it("counts leads that have the values already as unchanged", async () => {
    await commit((await planUpdate({ q: "ann" }, { status: "lost" })).plan_id);
    expect(await planUpdate({ q: "x.example" }, { status: "lost" })).toMatchObject({ matched: 2, would_change: 1, unchanged: 1 });
  });

  it("is refused when other leads match, or would change, than when it was planned; unless that is accepted", async () => {
    const { plan_id } = await planUpdate({ status: "new" }, { owner_id: "u_1" });
    await commit((await planUpdate({ q: "ann" }, { status: "lost" })).plan_id);
    expect(await refusal(client, "commit_plan", { plan_id })).toMatch(/changed since the plan \(2 matched then, 1 match now\)/);
    expect(await total("&owner_id=u_1")).toBe(0);
    await settled(client, "commit_plan", { plan_id, accept_drift: true });
    expect(await total("&owner_id=u_1")).toBe(1);
  });

  it("is refused when a value that it would overwrite has changed since; unless that is accepted", async () => {
    const { plan_id } = await planUpdate({ q: "x.example" }, { metadata: { company: "Planned" } });
    await client.patch("/lead/by-alias/metadata", { alias_value: "bob@x.example", attributes: { company: "Mine" } });
    expect(await refusal(client, "commit_plan", { plan_id })).toMatch(/changed since the plan \(2 matched then, 2 match now\)/);
    expect((await leadOf("bob@x.example")).metadata).toMatchObject({ company: "Mine" });
    await settled(client, "commit_plan", { plan_id, accept_drift: true });
    expect((await leadOf("bob@x.example")).metadata).toMatchObject({ company: "Planned" });
  });

  it("is committed although other values of its leads have changed since", async () => {
    const { plan_id } = await planUpdate({ q: "x.example" }, { status: "lost" });
    await client.patch("/lead/by-alias/metadata", { alias_value: "bob@x.example", attributes: { note: "mine" } });
    await commit(plan_id);
    expect(await total("&status=lost")).toBe(2);
  });

  it("is committed once by commits that race", async () => {
    const { plan_id } = await planUpdate({ q: "x.example" }, { status: "lost" });
    const jobs = await Promise.all([1, 2, 3].map(() => commit(plan_id)));
    expect(new Set(jobs.map(({ job_id }) => job_id)).size).toBe(1);
    const { jobs: listed } = await useTool<{ jobs: object[] }>(client, "list_jobs");
    expect(listed).toHaveLength(2);
  });

  it.each([
    ["no criterion", { filter: {}, changes: { status: "lost" } }, /^filter: must have at least one criterion/],
    ["an unknown criterion", { filter: { colour: "red" }, changes: { status: "lost" } }, /^colour: is no parameter of the list of leads/],
    ["an unknown status", { filter: { q: "ann" }, changes: { status: "gone" } }, /^changes\.status: must be one of: .* \(got "gone"\)$/],
    ["nothing to change", { filter: { q: "ann" }, changes: {} }, /must have at least one of: metadata, status/],
    ["an unknown field", { filter: { q: "ann" }, changes: { email: "x" } }, /^changes\.email: is not a known field$/],
    ["an account that is not there", { filter: { q: "ann" }, changes: { account_id: "acct_1" } }, /^changes\.account_id: no such account/],
  ])("with %s is refused, and the sentence says why", async (_, given, sentence) => {
    expect(await refusal(client, "plan_update", given)).toMatch(sentence);
  });
});

describe("a plan", () => {
  it("is committed in its own org unit alone, by the id that was signed there", async () => {
    const { plan_id } = await plan({ text: CSV });
    const [id, signature = ""] = plan_id.split(".");
    const forged = `${id}.${signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))}`;
    const { client: rival } = await mintTenant();
    const sibling = await mintClient(tenant.organization_id, { unit_id: await mintUnit(tenant, "Sibling") });
    for (const [caller, given] of [
      [rival, plan_id],
      [sibling, plan_id],
      [client, forged],
      [client, id],
      [client, "plan_1"],
    ] as [Client, string][]) {
      for (const tool of ["commit_plan", "plan_import"])
        expect(await refusal(caller, tool, { plan_id: given })).toMatch(/^plan_id: is not a plan of this org unit \(got "/);
    }
    expect(await total()).toBe(0);
  });

  it("expires", async () => {
    await importLeads();
    const { plan_id } = await planUpdate({ q: "ann" }, { status: "lost" });
    await env.DB.prepare("UPDATE bulk_plans SET expires_at = 1 WHERE plan_id = ?1").bind(plan_id.split(".")[0]).run();
    expect(await refusal(client, "commit_plan", { plan_id })).toBe("Plan expired or not found (plans expire after 24 hours)");
  });
});

it("undo of a job that is not there, or is another tenant's, is refused", async () => {
  const { job_id } = await importLeads();
  const { client: rival } = await mintTenant();
  for (const [caller, id] of [
    [rival, job_id],
    [client, "job_1"],
    [client, "bulk_1"],
  ] as [Client, string][])
    expect(await refusal(caller, "undo", { job_id: id })).toMatch(/not exist|Unknown job/);
  expect(await total()).toBe(2);
});

describe("a viewer", () => {
  it("sees no tool that writes, and cannot call one by its name", async () => {
    const { plan_id } = await plan({ text: CSV });
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    expect(await toolNames(viewer)).toEqual([
      "whoami",
      "search_leads",
      "get_lead",
      "explain_score",
      "top_leads",
      "list_events",
      "get_receipt",
      "list_jobs",
    ]);
    for (const [name, given] of Object.entries({
      plan_import: { text: CSV },
      plan_update: { filter: { q: "ann" }, changes: { status: "lost" } },
      commit_plan: { plan_id },
      undo: { job_id: "job_1" },
    })) {
      const response = await send(viewer, "tools/call", { name, arguments: given });
      expect(await response.json()).toMatchObject({
        error: { code: -32602, message: `Unknown tool: ${name}: it needs the role editor, and this credential has the role viewer` },
      });
    }
    expect(await total()).toBe(0);
  });

  it("that an editor becomes sees all twelve", async () => {
    const { token } = await mintCredential(tenant.organization_id, { kind: "personal_token", unit_id: "unit_default", role: "editor" });
    expect(await toolNames(bearerClient(token))).toHaveLength(12);
  });
});

describe("the client's name in the log", () => {
  const source = async (email: string) => (await auditOf(email)).changes[0]?.source;

  it("is the credential's where the client gives none", async () => {
    const { plan_id } = await plan({ text: CSV });
    await settled(client, "commit_plan", { plan_id }, { agent: null });
    expect(await source("ann@x.example")).toMatchObject({ client: "test" });
  });

  it.each([
    ["blank", "  ", "test"],
    ["long", "n".repeat(300), "n".repeat(100)],
    ["no storable text", "a\0b", "test"],
  ])("that is %s", async (_, agent, logged) => {
    const { plan_id } = await plan({ text: CSV });
    await settled(client, "commit_plan", { plan_id }, { agent });
    expect(await source("ann@x.example")).toMatchObject({ client: logged });
  });

  it("is absent where no agent wrote", async () => {
    await basicClient(tenant.credential).post("/leads/batch", { leads: [{ email: "dan@x.example" }] });
    expect(await source("dan@x.example")).toEqual({ dialect: "engagement" });
  });
});
