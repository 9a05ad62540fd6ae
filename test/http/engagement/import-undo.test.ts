/** An import is taken back: what it created goes, what it changed returns, what somebody wrote later stays and is listed. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { ingest } from "../../support/events";
import { CONTACTS_MAPPING, contactsCsv, deliver, getJob, heldImport, importCsv, type Mapping, stored } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { dryRun, heldUndo, imported, undone, undoOf } from "../../support/undo";

const MAPPING: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { Name: "name", First: "first_name", Company: "company", Title: "title" },
  alias_mappings: { Phone: "_alias_phone" },
};
const file = (...rows: string[]) => `Email,Name,First,Company,Title,Phone\n${rows.join("\n")}\n`;

type Found = { lead_id: string; metadata: Record<string, string> };
const find = async (client: Client, value: string, kind = "email"): Promise<Found | null> => {
  const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
  return answer.status === 404 ? null : answer.json<Found>();
};
const patch = async (client: Client, email: string, attributes: Record<string, unknown>) =>
  expect((await client.patch("/lead/by-alias/metadata", { alias_value: email, attributes })).status).toBe(200);
const rowsOf = async (unit: number, table: string): Promise<unknown[]> =>
  (await env.DB.prepare(`SELECT * FROM ${table} WHERE unit = ?1 ORDER BY 1, 2, 3`).bind(unit).all()).results;
/** What an import touches, but for versions and times of change. */
async function state(unit: number) {
  const leads = (await rowsOf(unit, "leads")) as Record<string, unknown>[];
  return {
    leads: leads.map(({ version: _, updated_at: __, last_change: ___, sources: ____, ...lead }) => lead),
    aliases: await rowsOf(unit, "aliases"),
    terms: await rowsOf(unit, "lead_terms"),
    counts: ((await rowsOf(unit, "lead_counts")) as { leads: number }[]).filter(({ leads }) => leads !== 0),
    conflicts: await rowsOf(unit, "alias_conflicts"),
  };
}

