/** Rows of leads carry what a lead has beside its profile: status, owner, account and tags. */
import { beforeEach, describe, expect, it } from "vitest";
import { csvForm, ended, importCsv, type Job, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

const MAPPING: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { Stage: "status", Rep: "owner_name", Domain: "account_domain", Company: "company", Labels: "tags" },
};
const HEADER = "Email,Stage,Rep,Domain,Company,Labels";
const csv = (...rows: string[]) => `${[HEADER, ...rows].join("\n")}\n`;

type LeadView = {
  status: string;
  owner_id: string | null;
  owner_name: string | null;
  account_id: string | null;
  metadata: Record<string, unknown>;
};

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});

async function leadOf(email: string): Promise<LeadView> {
  const { lead_id } = await (await client.get(`/lead/by-alias?value=${encodeURIComponent(email)}`)).json<{ lead_id: string }>();
  const lead = await (await client.get(`/lead/${lead_id}`)).json<LeadView & { account: { account_id: string } | null }>();
  return { ...lead, account_id: lead.account?.account_id ?? null };
}
const account = async (idOrDomain: string) => (await client.get(`/accounts/${idOrDomain}`)).json<{ account_id: string; name: string }>();

async function planned(
  content: string,
): Promise<{ plan_id: string; rows: { outcome: string; changes: { field: string; after: string }[] }[] }> {
  const { file_id } = await (await client.call("POST", "/leads/import/preview", { body: csvForm(content) })).json<{ file_id: string }>();
  return (await client.post("/leads/import/plan", { file_id, ...MAPPING })).json();
}

async function startPlan(plan_id: string): Promise<Job> {
  const start = await client.post("/leads/import/start", { plan_id });
  expect(start.status, await start.clone().text()).toBe(202);
  return ended(client, (await start.json<{ job_id: string }>()).job_id);
}

describe("a row", () => {
  it("creates its lead with status, owner, tags and the account of its domain, which is created once", async () => {
    const job = await importCsv(
      client,
      csv(
        'ann@acme.example,Qualified,Sam Reyes,acme.example,Acme Inc,"vip; fair, vip"',
        "bob@acme.example,Closed won,,https://www.ACME.example/about,,",
      ),
      MAPPING,
    );
    expect(job).toMatchObject({ created_count: 2, failed_count: 0, warnings_count: 0 });
    const { account_id, name } = await account("acme.example");
    expect(name).toBe("Acme Inc");
    expect(await leadOf("ann@acme.example")).toMatchObject({
      ...{ status: "qualified", owner_id: "Sam Reyes", owner_name: "Sam Reyes", account_id },
      metadata: { company: "Acme Inc", tags: "vip, fair" },
    });
    expect(await leadOf("bob@acme.example")).toMatchObject({ status: "converted", owner_id: null, account_id });
    const listed = await (await client.get("/leads?status=qualified")).json<{ leads: unknown[] }>();
    expect(listed.leads).toHaveLength(1);
  });

  it("is never linked to the account that had its domain before: a new one is created, as the plan said", async () => {
    const ids: string[] = [];
    for (const turn of [1, 2, 3]) {
      const { plan_id, rows } = await planned(csv(`p${turn}@acme.example,,,acme.example,Acme ${turn},`));
      await startPlan(plan_id);
      const { account_id, name } = await account("acme.example");
      expect(name).toBe(`Acme ${turn}`);
      expect(await leadOf(`p${turn}@acme.example`)).toMatchObject({ account_id });
      expect(rows[0]?.changes).toContainEqual(expect.objectContaining({ field: "account_id", after: account_id }));
      ids.push(account_id);
      expect((await client.call("PUT", `/accounts/${account_id}`, { json: { domain: `other${turn}.example` } })).ok).toBe(true);
    }
    expect(new Set(ids).size).toBe(3);
  });

  it("changes a lead, and changes nothing when it is imported again; an empty cell writes nothing", async () => {
    await importCsv(client, csv("ann@acme.example,new,,,,"), MAPPING);
    const row = csv("ann@acme.example,contacted,Sam,acme.example,,a");
    expect(await importCsv(client, row, MAPPING)).toMatchObject({ changed_count: 1 });
    const after = await leadOf("ann@acme.example");
    expect(after).toMatchObject({ status: "contacted", owner_name: "Sam", account_id: (await account("acme.example")).account_id });
    expect(await importCsv(client, row, MAPPING)).toMatchObject({ unchanged_count: 1, changed_count: 0 });
    expect(await importCsv(client, csv("ann@acme.example,,,,,"), MAPPING)).toMatchObject({ unchanged_count: 1 });
    expect(await leadOf("ann@acme.example")).toEqual(after);
  });

  it("with an unusable cell is imported without it, with a warning; strict, it fails", async () => {
    const row = csv("ann@acme.example,Marinated,,not a domain,,");
    const job = await importCsv(client, row, MAPPING);
    expect(job).toMatchObject({ created_count: 1, warnings_count: 2 });
    const { warnings } = await (await client.get(`/leads/import/jobs/${job.job_id}/warnings`)).json<{ warnings: { warning: string }[] }>();
    expect(warnings.map(({ warning }) => warning.split(":")[0])).toEqual(["Stage", "Domain"]);
    expect(await leadOf("ann@acme.example")).toMatchObject({ status: "new", account_id: null });
    expect(await importCsv(client, row, { ...MAPPING, strict: true })).toMatchObject({
      failed_count: 1,
      errors: [{ error: "Invalid value", column: "Stage", value: "Marinated" }],
    });
  });

  it("keeps to the modes of its columns", async () => {
    await importCsv(client, csv("ann@acme.example,lost,Sam,acme.example,,"), MAPPING);
    const modes = { ...MAPPING, column_modes: { Stage: "fill_blank", Rep: "fill_blank", Domain: "clear_blank" } };
    await importCsv(client, csv("ann@acme.example,new,Kim,,,", "bob@acme.example,new,Kim,,,"), modes);
    expect(await leadOf("ann@acme.example")).toMatchObject({ status: "lost", owner_name: "Sam", account_id: null });
    expect(await leadOf("bob@acme.example")).toMatchObject({ status: "new", owner_name: "Kim" });
  });

  it("of a unit with a profile field of that name fills the profile", async () => {
    expect((await client.post("/profile-fields", { name: "Status" })).status).toBe(201);
    await importCsv(client, csv("ann@acme.example,lost,,,,"), MAPPING);
    expect(await leadOf("ann@acme.example")).toMatchObject({ status: "new", metadata: { Status: "lost" } });
  });
});

