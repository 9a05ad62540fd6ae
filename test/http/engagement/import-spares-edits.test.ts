/** A person's edit outranks a file: a column mapped `unless_edited_by: person` leaves a field alone that a person wrote last. */
import { beforeEach, describe, expect, it } from "vitest";
import { deliverAll, getJob, heldImport, importCsv, interceptedD1, type Mapping, preview } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { imported, undone } from "../../support/undo";

const PLAIN: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { First: "first_name", Company: "company", Title: "title" },
};
const GUARDED = { ...PLAIN, unless_edited_by: { Company: "person", First: "person" } } as Mapping;
const file = (...rows: string[]) => `Email,First,Company,Title\n${rows.join("\n")}\n`;

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});

type Shown = {
  status: string;
  owner_id: string | null;
  metadata: Record<string, unknown>;
  consent: Record<string, { granted: boolean }>;
  aliases: { kind: string; value: string }[];
};

const edit = async (attributes: Record<string, unknown>, email = "a@example.com") =>
  expect((await client.patch("/lead/by-alias/metadata", { alias_value: email, attributes })).status).toBe(200);
const metadataOf = async (email = "a@example.com") =>
  (await (await client.get(`/lead/by-alias?value=${email}`)).json<{ metadata: Record<string, unknown> }>()).metadata;