describe("POST /leads/import/jobs/{id}/undo", () => {
  it("leaves every table of leads as it was, to the byte, the order of keys and aliases included", async () => {
    const tenant = await mintTenant();
    const unit = await unitKeyOf(tenant);
    await importCsv(tenant.client, file("a@example.com,Ann Lee,,Acme,Boss,", "b@example.com,,Bob,,,+12125550100"), MAPPING);
    const before = await state(unit);
    const job = await imported(
      tenant.client,
      file("a@example.com,,Anna,Beta,,+12125550111", "c@example.com,Cy,,,,+12125550100", "d@example.com,,,,,", "b@example.com,,,Acme,,"),
      MAPPING,
    );
    expect(await getJob(tenant.client, job)).toMatchObject({ created_count: 2, changed_count: 2, undo: null });
    expect((await state(unit)).conflicts).toHaveLength(1);

    const expected = { removed_count: 2, restored_count: 2, kept_count: 0, kept: [] };
    expect(await dryRun(tenant.client, job)).toEqual({ status: "dry_run", complete: true, ...expected });
    expect(await undone(tenant.client, job)).toEqual({ status: "completed", ...expected });
    expect(await state(unit)).toEqual(before);
    expect(await rowsOf(unit, "undo_journal")).toHaveLength(1);
  });

  it("leaves what somebody wrote later, field by field, and lists it", async () => {
    const { client } = await mintTenant();
    await importCsv(client, file("a@example.com,Ann,,Acme,Boss,"), MAPPING);
    const job = await imported(client, file("a@example.com,Anna,,Beta,Chief,+12125550111"), MAPPING);
    await patch(client, "a@example.com", { company: "Gamma", seat: "12A" });
    const undo = await undone(client, job);
    const lead = await find(client, "a@example.com");
    expect(lead?.metadata).toEqual({ name: "Ann", company: "Gamma", title: "Boss", seat: "12A" });
    expect(undo).toEqual({
      status: "completed",
      removed_count: 0,
      restored_count: 1,
      kept_count: 1,
      kept: [{ lead_id: lead?.lead_id, field: "company", reason: "changed_later" }],
    });
    const listed = await (await client.get(`/leads/import/jobs/${job}/undo/kept?limit=1`)).json();
    expect(listed).toEqual({ kept: undo.kept, total: 1, page: 1, limit: 1 });
  });

  it("keeps a created lead that somebody wrote later, without what the import wrote and nobody rewrote", async () => {
    const { client } = await mintTenant();
    const job = await imported(client, file("a@example.com,Ann,,Acme,Boss,+12125550111", "b@example.com,Bob,,,,"), MAPPING);
    await patch(client, "a@example.com", { company: "Gamma" });
    expect(await dryRun(client, job)).toMatchObject({ removed_count: 1, restored_count: 0, kept_count: 3 });
    const undo = await undone(client, job);
    const lead = await find(client, "a@example.com");
    expect(lead?.metadata).toEqual({ company: "Gamma" });
    expect(await find(client, "+12125550111", "phone")).toBeNull();
    expect(await find(client, "b@example.com")).toBeNull();
    expect(undo).toMatchObject({ removed_count: 1, restored_count: 0, kept_count: 3 });
    expect(undo.kept.map(({ field, reason }) => [field, reason])).toEqual([
      ["_alias_email", "identifies_lead"],
      ["lead", "changed_later"],
      ["company", "changed_later"],
    ]);
  });

  it("keeps a created lead that has events", async () => {
    const { client } = await mintTenant();
    const job = await imported(client, file("a@example.com,Ann,,,,"), MAPPING);
    await ingest(client, { event_type: "Signup", alias_kind: "email", alias: "a@example.com" });
    const undo = await undone(client, job);
    expect(undo).toMatchObject({ removed_count: 0, restored_count: 0 });
    expect(undo.kept).toContainEqual(expect.objectContaining({ field: "lead", reason: "used_later" }));
    expect((await find(client, "a@example.com"))?.metadata).toEqual({});
  });

  it("restores nothing to leads that were deleted since, and does not list them", async () => {
    const { client } = await mintTenant();
    await importCsv(client, file("a@example.com,Ann,,,,"), MAPPING);
    const job = await imported(client, file("a@example.com,Anna,,,,", "b@example.com,Bob,,,,"), MAPPING);
    const [a, b] = [await find(client, "a@example.com"), await find(client, "b@example.com")];
    for (const lead of [a, b]) expect((await client.call("DELETE", `/lead/${lead?.lead_id}`)).status).toBeLessThan(300);
    expect(await undone(client, job)).toMatchObject({ removed_count: 0, restored_count: 0, kept_count: 0, kept: [] });
  });

  it("undone twice does nothing more, and shows the same undo", async () => {
    const { client } = await mintTenant();
    const job = await imported(client, contactsCsv(3), CONTACTS_MAPPING);
    const first = await undone(client, job);
    await importCsv(client, contactsCsv(3), CONTACTS_MAPPING);
    const { message, job: shown } = await heldUndo(client, job);
    expect(message).toBeNull();
    expect(shown.undo).toEqual(first);
    expect(await dryRun(client, job)).toEqual(first);
    expect(await find(client, "p0@example.com")).not.toBeNull();
  });

  it("restores each field to the value from before both imports when the earlier one was undone first", async () => {
    const tenant = await mintTenant();
    const unit = await unitKeyOf(tenant);
    const { client } = tenant;
    await importCsv(client, file("a@example.com,Ann,,Zero,,"), MAPPING);
    const before = await state(unit);
    const beneath = await imported(client, file("a@example.com,Ann,,One,Boss,", "n@example.com,New,,One,,"), MAPPING);
    const above = await imported(client, file("a@example.com,Ann,,Two,,", "n@example.com,,,Two,,+12125550111"), MAPPING);
    expect(await undone(client, beneath)).toMatchObject({ removed_count: 0, restored_count: 1 });
    expect((await find(client, "a@example.com"))?.metadata).toEqual({ name: "Ann", company: "Two" });
    expect((await find(client, "n@example.com"))?.metadata).toEqual({ company: "Two" });
    expect(await undone(client, above)).toMatchObject({ removed_count: 1, restored_count: 1, kept_count: 0 });
    expect(await state(unit)).toEqual(before);
  });

  it("cancels a job that runs, and takes back the chunks that it has committed", async () => {
    const tenant = await mintTenant();
    const { client } = tenant;
    const { job_id, message } = await heldImport(client, contactsCsv(2500));
    // time for one chunk
    await env.DB.prepare("UPDATE import_jobs SET status = 'in_progress' WHERE job_id = ?1").bind(job_id).run();
    const { job, message: undoing } = await heldUndo(client, job_id);
    expect(job.status).toBe("cancelled");
    await deliver(message);
    if (undoing) await deliver(undoing);
    expect(await undoOf(client, job_id)).toMatchObject({ status: "completed", removed_count: 0 });
    expect((await stored(await unitKeyOf(tenant))).leads).toBe(0);
  });

  it("is refused after 30 days, for a job without a journal, an unknown one and one of events", async () => {
    const { client } = await mintTenant();
    const job = await imported(client, contactsCsv(1), CONTACTS_MAPPING);
    const path = `/leads/import/jobs/${job}/undo`;
    const errorOf = async (answer: Response) => [answer.status, (await answer.json<{ detail: string }>()).detail];
    await env.DB.prepare("UPDATE import_jobs SET completed_at = completed_at - ?2 WHERE job_id = ?1")
      .bind(job, 31 * 86_400_000)
      .run();
    expect(await errorOf(await client.post(path))).toEqual([409, expect.stringContaining("30 days")]);
    expect((await client.post(`${path}?dry_run=true`)).status).toBe(409);
    const other = await imported(client, contactsCsv(1, { from: 5 }), CONTACTS_MAPPING);
    await env.DB.prepare("DELETE FROM undo_journal WHERE operation_id = ?1").bind(other).run();
    expect(await errorOf(await client.post(`/leads/import/jobs/${other}/undo`))).toEqual([409, expect.stringContaining("journal")]);
    expect((await client.post("/leads/import/jobs/job_unknown/undo")).status).toBe(404);
    expect((await client.post(`${path}?dry_run=perhaps`)).status).toBe(400);
  });
});
