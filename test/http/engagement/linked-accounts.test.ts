/** New leads are linked to the account of their email's domain where the org unit wishes it: in every way in, and undone with the import. */
import { beforeAll, describe, expect, it } from "vitest";
import { mintChannelLead, mintScene } from "../../support/channels";
import { ingest, post } from "../../support/events";
import { importCsv, interceptedD1 } from "../../support/imports";
import { leadIdOf } from "../../support/merges";
import { type Client, mintClient, mintTenant, type Tenant } from "../../support/tenant";
import { imported, undone } from "../../support/undo";
import { countingD1, readProblem } from "../../support/worker";
import { mintWorkspace } from "../../support/workspace";

const MAPPING = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { "First Name": "first_name" } };

const accountOf = async (client: Client, email: string) => {
  const lead = await (await client.get(`/lead/${await leadIdOf(client, email)}`)).json<{ account: { account_id: string } | null }>();
  return lead.account?.account_id ?? null;
};

async function linking(tenant: Tenant, wish = true): Promise<void> {
  const answer = await (await mintClient(tenant.organization_id)).call("PUT", "/org-units/unit_default", {
    json: { name: "Default", link_accounts_by_domain: wish },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ link_accounts_by_domain: wish });
}

let tenant: Tenant;
let client: Client;
let acme: string;
beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  acme = (await post<{ account_id: string }>(client, "/accounts", { name: "Acme", domain: "acme.example" })).account_id;
  await post(client, "/accounts", { name: "Mail", domain: "gmail.com" });
  await linking(tenant);
});

describe("a new lead whose email domain is an account's", () => {
  it.each<readonly [string, (email: string) => Promise<unknown>]>([
    ["POST /leads", (email) => client.post("/leads", { email: email.toUpperCase() })],
    ["POST /leads/batch", (email) => client.post("/leads/batch", { leads: [{ email: "x@other.example" }, { email }] })],
    ["an import", (email) => importCsv(client, `Email,First Name\n${email},Ann\n`, MAPPING)],
    ["an event", (email) => ingest(client, { alias_kind: "email", alias: email, event_type: "Page View" })],
    ["the workspace API", async (email) => (await mintWorkspace(undefined, tenant)).create({ email })],
  ])("is linked by %s", async (name, create) => {
    const email = `p${name.replace(/\W/g, "")}@acme.example`.toLowerCase();
    await create(email);
    expect(await accountOf(client, email)).toBe(acme);
  });

  it("is not linked by a free-mail domain, to a given account instead, or when it existed before", async () => {
    await client.post("/leads", { email: "free@gmail.com" });
    expect(await accountOf(client, "free@gmail.com")).toBeNull();
    const other = (await post<{ account_id: string }>(client, "/accounts", { name: "Other" })).account_id;
    await client.post("/leads", { email: "given@acme.example", account_id: other });
    expect(await accountOf(client, "given@acme.example")).toBe(other);
    await client.post("/leads", { email: "none@acme.example", account_id: null });
    expect(await accountOf(client, "none@acme.example")).toBeNull();
    await client.post("/leads", { email: "none@acme.example", metadata: { title: "CTO" } });
    expect(await accountOf(client, "none@acme.example")).toBeNull();
  });

  it("is not linked in a unit that does not wish it, nor to another unit's account", async () => {
    const rival = await mintTenant();
    await rival.client.post("/leads", { email: "r@acme.example" });
    expect(await accountOf(rival.client, "r@acme.example")).toBeNull();
    await linking(rival);
    await rival.client.post("/leads", { email: "r2@acme.example" });
    expect(await accountOf(rival.client, "r2@acme.example")).toBeNull();
  });

  it("costs one round trip for a whole batch, and one written row for each linked lead", async () => {
    const leads = (name: string, domain: string) => Array.from({ length: 20 }, (_, n) => ({ email: `${name}${n}@${domain}` }));
    const costOf = async (domain: string, name: string) => {
      const { DB, count } = countingD1();
      expect((await client.post("/leads/batch", { leads: leads(name, domain) }, { bindings: { DB } })).status).toBe(200);
      return { trips: count.trips, rows: count.rowsWritten };
    };
    await costOf("warm.example", "warm");
    const unlinked = await costOf("nobody.example", "cost");
    expect(await costOf("acme.example", "cost")).toEqual({ trips: unlinked.trips, rows: unlinked.rows + 20 });
    const free = await costOf("gmail.com", "cost");
    expect(free.trips).toBe(unlinked.trips - 1);
  });

  it("is taken back by the undo of its import", async () => {
    const job = await imported(client, "Email,First Name\nu1@acme.example,Ann\nu2@gmail.com,Bob\n", MAPPING);
    expect(await accountOf(client, "u1@acme.example")).toBe(acme);
    expect(await undone(client, job)).toMatchObject({ status: "completed", removed_count: 2, kept_count: 0 });
    expect((await client.get("/lead/by-alias?value=u1@acme.example")).status).toBe(404);
  });
});

describe("an account that is merged away while a lead is linked to it", () => {
  it("is not linked: the writer sees that it is gone", async () => {
    const target = (await post<{ account_id: string }>(client, "/accounts", { name: "Target" })).account_id;
    const put = async (email: string, account_id: string, bindings: Partial<Env>) =>
      client.call("PUT", `/lead/${await leadIdOf(client, email)}`, { json: { account_id }, bindings });
    const writes: readonly (readonly [string, (account_id: string, bindings: Partial<Env>) => Promise<Response>, number])[] = [
      ["put", (account_id, bindings) => put("put@race.example", account_id, bindings), 400],
      ["post", (account_id, bindings) => client.post("/leads", { email: "post@race.example", account_id }, { bindings }), 400],
      [
        "patch",
        (account_id, bindings) =>
          client.patch("/lead/by-alias/metadata", { alias_value: "patch@race.example", attributes: { a: "b" }, account_id }, { bindings }),
        200,
      ],
    ];
    for (const [name, write, status] of writes) {
      const email = `${name}@race.example`;
      await client.post("/leads", { email });
      const source = (await post<{ account_id: string }>(client, "/accounts", { name: `Source ${name}` })).account_id;
      let merged = false;
      const DB = interceptedD1(async ({ statements }, run) => {
        if (!merged && statements.some(({ text }) => /^(INSERT (OR FAIL )?INTO|UPDATE) leads /.test(text))) {
          merged = true;
          const answer = await client.post("/accounts/merge", { target_account_id: target, source_account_ids: [source] });
          expect(answer.status).toBe(200);
        }
        return run();
      });
      const answer = await write(source, { DB });
      expect([merged, answer.status], name).toEqual([true, status]);
      if (status === 400) await readProblem(answer, 400);
      else expect(await answer.json()).toMatchObject({ account_linked: false });
      expect(await accountOf(client, email)).toBeNull();
    }
  });
});

describe("a lead of a partner's channel", () => {
  it("is linked, too", async () => {
    const scene = await mintScene();
    const account = await post<{ account_id: string }>(scene.client, "/accounts", { name: "Acme", domain: "acme.example" });
    await linking(scene.tenant);
    await mintChannelLead(scene, { email: "ch@acme.example" });
    expect(await accountOf(scene.client, "ch@acme.example")).toBe(account.account_id);
  });
});