describe("a guarded column", () => {
  it("leaves what a person wrote last, and writes the rest of the row", async () => {
    await importCsv(client, file("a@example.com,Ann,Acme,Boss", "b@example.com,Bob,Acme,"), PLAIN);
    await edit({ company: "Edited" });
    const csv = file("a@example.com,Ann,Beta,Chief", "b@example.com,Bob,Beta,");
    const job = await imported(client, csv, GUARDED);
    expect(await getJob(client, job)).toMatchObject({ changed_count: 2, failed_count: 0, unless_edited_by: { Company: "person" } });
    expect(await metadataOf()).toEqual({ first_name: "Ann", company: "Edited", title: "Chief" });
    expect(await metadataOf("b@example.com")).toEqual({ first_name: "Bob", company: "Beta" });
    expect(await getJob(client, await imported(client, csv, GUARDED))).toMatchObject({ unchanged_count: 2 });
    await undone(client, job);
    expect(await metadataOf()).toEqual({ first_name: "Ann", company: "Edited", title: "Boss" });
  });

  it("leaves what a person removed, and a name against its parts", async () => {
    await importCsv(client, file("a@example.com,Ann,Acme,Boss"), PLAIN);
    await edit({ company: null, name: "Ann Lee" });
    const job = await imported(client, file("a@example.com,Anna,Beta,Boss"), GUARDED);
    expect(await getJob(client, job)).toMatchObject({ unchanged_count: 1 });
    expect(await metadataOf()).toEqual({ title: "Boss", name: "Ann Lee" });
  });

  it("writes a field that the creator of the lead never wrote", async () => {
    const created = await client.post("/leads", { aliases: [{ kind: "email", value: "a@example.com" }], metadata: { first_name: "Ann" } });
    expect(created.ok, await created.clone().text()).toBe(true);
    await imported(client, file("a@example.com,Anna,Beta,"), GUARDED);
    expect(await metadataOf()).toEqual({ first_name: "Ann", company: "Beta" });
  });

  it("is counted by the plan, whose start does the same", async () => {
    await importCsv(client, file("a@example.com,Ann,Acme,Boss", "b@example.com,Bob,Acme,"), PLAIN);
    await edit({ company: "Edited" });
    const file_id = await preview(client, file("a@example.com,Ann,Beta,Chief", "b@example.com,Bob,Beta,"));
    const plan = await (await client.post("/leads/import/plan", { file_id, ...GUARDED })).json<{ plan_id: string; columns: unknown[] }>();
    expect(plan).toMatchObject({ counts: { changed: 2, failed: 0 } });
    expect(plan.columns).toContainEqual({ column: "Company", would_change: 1, spared: 1 });
    expect((await client.post("/leads/import/start", { plan_id: plan.plan_id })).status).toBe(202);
  });

  it("sees an edit that comes between plan and commit", async () => {
    await importCsv(client, file("a@example.com,Ann,Acme,Boss"), PLAIN);
    const { message } = await heldImport(client, file("a@example.com,Ann,Beta,Chief"), GUARDED);
    let edited = false;
    const DB = interceptedD1(async (call, run) => {
      if (call.chunk !== null && !edited) {
        edited = true;
        await edit({ company: "Edited" });
      }
      return run();
    });
    await deliverAll(message, { DB });
    expect(edited).toBe(true);
    expect(await metadataOf()).toEqual({ first_name: "Ann", company: "Edited", title: "Chief" });
  });

  it("leaves status, owner, account, tags, consent and aliases alone, by any dialect's edit, and the plan counts each cell", async () => {
    const names = { Stage: "status", Rep: "owner_id", Site: "account_domain", Tags: "tags", News: "_consent_news" };
    const mapping = {
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: names,
      alias_mappings: { Phone: "_alias_phone" },
    };
    const columns = [...Object.keys(names), "Phone"];
    const guarded = { ...mapping, unless_edited_by: Object.fromEntries(columns.map((column) => [column, "person"])) } as Mapping;
    const rows = (cells: string) =>
      `Email,${columns.join(",")}\n${["edited@example.com", "alone@example.com"].map((email, at) => `${email},${cells.replace("#", String(at))}\n`).join("")}`;
    await importCsv(client, rows("contacted,u1,acme.example,vip,yes,+1212555010#"), mapping);
    const { lead_id } = await (await client.get("/lead/by-alias?value=edited@example.com")).json<{ lead_id: string }>();
    const put = { status: "qualified", account_id: null, consent: { news: false }, metadata: { tags: "mine" } };
    for (const answer of [
      await client.call("PUT", `/lead/${lead_id}`, { json: put }),
      await client.post(`/leads/${lead_id}/owner`, { owner_id: "u9" }),
      await client.call("DELETE", `/lead/${lead_id}/aliases/phone/${encodeURIComponent("+12125550100")}`),
    ])
      expect(answer.ok, await answer.clone().text()).toBe(true);
    const csv = rows("lost,u2,beta.example,new,yes,+1212555011#").replace(
      "alone@example.com,lost,u2,beta.example,new,yes",
      "alone@example.com,lost,u2,beta.example,new,no",
    );
    const file_id = await preview(client, csv);
    const plan = await (await client.post("/leads/import/plan", { file_id, ...guarded })).json<{ plan_id: string; columns: unknown[] }>();
    expect(plan).toMatchObject({ counts: { changed: 1, unchanged: 1, failed: 0 } });
    for (const column of columns) expect(plan.columns).toContainEqual({ column, would_change: 1, spared: 1 });
    await imported(client, csv, guarded);
    const shown = async (email: string) => {
      const found = await (await client.get(`/lead/by-alias?value=${email}`)).json<{ lead_id: string }>();
      const lead = await (await client.get(`/lead/${found.lead_id}`)).json<Shown>();
      const { status, owner_id, metadata, consent, aliases } = lead;
      const phones = aliases.filter(({ kind }) => kind === "phone").map(({ value }) => value);
      return [status, owner_id, metadata.tags, consent.news?.granted, phones];
    };
    expect(await shown("edited@example.com")).toEqual(["qualified", "u9", "mine", false, []]);
    expect(await shown("alone@example.com")).toEqual(["lost", "u2", "new", false, ["+12125550101", "+12125550111"]]);
    expect(await getJob(client, await imported(client, csv, guarded))).toMatchObject({ unchanged_count: 2 });
  });

  it("has to be mapped to a profile field, and `person` is the only editor", async () => {
    const file_id = await preview(client, file("a@example.com,Ann,Acme,Boss"));
    for (const [unless_edited_by, text] of [
      [{ Company: "import" }, "Unknown editor"],
      [{ Firm: "person" }, "no column"],
      [{ Email: "person" }, "mapped to no profile field"],
      [{ Company: 5 }, "unless_edited_by"],
    ] as const) {
      const answer = await client.post("/leads/import/start", { file_id, ...PLAIN, unless_edited_by });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(text);
    }
  });
});
