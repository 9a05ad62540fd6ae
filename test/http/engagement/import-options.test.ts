/** What start takes beside the contract's mapping: fallbacks, modes, new fields, placeholders. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { accountedFor, deliver, getJob, heldImport, importCsv, interceptedD1, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

const BY_EMAIL: Mapping = { primary_identifier: { column: "Email", kind: "email" } };
const FIELDS = { First: "first_name", Company: "company", Note: "notes" };

async function leadOf(client: Client, value: string, kind = "email") {
  const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
  return answer.status === 200 ? answer.json<{ lead_id: string; metadata: Record<string, unknown> }>() : null;
}

describe("fallback identifiers", () => {
  const mapping = { ...BY_EMAIL, field_mappings: { First: "first_name" }, identifiers: [{ column: "Phone", kind: "phone" }] };

  it("find the lead of a row without email, and belong to the lead of a row with one", async () => {
    const { client } = await mintTenant();
    const csv = "Email,First,Phone\nann@example.com,Ann,+12015550143\n,Anna,+1 (201) 555-0143\n-,Bob,+12015550144\n,,\n";
    const job = await importCsv(client, csv, mapping);
    expect(job).toMatchObject({ created_count: 2, changed_count: 1, failed_count: 1 });
    expect(job.errors).toEqual([{ row: 5, error: "Missing required identifier", value: "", column: "Email" }]);
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ first_name: "Anna" });
    expect((await leadOf(client, "+12015550144", "phone"))?.metadata).toEqual({ first_name: "Bob" });
  });

  it("the first usable one decides; a further one of another lead is a conflict and never a merge", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,First,Phone\nann@example.com,Ann,\n,Bob,+12015550144\n", mapping);
    const ann = await leadOf(client, "ann@example.com");
    const bob = await leadOf(client, "+12015550144", "phone");
    const job = await importCsv(client, "Email,First,Phone\nann@example.com,Ann,+12015550144\n", mapping);
    expect(job.alias_conflicts).toEqual([{ row: 2, kind: "phone", value: "+12015550144", lead_id: bob?.lead_id }]);
    expect(await leadOf(client, "ann@example.com")).toEqual(ann);
    expect(await leadOf(client, "+12015550144", "phone")).toEqual(bob);
  });

  it("two people with the phone 0 or N/A stay two people", async () => {
    const { client } = await mintTenant();
    const csv = "Email,First,Phone\nann@example.com,Ann,0\nbob@example.com,Bob,0\n,Cid,N/A\n,Dan,0\n";
    const job = await importCsv(client, csv, mapping);
    expect(job).toMatchObject({ created_count: 2, failed_count: 2, warnings_count: 2, alias_conflicts: [] });
  });
});

describe("mode", () => {
  const start = async (mode: string) => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { First: "first_name" }, alias_mappings: { Phone: "_alias_phone" } };
    await importCsv(client, "Email,First,Phone\nann@example.com,Ann,\n", mapping);
    const csv = "Email,First,Phone\nann@example.com,New,+12015550143\nbob@example.com,Bob,+12015550144\nbob@example.com,Bobby,\n";
    return { client, job: await importCsv(client, csv, { ...mapping, mode }) };
  };

  it("create_only passes over rows whose lead exists", async () => {
    const { client, job } = await start("create_only");
    expect(job).toMatchObject({ created_count: 1, changed_count: 0, unchanged_count: 2, skipped_count: 2, failed_count: 0 });
    expect(accountedFor(job)).toBe(job.total_rows);
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ first_name: "Ann" });
    expect(await leadOf(client, "+12015550143", "phone")).toBeNull();
    expect((await leadOf(client, "bob@example.com"))?.metadata).toEqual({ first_name: "Bob" });
  });

  it("update_only passes over rows whose lead does not exist", async () => {
    const { client, job } = await start("update_only");
    expect(job).toMatchObject({ created_count: 0, changed_count: 1, unchanged_count: 2, skipped_count: 2, failed_count: 0 });
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ first_name: "New" });
    expect(await leadOf(client, "bob@example.com")).toBeNull();
  });
});

describe("column modes", () => {
  const csv = "Email,First,Company,Note\nann@example.com,New,New,\nann@example.com,Newer,Newer,\n";
  const importOver = async (column_modes: Record<string, string>) => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,First,Note\nann@example.com,Ann,old\n", {
      ...BY_EMAIL,
      field_mappings: { First: "first_name", Note: "notes" },
    });
    const job = await importCsv(client, csv, { ...BY_EMAIL, field_mappings: FIELDS, column_modes });
    return { job, metadata: (await leadOf(client, "ann@example.com"))?.metadata };
  };

  it("fill_blank writes a field that has no value, once", async () => {
    const { job, metadata } = await importOver({ First: "fill_blank", Company: "fill_blank", Note: "fill_blank" });
    expect(metadata).toEqual({ first_name: "Ann", company: "New", notes: "old" });
    expect(job).toMatchObject({ changed_count: 1, unchanged_count: 1, failed_count: 0 });
  });

  it("clear_blank lets an empty cell remove the value; never_clear does not", async () => {
    expect((await importOver({ Note: "clear_blank" })).metadata).toEqual({ first_name: "Newer", company: "Newer" });
    expect((await importOver({ Note: "never_clear" })).metadata).toEqual({ first_name: "Newer", company: "Newer", notes: "old" });
  });

  it("fill_blank never removes the parts of a name for a full one", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,First\nann@example.com,Ann\n", { ...BY_EMAIL, field_mappings: { First: "first_name" } });
    const fill = { ...BY_EMAIL, field_mappings: { Name: "name" }, column_modes: { Name: "fill_blank" } };
    expect(await importCsv(client, "Email,Name\nann@example.com,Ann Lee\n", fill)).toMatchObject({ unchanged_count: 1 });
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ first_name: "Ann" });
  });

  it("a field that somebody writes between a chunk's reading and its commit is not filled", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email\nann@example.com\n", BY_EMAIL);
    const mapping = { ...BY_EMAIL, field_mappings: { Company: "company" }, column_modes: { Company: "fill_blank" } };
    const { job_id, message } = await heldImport(client, "Email,Company\nann@example.com,Acme\n", mapping);
    let patched = false;
    const DB = interceptedD1(async (call, run) => {
      if (call.chunk === 0 && !patched) {
        patched = true;
        await client.patch("/lead/by-alias/metadata", { alias_value: "ann@example.com", attributes: { company: "Mine" } });
      }
      return run();
    });
    await deliver(message, { DB });
    expect(await getJob(client, job_id)).toMatchObject({ status: "completed", unchanged_count: 1, failed_count: 0 });
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ company: "Mine" });
  });
});

describe("profiles", () => {
  it("are found by their URL however it is written, whether a file or an API call brought them", async () => {
    const { client } = await mintTenant();
    const mapping = { primary_identifier: { column: "URL", kind: "social" } };
    expect(await importCsv(client, "URL\nhttps://www.linkedin.com/in/Ann-Lee/\n", mapping)).toMatchObject({ created_count: 1 });
    const ann = await leadOf(client, "https://www.linkedin.com/in/Ann-Lee/", "social");
    expect(ann).not.toBeNull();
    for (const url of ["linkedin.com/in/ann-lee", "http://de.linkedin.com/in/ann-lee?trk=x"]) {
      expect(await leadOf(client, url, "social")).toEqual(ann);
      expect(await importCsv(client, `URL\n${url}\n`, mapping)).toMatchObject({ created_count: 0, unchanged_count: 1 });
    }
  });

  it("that were stored as they were written are still found by that", async () => {
    const { client, workspace_id } = await mintTenant();
    await importCsv(client, "Handle\n@ann\n", { primary_identifier: { column: "Handle", kind: "social" } });
    const url = "https://www.linkedin.com/in/Ann-Lee/";
    await env.DB.prepare(
      "UPDATE aliases SET value = ?1 WHERE value = '@ann' AND unit = (SELECT unit FROM org_units WHERE workspace_id = ?2)",
    )
      .bind(url, workspace_id)
      .run();
    expect(await leadOf(client, url, "social")).not.toBeNull();
  });
});

describe("fields and placeholders", () => {
  it("create_fields defines fields with the start, keep_unmapped_columns the rest", async () => {
    const { client } = await mintTenant();
    const csv = "Email,Seat,T-Shirt / Size,Column 9\nann@example.com,12A,XL,x\n";
    const mapping = { ...BY_EMAIL, field_mappings: { Seat: "seat" }, create_fields: ["seat"], keep_unmapped_columns: true };
    expect(await importCsv(client, csv, mapping)).toMatchObject({ created_count: 1, ignored_fields: [] });
    expect((await leadOf(client, "ann@example.com"))?.metadata).toEqual({ seat: "12A", "T-Shirt Size": "XL" });
    const { profile_fields: fields } = await (await client.get("/profile-fields")).json<{
      profile_fields: { name: string; standard: boolean }[];
    }>();
    expect(fields.filter(({ standard }) => !standard).map(({ name }) => name)).toEqual(["seat", "T-Shirt Size"]);
  });

  it("placeholders of the import's own replace the usual ones", async () => {
    const { client } = await mintTenant();
    const csv = "Email\noffice@acme.example\nann@example.com\ntest@gmail.com\n";
    const job = await importCsv(client, csv, { ...BY_EMAIL, placeholders: ["office@*"] });
    expect(job).toMatchObject({ created_count: 2, failed_count: 1 });
    expect(job.errors).toEqual([{ row: 2, error: "Missing required identifier", value: "office@acme.example", column: "Email" }]);
  });

  it("a placeholder is an external id unless it occurs in several rows of the file", async () => {
    const { client } = await mintTenant();
    const csv = (ids: string[]) => `Id\n${ids.join("\n")}\n`;
    const mapping = { primary_identifier: { column: "Id", kind: "external_id" } };
    expect(await importCsv(client, csv(["123", "A-1"]), mapping)).toMatchObject({ created_count: 2, failed_count: 0 });
    const far = Array.from({ length: 1500 }, (_, n) => `B-${n}`);
    expect(await importCsv(client, csv(["000", ...far, "000", "A-1"]), mapping)).toMatchObject({
      created_count: 1500,
      unchanged_count: 1,
      failed_count: 2,
    });
  });
});