describe("beyond the import itself", () => {
  it("a plan shows the changes by their names, and its start makes exactly them", async () => {
    await importCsv(client, csv("ann@acme.example,new,,,,"), MAPPING);
    const plan = await planned(csv("ann@acme.example,lost,Sam,new.example,,", "bob@acme.example,qualified,,new.example,,"));
    expect(plan.rows.map(({ outcome }) => outcome)).toEqual(["changed", "created"]);
    const fields = plan.rows[0]?.changes.map(({ field }) => field);
    expect(fields?.toSorted()).toEqual(["account_id", "owner_id", "owner_name", "status"]);
    expect(await startPlan(plan.plan_id)).toMatchObject({ created_count: 1, changed_count: 1, failed_count: 0 });
    const { account_id } = await account("new.example");
    expect(await leadOf("ann@acme.example")).toMatchObject({ status: "lost", owner_name: "Sam", account_id });
    expect(await leadOf("bob@acme.example")).toMatchObject({ status: "qualified", account_id });
  });

  it("an undo returns status, owner and account", async () => {
    await importCsv(client, csv("ann@acme.example,contacted,Sam,,,"), MAPPING);
    const before = await leadOf("ann@acme.example");
    const { job_id } = await importCsv(client, csv("ann@acme.example,lost,Kim,acme.example,,"), MAPPING);
    expect((await client.post(`/leads/import/jobs/${job_id}/undo`)).status).toBe(202);
    await expect.poll(async () => (await leadOf("ann@acme.example")).status, { timeout: 10_000 }).toBe("contacted");
    const { status, owner_id, owner_name, account_id } = await leadOf("ann@acme.example");
    expect({ status, owner_id, owner_name, account_id }).toEqual({
      ...{ status: before.status, owner_id: before.owner_id },
      ...{ owner_name: before.owner_name, account_id: before.account_id },
    });
  });

  it("the preview suggests them by name and content", async () => {
    const body = csvForm("Email,Lead Status,Lead Owner,Company Domain,Tags\na@acme.example,Open,Sam,acme.example,vip\n");
    const { suggested_mapping } = await (await client.call("POST", "/leads/import/preview", { body })).json<{
      suggested_mapping: Mapping;
    }>();
    expect(suggested_mapping.field_mappings).toEqual({
      ...{ "Lead Status": "status", "Lead Owner": "owner_name" },
      ...{ "Company Domain": "account_domain", Tags: "tags" },
    });
    const other = csvForm("Email,Lead Status\na@acme.example,Marinated\n");
    const second = await (await client.call("POST", "/leads/import/preview", { body: other })).json<{ suggested_mapping: Mapping }>();
    expect(second.suggested_mapping.field_mappings).toEqual({ "Lead Status": "lead_status" });
  });
});
