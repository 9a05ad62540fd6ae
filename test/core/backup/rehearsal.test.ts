/** The rehearsal of a backup: an organization is exported, deleted without a trace, and restored; it gives the same responses. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { mintScene } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { asEmail, ingest, mintRule, settledReceipt } from "../../support/events";
import { contactsCsv, cronTick, importCsv } from "../../support/imports";
import { operator } from "../../support/limits";
import { expectReplay, keyed, newKey } from "../../support/retries";
import { bearerClient, mintCredential, mintTenant, mintUnit } from "../../support/tenant";
import { readProblem } from "../../support/worker";

type Export = { export_id: string; status: string; tables: { table: string; rows: number }[] };
type Dump = { table: string; text: string }[];

const exportsOf = (id: string) => `/admin/organizations/${id}/exports`;

async function exported(id: string): Promise<Export> {
  const begun = await operator.post(`/admin/organizations/${id}/export`);
  expect(begun.status, await begun.clone().text()).toBe(202);
  const { export_id } = await begun.json<Export>();
  await expect
    .poll(async () => (await (await operator.get(`${exportsOf(id)}/${export_id}`)).json<Export>()).status, { timeout: 20_000 })
    .toBe("completed");
  return (await operator.get(`${exportsOf(id)}/${export_id}`)).json<Export>();
}

async function downloaded(id: string, { export_id, tables }: Export): Promise<Dump> {
  const dump: Dump = [];
  for (const { table, rows } of tables) {
    const answer = await operator.get(`${exportsOf(id)}/${export_id}/tables/${table}`);
    const text = new TextDecoder().decode(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get("Content-Type")], text).toEqual([200, "application/x-ndjson"]);
    expect(
      text.split("\n").filter((line) => line !== ""),
      table,
    ).toHaveLength(rows);
    dump.push({ table, text });
  }
  return dump;
}

const restore = (table: string, body: string, headers: Record<string, string> = {}) =>
  operator.call("POST", `/admin/restore/${table}`, { body, headers: { "Content-Type": "application/x-ndjson", ...headers } });

it("export, fresh state, import, same responses", async () => {
  const { tenant, call, channel } = await mintScene();
  const { client, organization_id } = tenant;
  await mintUnit(tenant, "Second");
  await mintRule(client, { event_type: "Page View", weight: 10 });
  await importCsv(client, contactsCsv(2_500), { primary_identifier: { column: "Email", kind: "email" } });
  const [eventId = ""] = await ingest(client, asEmail("p1@example.com", "Page View", { metadata: { path: "/ä\n'\"" } }));
  await settledReceipt(client, eventId);
  const { api_key } = await mintCredential(organization_id, { kind: "workspace_key", unit_id: "unit_default" });
  const workspace = bearerClient(api_key);
  expect((await call("create_lead", { channel_id: channel.channel_id, email: "channel@example.com" })).status).toBe(200);
  const { lead_id } = await (await client.get("/lead/by-alias?value=p1@example.com")).json<{ lead_id: string }>();

  const answers = async () => {
    const paths = [
      "/lead/by-alias?value=p1@example.com",
      `/leads/${lead_id}/score-explain`,
      "/leads?search=name&limit=50",
      "/leads?limit=1",
      "/events",
      `/ingest/receipts/${eventId}`,
      "/engagement-scoring/rulesets",
      "/org-units",
      "/event-types",
      "/leads/import/jobs",
    ];
    const texts = await Promise.all(
      paths.map(async (path) => [path, (await client.get(path)).status, await (await client.get(path)).json()]),
    );
    const found = await workspace.get("/api/v1/leads?search=p7");
    const partner = await call("get_leads", { channel_id: channel.channel_id });
    return [...texts, ((await found.json()) as { data: unknown }).data, partner.status, await partner.json()];
  };
  const volatile = (answer: unknown) =>
    JSON.stringify(answer).replace(/"(request_id|requestId|timestamp|generated_at|at|as_of)":"[^"]*"/g, "");
  const before = await answers();
  const unit = await unitKeyOf(tenant);

  const made = await exported(organization_id);
  const dump = await downloaded(organization_id, made);
  expect(dump.find(({ table }) => table === "leads")?.text).toContain("p2499@example.com");
  expect(made.tables[0]).toEqual({ table: "organizations", rows: 1 });

  expect((await operator.call("DELETE", `/admin/organizations/${organization_id}`)).status).toBe(200);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM leads WHERE unit = ?1").bind(unit).first("n")).toBe(0);
  expect((await operator.get(`${exportsOf(organization_id)}/${made.export_id}`)).status).toBe(404);
  expect((await env.FILES.list({ prefix: `exports/${organization_id}/` })).objects).toEqual([]);

  for (const { table, text } of dump) {
    const half = text.indexOf("\n", text.length / 2) + 1;
    for (const part of [text.slice(0, half), text.slice(half), text.slice(half)]) {
      const answer = await restore(table, part);
      expect(answer.status, `${table}: ${await answer.clone().text()}`).toBe(200);
    }
  }
  expect(volatile(await answers())).toBe(volatile(before));
  // what is restored is no late write of a deleted organization, and it lives on
  await cronTick("*/10 * * * *");
  expect(volatile(await answers())).toBe(volatile(before));
  await ingest(client, asEmail("p1@example.com", "Page View"));
  await importCsv(client, contactsCsv(1, { from: 9_000 }), { primary_identifier: { column: "Email", kind: "email" } });
  expect((await operator.call("DELETE", `/admin/organizations/${organization_id}`)).status).toBe(200);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM leads WHERE unit = ?1").bind(unit).first("n")).toBe(0);
});

it("an export that died is finished by cron, and is removed after 7 days", async () => {
  const { organization_id } = await mintTenant();
  const { export_id } = await exported(organization_id);
  const key = `export-states/${organization_id}/${export_id}.json`;
  const change = async (fields: object) => {
    const state = await (await env.FILES.get(key))?.json<object>();
    await env.FILES.put(key, JSON.stringify({ ...state, ...fields }));
  };
  const status = async () => (await (await operator.get(`${exportsOf(organization_id)}/${export_id}`)).json<Export>()).status;
  await change({ status: "running", at: 3, run_at: 0 });
  await readProblem(await operator.get(`${exportsOf(organization_id)}/${export_id}/tables/leads`), 409);
  await cronTick("* * * * *");
  expect(await status()).toBe("completed");
  await change({ expires_at: 1 });
  await readProblem(await operator.get(`${exportsOf(organization_id)}/${export_id}`), 404);
  await cronTick("* * * * *");
  expect(await env.FILES.head(key)).toBeNull();
  expect((await env.FILES.list({ prefix: `exports/${organization_id}/` })).objects).toEqual([]);
});

it("is the operator's alone, names what is unknown, and is replayed by its key", async () => {
  const { organization_id, client } = await mintTenant();
  expect((await client.post(`/admin/organizations/${organization_id}/export`)).status).toBe(401);
  await readProblem(await operator.post("/admin/organizations/org_gone/export"), 404);
  const key = newKey();
  const { export_id } = await expectReplay<Export>(202, () =>
    operator.post(`/admin/organizations/${organization_id}/export`, undefined, keyed(key)),
  );
  await readProblem(await operator.get(`${exportsOf(organization_id)}/${export_id}/tables/nothing`), 404);
  const other = await mintTenant();
  await readProblem(await operator.get(`${exportsOf(other.organization_id)}/${export_id}`), 404);
  for (const [table, body] of [
    ["nothing", "{}"],
    ["leads", "not json"],
    ["leads", '{"unit":1,"nothing":2}'],
    ["leads", '{"unit":987654321,"lead_id":"x"}'],
    ["leads", "[]"],
  ] as const) {
    expect((await readProblem(await restore(table, body), 400)).errors).toHaveLength(1);
  }
  const named = { organization_id, unit_id: "unit_x", workspace_id: "ws_x", name: "X", slug: "x", shard: 0, is_default: 0, created_at: 1 };
  const taken = { unit: await unitKeyOf(other), ...named };
  await readProblem(await restore("org_units", JSON.stringify(taken)), 409);
  await readProblem(await restore("leads", "{}", { "Content-Type": "text/plain" }), 415);
});

it("a row that lacks a value is refused by its line and column, and one of an older export gets the defaults of newer columns", async () => {
  const tenant = await mintTenant();
  const unit = await unitKeyOf(tenant);
  const lead = { unit, lead_id: "0".repeat(31), profile: "{}", aliases: "[]", version: 1, created_at: 1, updated_at: 1 };
  const { profile, ...bare } = lead;
  const refused = async (row: object) =>
    (await readProblem(await restore("leads", `${JSON.stringify(lead)}\n${JSON.stringify(row)}`), 400)).errors;
  expect(await refused(bare)).toEqual([{ path: "line 2", message: "needs a value in the column profile" }]);
  expect(await refused({ ...lead, profile: null })).toEqual([{ path: "line 2", message: "needs a value in the column profile" }]);
  expect(await refused({ ...lead, lead_id: "1", profile: "no JSON" })).toEqual([
    { path: "leads", message: "the database refuses a row: malformed JSON" },
  ]);
  expect(await (await restore("leads", JSON.stringify(lead))).json()).toEqual({ rows: 1 });
  const stored = await env.DB.prepare("SELECT profile, status FROM leads WHERE unit = ?1").bind(unit).all();
  expect(stored.results).toEqual([{ profile, status: "new" }]);
});
