/** CSV import as its contract tells it: the examples, every status, the mapping rules, the row errors. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  accountedFor,
  CONTACTS_MAPPING,
  contactsCsv,
  csvForm,
  deliver,
  deliverAll,
  ended,
  getJob,
  heldImport,
  heldQueue,
  importCsv,
  interceptedD1,
  type Job,
  type Mapping,
  phoneOf,
  preview,
} from "../../support/imports";
import { basicClient, type Client, clientWith, mintClient, mintCredential, mintTenant } from "../../support/tenant";

const BY_EMAIL = { primary_identifier: { column: "Email", kind: "email" } };
/** What a deployed D1 takes as one value. */
const D1_VALUE_BYTES_MAX = 2_000_000;
type Problem = { status: number; code: string; detail: string; errors?: { path: string; message: string }[] };

afterEach(() => void vi.useRealTimers());

function setDate(time: string | number): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(time);
}

async function problemOf(answer: Response, status: number): Promise<Problem> {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  const body = await answer.json<Problem>();
  expect(body).toMatchObject({
    type: "about:blank",
    status,
    title: expect.any(String),
    detail: expect.any(String),
    request_id: expect.any(String),
  });
  return body;
}

async function leadOf(client: Client, kind: string, value: string) {
  const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
  return answer.status === 200 ? answer.json<{ lead_id: string; metadata: Record<string, unknown> }>() : null;
}

describe("the examples of the contract", () => {
  /** The file that the examples are about: 1,000 rows, of which 230 meet a lead and 20 fail, among them rows 45 and 102. */
  function exampleFile(): string {
    const lines = ["Email,First Name,Last Name,Company,Phone", "jane@example.com,Jane,Doe,Example Inc,+1-555-0100"];
    lines.push("john@example.com,John,Smith,Acme Corp,+1-555-0101");
    for (let row = lines.length + 1; row <= 1001; row++) {
      if (row === 45) lines.push("not-an-email,Not,Anemail,,");
      else if (row === 102) lines.push(",No,Email,,");
      else if (row > 983) lines.push(`broken${row}@,Broken,Row,,`);
      else lines.push(`person${row}@example.com,First ${row},Last ${row},Company ${row},+1-555-${String(row).padStart(4, "0")}`);
    }
    return `${lines.join("\n")}\n`;
  }
  const MAPPING = {
    ...BY_EMAIL,
    field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company" },
  };

  it("a preview shows headers, five sample rows, the row count, identifier columns and when it expires", async () => {
    const { client } = await mintTenant();
    setDate("2025-01-15T10:00:00Z");
    const answer = await client.call("POST", "/leads/import/preview", { body: csvForm(exampleFile()) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      file_id: expect.stringMatching(/^preview_[0-9a-f]{32}$/),
      file_name: "leads.csv",
      headers: ["Email", "First Name", "Last Name", "Company", "Phone"],
      sample_rows: [
        ["jane@example.com", "Jane", "Doe", "Example Inc", "+1-555-0100"],
        ["john@example.com", "John", "Smith", "Acme Corp", "+1-555-0101"],
        ["person4@example.com", "First 4", "Last 4", "Company 4", "+1-555-0004"],
        ["person5@example.com", "First 5", "Last 5", "Company 5", "+1-555-0005"],
        ["person6@example.com", "First 6", "Last 6", "Company 6", "+1-555-0006"],
      ],
      row_count: 1000,
      auto_detected_identifiers: { email_columns: ["Email"], phone_columns: ["Phone"] },
      expires_at: "2025-01-15T11:00:00.000Z",
      delimiter: ",",
      encoding: "utf-8",
      encoding_confidence: 1,
      encoding_alternatives: [],
      header_row: 1,
      warnings: [],
      format: "csv",
      sheets: [],
      columns: expect.any(Array),
      suggested_mapping: {
        ...MAPPING,
        alias_mappings: { Phone: "_alias_phone" },
      },
    });
  });

  it("a file name of any length is taken, and cut to 255 characters", async () => {
    const { client } = await mintTenant();
    for (const letter of ["n", "é", "🦊"]) {
      const name = `${letter.repeat(3_000_000 / new TextEncoder().encode(letter).length)}.csv`;
      const answer = await client.call("POST", "/leads/import/preview", { body: csvForm("Email\nnobody\n", { name }) });
      expect(answer.status).toBe(200);
      const { file_id, file_name } = await answer.json<{ file_id: string; file_name: string }>();
      expect(file_name.length).toBe(letter === "🦊" ? 254 : 255);
      expect(name.startsWith(file_name)).toBe(true);
      const start = await client.post("/leads/import/start", { file_id, ...BY_EMAIL });
      const { job_id } = await start.json<{ job_id: string }>();
      expect(await ended(client, job_id)).toMatchObject({ status: "completed", failed_count: 1 });
      expect((await client.get(`/leads/import/jobs/${job_id}/errors.csv`)).status).toBe(200);
    }
  });

  it("a header row of 200,000 characters is a 400", async () => {
    const { client } = await mintTenant();
    for (const header of ["x".repeat(200_000), Array.from({ length: 900 }, (_, n) => `${n}${"x".repeat(222)}`).join(",")]) {
      const { detail } = await problemOf(
        await client.call("POST", "/leads/import/preview", { body: csvForm(`Email,${header}\na@b.example\n`) }),
        400,
      );
      expect(detail).toContain("header");
    }
  });

  it("a start returns 202 with the queued job", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(
      client,
      exampleFile().replace("Email,First Name,Last Name,Company,Phone", "Email,First Name,Last Name,Company,Job Title,Phone,LinkedIn"),
    );
    const { IMPORT_QUEUE } = heldQueue();
    const answer = await client.post(
      "/leads/import/start",
      {
        file_id,
        primary_identifier: { column: "Email", kind: "email" },
        field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company", "Job Title": "title" },
        alias_mappings: { Phone: "_alias_phone", LinkedIn: "_alias_social" },
      },
      { bindings: { IMPORT_QUEUE } },
    );
    expect(answer.status).toBe(202);
    const body = await answer.json<{ job_id: string }>();
    expect(body).toEqual({
      job_id: expect.stringMatching(/^job_[0-9a-f]{32}$/),
      status: "queued",
      message: "Import job started",
      file_name: "leads.csv",
      total_rows: 1000,
      ignored_fields: [],
    });
    expect(answer.headers.get("Location")).toBe(`/leads/import/jobs/${body.job_id}`);
  });

  it("750 rows create a lead, 230 meet one, 20 fail, and both the job and the list say so", async () => {
    const { client } = await mintTenant();
    const known = exampleFile().split("\n").slice(0, 1).concat(exampleFile().split("\n").slice(500, 730));
    expect(await importCsv(client, known.join("\n"), MAPPING)).toMatchObject({ created_count: 230 });

    const job = await importCsv(client, exampleFile(), MAPPING);
    expect(job).toEqual({
      job_id: expect.stringMatching(/^job_/),
      status: "completed",
      created_at: expect.any(String),
      started_at: expect.any(String),
      completed_at: expect.any(String),
      file_name: "leads.csv",
      total_rows: 1000,
      created_count: 750,
      updated_count: 230,
      failed_count: 20,
      open_failures: 20,
      errors_url: `/leads/import/jobs/${job.job_id}/errors.csv`,
      changed_count: 0,
      unchanged_count: 230,
      skipped_count: 0,
      warnings_count: 0,
      completed_with_errors: true,
      ...MAPPING,
      alias_mappings: {},
      identifiers: [],
      mode: "upsert",
      column_modes: {},
      create_fields: [],
      keep_unmapped_columns: false,
      strict: false,
      unless_edited_by: {},
      undo: null,
      placeholders: null,
      ignored_fields: [],
      errors: expect.any(Array),
      alias_conflicts: [],
    });
    expect(job.errors).toHaveLength(20);
    expect(job.errors.slice(0, 3)).toEqual([
      { row: 45, error: "Invalid email format", value: "not-an-email", column: "Email" },
      { row: 102, error: "Missing required identifier", value: "", column: "Email" },
      { row: 984, error: "Invalid email format", value: "broken984@", column: "Email" },
    ]);

    const list = await client.get("/leads/import/jobs?page=1&limit=25");
    expect(list.status).toBe(200);
    const { errors: _, alias_conflicts: __, ...summary } = job;
    const shown = await list.json<{ jobs: Record<string, unknown>[] }>();
    expect(shown).toMatchObject({ total: 2, page: 1, limit: 25 });
    expect(shown.jobs).toHaveLength(2);
    expect(summary).toMatchObject(shown.jobs[0] ?? {});
    for (const field of [
      "job_id",
      "status",
      "file_name",
      "created_at",
      "completed_at",
      "total_rows",
      "created_count",
      "updated_count",
      "failed_count",
    ]) {
      expect(shown.jobs[0]).toHaveProperty(field);
    }
  });

  it("times go queued, started, completed; completed_at is null before the end", async () => {
    const { client } = await mintTenant();
    const { job_id } = await heldImport(client, contactsCsv(1));
    expect(await getJob(client, job_id)).toMatchObject({ status: "queued", started_at: null, completed_at: null, created_count: 0 });
    const done = (await importCsv(client, contactsCsv(2), CONTACTS_MAPPING)) as unknown as Record<string, string>;
    const times = [done.created_at, done.started_at, done.completed_at].map((time) => Date.parse(time ?? ""));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("contacts are migrated from another system", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, "Email,FirstName,LastName,Company,Title\nalex@example.com,Alex,Ng,Acme Corp,CTO\n", {
      name: "contacts.csv",
    });
    const start = await client.post("/leads/import/start", {
      file_id,
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { FirstName: "first_name", LastName: "last_name", Company: "company", Title: "title" },
    });
    expect(start.status).toBe(202);
    const { job_id } = await start.json<{ job_id: string }>();
    expect(await ended(client, job_id)).toMatchObject({ status: "completed", file_name: "contacts.csv", created_count: 1 });
    expect(await leadOf(client, "email", "alex@example.com")).toMatchObject({
      metadata: { first_name: "Alex", last_name: "Ng", company: "Acme Corp", title: "CTO" },
    });
  });

  it("trade show leads are found by any of their identifiers", async () => {
    const { client } = await mintTenant();
    const csv = 'Email,Name,Company,Booth Notes,Mobile,Badge ID\nkim@example.com,Kim,Acme,"Wants a demo, soon",+1 (555) 010-0999,B-0042\n';
    const job = await importCsv(client, csv, {
      ...BY_EMAIL,
      field_mappings: { Name: "first_name", Company: "company", "Booth Notes": "notes" },
      alias_mappings: { Mobile: "_alias_phone", "Badge ID": "_alias_external_id" },
    });
    expect(job).toMatchObject({ status: "completed", created_count: 1, alias_conflicts: [] });
    const lead = await leadOf(client, "email", "kim@example.com");
    expect(lead?.metadata).toEqual({ first_name: "Kim", company: "Acme", notes: "Wants a demo, soon" });
    expect(await leadOf(client, "phone", "+15550100999")).toEqual(expect.objectContaining({ lead_id: lead?.lead_id }));
    expect(await leadOf(client, "external_id", "B-0042")).toEqual(expect.objectContaining({ lead_id: lead?.lead_id }));
  });

  it("a bulk update writes the cells that are there and keeps what the empty ones stand for", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { First: "first_name", Company: "company" } };
    await importCsv(client, "Email,First,Company\nann@example.com,Ann,Acme\nbob@example.com,Bob,Beta\n", mapping);
    const job = await importCsv(client, "Email,First,Company\nANN@example.com ,,New Corp\nbob@example.com,  ,\n", mapping);
    expect(job).toMatchObject({ created_count: 0, updated_count: 2, changed_count: 1, unchanged_count: 1, failed_count: 0 });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ first_name: "Ann", company: "New Corp" });
    expect((await leadOf(client, "email", "bob@example.com"))?.metadata).toEqual({ first_name: "Bob", company: "Beta" });
  });

  it("jane keeps her phone and gains the one in the file", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, alias_mappings: { Phone: "_alias_phone" } };
    await importCsv(client, "Email,Phone\njane@example.com,555-0200\n", mapping);
    const job = await importCsv(client, "Email,Phone\njane@example.com,555-0100\n", mapping);
    expect(job).toMatchObject({ created_count: 0, updated_count: 1, changed_count: 1, alias_conflicts: [] });
    const jane = await leadOf(client, "email", "jane@example.com");
    expect((await leadOf(client, "phone", "555-0100"))?.lead_id).toBe(jane?.lead_id);
    expect((await leadOf(client, "phone", "555-0200"))?.lead_id).toBe(jane?.lead_id);
  });
});

describe("field mapping", () => {
  it("profile field names are case-insensitive and stored in their standard form", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,A,B\nann@example.com,Ann,Acme\n", { ...BY_EMAIL, field_mappings: { A: "First_NAME", B: " COMPANY " } });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ first_name: "Ann", company: "Acme" });
  });

  it("unknown profile fields are ignored and listed, the rest of the row is imported", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, "Email,A,B\nann@example.com,Ann,blue\n");
    const start = await client.post("/leads/import/start", {
      file_id,
      ...BY_EMAIL,
      field_mappings: { A: "first_name", B: "Favourite_Colour" },
    });
    const body = await start.json<{ job_id: string; ignored_fields: string[] }>();
    expect(body.ignored_fields).toEqual(["Favourite_Colour"]);
    expect(await ended(client, body.job_id)).toMatchObject({ status: "completed", created_count: 1 });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ first_name: "Ann" });
  });

  it("a field that the org unit defines is known from then on, to this unit only", async () => {
    const { client } = await mintTenant();
    const other = await mintTenant();
    const define = await client.post("/profile-fields", { name: "Favourite_Colour" });
    expect(define.status).toBe(201);
    expect(await define.json()).toEqual({ name: "Favourite_Colour", standard: false });
    const mapping = { ...BY_EMAIL, field_mappings: { Colour: "favourite_colour" } };
    const csv = "Email,Colour\nann@example.com,blue\n";
    expect(await importCsv(client, csv, mapping)).toMatchObject({ created_count: 1 });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ Favourite_Colour: "blue" });

    const file_id = await preview(other.client, csv);
    const start = await other.client.post("/leads/import/start", { file_id, ...mapping });
    expect(await start.json()).toMatchObject({ ignored_fields: ["favourite_colour"] });
  });

  /** Imports a file whose first chunk is committed before `change` happens, and the rest after. */
  async function changeMidway(client: Client, csv: string, mapping: Mapping, change: () => Promise<Response>): Promise<Job> {
    const { job_id, message } = await heldImport(client, csv, mapping);
    const DB = interceptedD1(async (call, run) => {
      const result = await run();
      if (call.chunk === 0) setDate(Date.now() + 21_000);
      return result;
    });
    await deliver(message, { DB, IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    expect(await getJob(client, job_id)).toMatchObject({ status: "in_progress", created_count: 1000 });
    expect((await change()).ok).toBe(true);
    // what an isolate remembers of a unit is older than that
    setDate(Date.now() + 40_000);
    await deliverAll(message);
    return getJob(client, job_id);
  }

  it("a field that is defined while a job runs does not change the job: it stays ignored to the last row", async () => {
    const { client } = await mintTenant();
    const csv = `Email,Colour\n${Array.from({ length: 1_500 }, (_, n) => `p${n}@example.com,blue\n`).join("")}`;
    const mapping = { ...BY_EMAIL, field_mappings: { Colour: "favourite_colour" } };
    const job = await changeMidway(client, csv, mapping, () => client.post("/profile-fields", { name: "Favourite_Colour" }));
    expect(job).toMatchObject({ status: "completed", created_count: 1_500 });
    for (const n of [0, 999, 1_000, 1_499]) expect((await leadOf(client, "email", `p${n}@example.com`))?.metadata).toEqual({});
    expect(await importCsv(client, csv, mapping)).toMatchObject({ changed_count: 1_500 });
  });

  it("a region that the org unit gets while a job runs does not change how the job reads phones", async () => {
    const { client, organization_id } = await mintTenant({ default_region: "DE" });
    const admin = await mintClient(organization_id);
    const csv = `Phone\n${Array.from({ length: 1_500 }, (_, n) => `030 ${90_000_000 + n}\n`).join("")}`;
    const mapping = { primary_identifier: { column: "Phone", kind: "phone" } };
    const job = await changeMidway(client, csv, mapping, () =>
      admin.call("PUT", "/org-units/unit_default", { json: { name: "Default", default_region: "FR" } }),
    );
    expect(job).toMatchObject({ status: "completed", created_count: 1_500, failed_count: 0 });
    for (const n of [0, 999, 1_000, 1_499]) expect(await leadOf(client, "phone", `+4930${90_000_000 + n}`)).not.toBeNull();
  });

  it("every standard field of GET /profile-fields is taken", async () => {
    const { client } = await mintTenant();
    const { profile_fields } = await (await client.get("/profile-fields")).json<{
      profile_fields: { name: string; standard: boolean }[];
    }>();
    expect(profile_fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "first_name",
        "last_name",
        "name",
        "company",
        "title",
        "source",
        "notes",
        "business_id",
        "referring_employee",
      ]),
    );
    const names = profile_fields.map(({ name }) => name).filter((name) => name !== "name");
    const csv = `Email,${names.join(",")}\nann@example.com,${names.map((name) => `a ${name}`).join(",")}\n`;
    await importCsv(client, csv, { ...BY_EMAIL, field_mappings: Object.fromEntries(names.map((name) => [name, name])) });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual(
      Object.fromEntries(names.map((name) => [name, `a ${name}`])),
    );
  });

  it("values stay strings whatever they look like", async () => {
    const { client } = await mintTenant();
    const values = { notes: "007", company: "true", title: "1e3", source: "null", industry: "[1]", country: "{}", business_id: "-0.50" };
    const fields = Object.fromEntries(Object.keys(values).map((field) => [field, field]));
    const csv = `Email,${Object.keys(values).join(",")}\nann@example.com,${Object.values(values).join(",")}\n`;
    await importCsv(client, csv, { ...BY_EMAIL, field_mappings: fields });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual(values);
    expect(await importCsv(client, csv, { ...BY_EMAIL, field_mappings: fields })).toMatchObject({ unchanged_count: 1 });
  });

  it("a string replaces the number, truth value, list or object that an API call had stored under the same text", async () => {
    const { client } = await mintTenant();
    const values = [7, true, [1, 2], { a: 1 }, 1.5];
    const texts = values.map((value) => JSON.stringify(value));
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes" } };
    const csv = `Email,Note\n${texts.map((text, n) => `p${n}@example.com,"${text.replaceAll('"', '""')}"\n`).join("")}`;
    await importCsv(client, csv, mapping);
    for (const [n, notes] of values.entries()) {
      const patch = await client.patch("/lead/by-alias/metadata", { alias_value: `p${n}@example.com`, attributes: { notes } });
      expect(patch.status).toBe(200);
    }
    expect(await importCsv(client, csv, mapping)).toMatchObject({ changed_count: values.length });
    const stored = await Promise.all(texts.map((_, n) => leadOf(client, "email", `p${n}@example.com`)));
    expect(stored.map((lead) => lead?.metadata.notes)).toEqual(texts);
  });

  it("columns and fields with the names of built-in properties are columns and fields like any other", async () => {
    const { client } = await mintTenant();
    for (const name of ["__proto__", "constructor"]) expect((await client.post("/profile-fields", { name })).status).toBe(201);
    const field_mappings = JSON.parse('{"__proto__":"constructor","constructor":"__proto__"}') as Record<string, string>;
    const csv = "Email,__proto__,constructor\nann@example.com,one,two\n";
    expect(await importCsv(client, csv, { ...BY_EMAIL, field_mappings })).toMatchObject({ created_count: 1, failed_count: 0 });
    const text = await (await client.get("/lead/by-alias?value=ann@example.com")).text();
    expect(JSON.parse(text).metadata.constructor).toBe("one");
    expect(text).toContain('"__proto__":"two"');
    expect(await importCsv(client, csv, { ...BY_EMAIL, field_mappings })).toMatchObject({ unchanged_count: 1 });
  });

  it("writing the full name drops first and last name, and the other way round", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,First,Last\nann@example.com,Ann,Lee\n", {
      ...BY_EMAIL,
      field_mappings: { First: "first_name", Last: "last_name" },
    });
    await importCsv(client, "Email,Name\nann@example.com,Ann Lee\n", { ...BY_EMAIL, field_mappings: { Name: "name" } });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ name: "Ann Lee" });
    await importCsv(client, "Email,First\nann@example.com,Annie\n", { ...BY_EMAIL, field_mappings: { First: "first_name" } });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ first_name: "Annie" });
  });

  it("the same row twice in a file creates one lead; the last row wins", async () => {
    const { client } = await mintTenant();
    const csv = "Email,First Name,Phone\nann@example.com,Ann,555-0100\nANN@example.com,Anna,5550100\nann@example.com,Anna,\n";
    const job = await importCsv(client, csv, CONTACTS_MAPPING);
    expect(job).toMatchObject({ created_count: 1, changed_count: 1, unchanged_count: 1, failed_count: 0, alias_conflicts: [] });
    expect((await leadOf(client, "phone", "555-0100"))?.metadata).toEqual({ first_name: "Anna" });
  });

  it("an alias that belongs to another lead stays there and is reported", async () => {
    const { client } = await mintTenant();
    await importCsv(client, "Email,First Name,Phone\nann@example.com,Ann,555-0100\n", CONTACTS_MAPPING);
    const ann = await leadOf(client, "email", "ann@example.com");
    const job = await importCsv(client, "Email,First Name,Phone\nbob@example.com,Bob,(555) 0100\n", CONTACTS_MAPPING);
    expect(job).toMatchObject({
      created_count: 1,
      failed_count: 0,
      alias_conflicts: [{ row: 2, kind: "phone", value: "5550100", lead_id: ann?.lead_id }],
    });
    expect(await leadOf(client, "phone", "555-0100")).toEqual(ann);
    expect((await leadOf(client, "email", "bob@example.com"))?.metadata).toEqual({ first_name: "Bob" });
  });

  it("every kind can be the primary identifier and every alias key attaches its kind", async () => {
    const { client } = await mintTenant();
    const kinds = ["email", "phone", "cookie", "external_id", "social"];
    const columns = kinds.map((kind) => `c_${kind}`);
    const cells = (n: number) => [`k${n}@example.com`, `+1202555010${n}`, `cookie-${n}`, `EXT-${n}`, `https://example.com/in/k${n}`];
    for (const [n, kind] of kinds.entries()) {
      const alias_mappings = Object.fromEntries(kinds.filter((other) => other !== kind).map((other) => [`c_${other}`, `_alias_${other}`]));
      const csv = `${columns.join(",")}\n${cells(n).join(",")}\n`;
      expect(await importCsv(client, csv, { primary_identifier: { column: `c_${kind}`, kind }, alias_mappings })).toMatchObject({
        created_count: 1,
      });
      const found = await Promise.all(kinds.map((each, at) => leadOf(client, each, cells(n)[at] ?? "")));
      expect(new Set(found.map((lead) => lead?.lead_id)).size).toBe(1);
      expect(found[0]?.lead_id).toMatch(/^ld_/);
    }
  });

  it("identifiers of any characters find their lead again, create it once, and are distinguished", async () => {
    const { client } = await mintTenant();
    const refs = ['a"b', "a\\b", 'a\\"b', "tab\there", "line\nend", "\u0001", "é", "e\u0301", "🦊", "' OR 1=1 --", '{"x":1}', "[1]", "nil"];
    refs.push(
      "true",
      "0",
      "007",
      "7",
      "1e3",
      "a:b",
      "a",
      "A",
      "%",
      "_",
      "$",
      "$.a",
      "?1",
      "__proto__",
      "constructor",
      "a\u2028b",
      "\ufffd",
      "x".repeat(512),
    );
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const csv = `Ref,Cookie,Note\n${refs.map((ref, n) => `${cell(ref)},${cell(`c${ref}`.slice(0, 512))},n${n}\n`).join("")}`;
    const mapping = {
      primary_identifier: { column: "Ref", kind: "external_id" },
      field_mappings: { Note: "notes" },
      alias_mappings: { Cookie: "_alias_cookie" },
    };
    expect(await importCsv(client, csv, mapping)).toMatchObject({ created_count: refs.length, failed_count: 0, alias_conflicts: [] });
    expect(await importCsv(client, csv, mapping)).toMatchObject({ unchanged_count: refs.length, alias_conflicts: [] });
    for (const [n, ref] of refs.entries()) {
      const found = [await leadOf(client, "external_id", ref), await leadOf(client, "cookie", `c${ref}`.slice(0, 512))];
      expect(found.map((lead) => lead?.metadata.notes)).toEqual([`n${n}`, `n${n}`]);
    }
    // the same aliases, each claimed by another lead
    const claims = `Ref,Cookie,Note\n${refs.map((ref, n) => `other ${n},${cell(`c${ref}`.slice(0, 512))},\n`).join("")}`;
    const job = await importCsv(client, claims, mapping);
    expect(job.alias_conflicts.map(({ value }) => value)).toEqual(refs.map((ref) => `c${ref}`.slice(0, 512)));
  });

  it("phones without + are read by the region of the file, else by the org unit's", async () => {
    const { client } = await mintTenant({ default_region: "DE" });
    const mapping: Mapping = { primary_identifier: { column: "Phone", kind: "phone" } };
    await importCsv(client, "Phone\n030 901820\n", mapping);
    expect(await leadOf(client, "phone", "+49 30 901820")).not.toBeNull();
    const file_id = await preview(client, "Phone\n(202) 555-0143\n", { fields: { default_region: "us" } });
    const start = await client.post("/leads/import/start", { file_id, ...mapping });
    await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(await leadOf(client, "phone", "+12025550143")).not.toBeNull();
  });
});

describe("row errors", () => {
  it("carry the contract's texts, the row as a spreadsheet counts it, the column and the value", async () => {
    const { client } = await mintTenant();
    const csv = [
      "Email,Phone,Note", // row 1
      "", // 2: blank lines are rows of a spreadsheet
      'ok@example.com,,"two\nlines,\n\nthree more"', // 3: however many lines a cell has
      "   ", // 4
      "not-an-email,,x", // 5
      ",555-0100,x", // 6
      "fine@example.com,call me,x", // 7
      " ,,", // 8
      "also@fine.example,+1 (202) 555-0143 ext. 7,", // 9
    ].join("\n");
    const mapping = { ...BY_EMAIL, alias_mappings: { Phone: "_alias_phone" } };
    const job = await importCsv(client, csv, { ...mapping, strict: true });
    expect(job.errors).toEqual([
      { row: 5, error: "Invalid email format", value: "not-an-email", column: "Email" },
      { row: 6, error: "Missing required identifier", value: "", column: "Email" },
      { row: 7, error: "Invalid phone format", value: "call me", column: "Phone" },
      { row: 8, error: "Missing required identifier", value: "", column: "Email" },
    ]);
    expect(job).toMatchObject({ status: "completed", total_rows: 6, created_count: 2, failed_count: 4 });
    expect(await leadOf(client, "email", "fine@example.com")).toBeNull();

    const kept = await importCsv(client, csv, mapping);
    expect(kept.errors.map(({ row }) => row)).toEqual([5, 6, 8]);
    expect(kept).toMatchObject({ created_count: 1, unchanged_count: 2, failed_count: 3, warnings_count: 1, completed_with_errors: true });
    const answer = await client.get(`/leads/import/jobs/${kept.job_id}/warnings`);
    expect(await answer.json()).toEqual({
      warnings: [{ row: 7, column: "Phone", code: "invalid_phone", warning: 'Phone: "call me" is not a phone number', value: "call me" }],
      total: 1,
      page: 1,
      limit: 25,
    });
  });

  it("keep their row numbers beyond the first chunk, and with blank lines before the header", async () => {
    const { client } = await mintTenant();
    const rows = Array.from({ length: 2300 }, (_, n) =>
      n % 500 === 499 ? `bad ${n}\n` : `"p${n}@example.com\n"\n${n % 3 === 0 ? "\n" : ""}`,
    );
    const expected: number[] = [];
    let row = 4;
    for (const text of rows) {
      if (text.startsWith("bad")) expected.push(row);
      row += text.endsWith("\n\n") ? 2 : 1;
    }
    const job = await importCsv(client, `\n \nEmail\n${rows.join("")}`, BY_EMAIL);
    expect(job.errors.map((error) => error.row)).toEqual(expected);
    expect(job).toMatchObject({ total_rows: 2300, created_count: 2296, failed_count: 4 });
  });

  it("a row shorter than the header has empty cells at its end", async () => {
    const { client } = await mintTenant();
    const job = await importCsv(client, "First Name,Phone,Email\nAnn\nBob,555-0101,bob@example.com,one too many\n", CONTACTS_MAPPING);
    expect(job.errors).toEqual([{ row: 2, error: "Missing required identifier", value: "", column: "Email" }]);
    expect(job).toMatchObject({ created_count: 1, failed_count: 1 });
  });

  it("an identifier of 513 characters fails its row, one of 512 does not", async () => {
    const { client } = await mintTenant();
    const job = await importCsv(client, `Id\n${"x".repeat(512)}\n${"y".repeat(513)}\n`, {
      primary_identifier: { column: "Id", kind: "external_id" },
    });
    expect(job).toMatchObject({ created_count: 1, failed_count: 1 });
    expect(job.errors).toEqual([{ row: 3, error: "Identifier is longer than 512 characters", value: "y".repeat(200), column: "Id" }]);
  });

  it("a profile that would pass 256 KB fails its row alone, and nothing of the row is kept", async () => {
    const { client } = await mintTenant();
    const mapping = { ...CONTACTS_MAPPING, field_mappings: { "First Name": "notes" } };
    const big = "x".repeat(300_000);
    const job = await importCsv(
      client,
      `Email,First Name,Phone\nann@example.com,${big},555-0100\nbob@example.com,short,555-0100\n`,
      mapping,
    );
    expect(job).toMatchObject({ created_count: 1, failed_count: 1, alias_conflicts: [] });
    expect(job.errors).toEqual([{ row: 2, error: "Profile would be larger than 256 KB", value: "", column: null }]);
    expect((await leadOf(client, "phone", "555-0100"))?.metadata).toEqual({ notes: "short" });
  });

  it("a profile that is large already can be imported again: it does not grow", async () => {
    const { client } = await mintTenant();
    const csvOf = (letter: string) => `Email,Note\n${`ann@example.com,${letter.repeat(150_000)}\n`.repeat(2)}`;
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes" } };
    expect(await importCsv(client, csvOf("x"), mapping)).toMatchObject({ created_count: 1, unchanged_count: 1, failed_count: 0 });
    expect(await importCsv(client, csvOf("x"), mapping)).toMatchObject({ unchanged_count: 2, failed_count: 0 });
    expect(await importCsv(client, csvOf("y"), mapping)).toMatchObject({ changed_count: 1, unchanged_count: 1, failed_count: 0 });
  });

  it("rows of one lead, each with another large value, all count, for a new lead and for a stored one; the last value is kept", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes" } };
    const note = (n: number) => `${n}:${"x".repeat(10_000)}`;
    const csv = `Email,Note\n${Array.from({ length: 40 }, (_, n) => `ann@example.com,${note(n)}\n`).join("")}`;
    const first = await importCsv(client, csv, mapping);
    expect(first).toMatchObject({ created_count: 1, changed_count: 39, failed_count: 0, errors: [] });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ notes: note(39) });
    const second = await importCsv(client, csv, mapping);
    expect(second).toMatchObject({ created_count: 0, updated_count: 40, failed_count: 0, errors: [] });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ notes: note(39) });
  });

  it("a stored value of 150 KB can be replaced as often as a file does", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes" } };
    const row = (letter: string) => `ann@example.com,${letter.repeat(150_000)}\n`;
    await importCsv(client, `Email,Note\n${row("a")}`, mapping);
    const twice = await importCsv(client, `Email,Note\n${row("b")}${row("c")}`, mapping);
    expect(twice).toMatchObject({ changed_count: 2, failed_count: 0, errors: [] });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ notes: "c".repeat(150_000) });
  });

  it("so it can when other rows of the lead write other fields in between", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes", Company: "company" } };
    const note = (letter: string) => `ann@example.com,${letter.repeat(150_000)},\n`;
    const company = (name: string) => `ann@example.com,,${name}\n`;
    await importCsv(client, `Email,Note,Company\n${note("a")}`, mapping);
    const job = await importCsv(client, `Email,Note,Company\n${company("Acme")}${note("b")}${company("Beta")}${note("c")}`, mapping);
    expect(job).toMatchObject({ changed_count: 4, failed_count: 0, errors: [] });
    expect((await leadOf(client, "email", "ann@example.com"))?.metadata).toEqual({ notes: "c".repeat(150_000), company: "Beta" });
  });

  it("an address that many rows share fills up its lead and fails only the rows beyond 1,000 aliases", async () => {
    const { client } = await mintTenant();
    const rows = Array.from({ length: 1_500 }, (_, n) => `team@example.com,Name ${n},${phoneOf(n)}\n`);
    const csv = `Email,First Name,Phone\n${rows.join("")}p1@example.com,Ann,\n`;
    const first = await importCsv(client, csv, CONTACTS_MAPPING);
    // its email and the phones of the first 999 rows
    expect(first).toMatchObject({ status: "completed", created_count: 2, changed_count: 998, unchanged_count: 0, failed_count: 501 });
    expect(accountedFor(first)).toBe(first.total_rows);
    expect(first.errors.map(({ row }) => row)).toEqual(Array.from({ length: 501 }, (_, n) => 1001 + n));
    expect(new Set(first.errors.map(({ error }) => error))).toEqual(new Set(["Lead would have more than 1,000 aliases"]));

    const lead = await leadOf(client, "email", "team@example.com");
    expect(lead?.metadata).toEqual({ first_name: "Name 998" });
    expect(await leadOf(client, "phone", phoneOf(998))).toEqual(lead);
    expect(await leadOf(client, "phone", phoneOf(999))).toBeNull();
    const patched = await client.patch("/lead/by-alias/metadata", { alias_value: "team@example.com", attributes: { seat: "12A" } });
    expect(patched.status).toBe(200);
    expect((await leadOf(client, "phone", phoneOf(0)))?.metadata).toEqual({ first_name: "Name 998", seat: "12A" });

    const second = await importCsv(client, csv, CONTACTS_MAPPING);
    expect(second).toMatchObject({ status: "completed", created_count: 0, updated_count: 1000, failed_count: 501 });
    expect(accountedFor(second)).toBe(second.total_rows);
    expect(second.errors).toEqual(first.errors);
    expect((await leadOf(client, "email", "team@example.com"))?.metadata).toEqual({ first_name: "Name 998", seat: "12A" });
  });

  it("one cell of nearly a megabyte for a known lead fails that row and no other, and no value is too big for D1", async () => {
    const { client } = await mintTenant();
    const mapping = { ...BY_EMAIL, field_mappings: { Note: "notes" } };
    await importCsv(client, "Email,Note\nann@example.com,x\nbob@example.com,x\n", mapping);
    // six bytes each in JSON, behind so much text that the file is no binary one
    const text = "y".repeat(70_000);
    const { job_id, message } = await heldImport(
      client,
      `Email,Note\nbob@example.com,y\nann@example.com,${text}${"\u0001".repeat(900_000)}\n`,
      mapping,
    );
    const DB = interceptedD1((call, run) => {
      const sizes = call.statements.flatMap(({ values }) => values.map((value) => new TextEncoder().encode(String(value)).length));
      // the local database takes more than a deployed one does
      if (Math.max(...sizes) > D1_VALUE_BYTES_MAX) throw new Error("D1_ERROR: string or blob too big: SQLITE_TOOBIG");
      return run();
    });
    await deliverAll(message, { DB });
    const job = await getJob(client, job_id);
    expect(job.errors).toEqual([{ row: 3, error: "Profile would be larger than 256 KB", value: "", column: null }]);
    expect(job).toMatchObject({ status: "completed", changed_count: 1, failed_count: 1 });
  });

  it("the answer shows the first 1,000 failed rows and counts them all", async () => {
    const { client } = await mintTenant();
    const job = await importCsv(client, `Email\n${"nobody\n".repeat(1200)}`, BY_EMAIL);
    expect(job).toMatchObject({ status: "completed", failed_count: 1200, total_rows: 1200 });
    expect(job.errors).toHaveLength(1000);
    expect(job.errors.at(-1)).toMatchObject({ row: 1001 });
  });

  it("a value of emoji, quotes and control characters comes back as it was, cut to 200 characters", async () => {
    const { client } = await mintTenant();
    const value = `a"'\\\u0001\u2028<>&€🦊`;
    const job = await importCsv(client, `Email\n"${value.replaceAll('"', '""')}"\n${"🦊".repeat(150)}\n`, BY_EMAIL);
    expect(job.errors[0]?.value).toBe(value);
    expect(job.errors[1]?.value.startsWith("🦊".repeat(99))).toBe(true);
  });
});

describe("starting", () => {
  it("wrong mappings are a 400 that names each one, and no job is created", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, contactsCsv(1));
    const answer = await client.post("/leads/import/start", {
      file_id,
      primary_identifier: { column: "E-Mail", kind: "fax" },
      field_mappings: { "First Name": "first_name", Surname: "last_name", Colour: "no such field" },
      alias_mappings: { Phone: "phone", Handle: "_alias_social", "First Name": "_alias_twitter" },
    });
    const { errors, detail } = await problemOf(answer, 400);
    const expected = {
      "primary_identifier.column": /"E-Mail".*Email, First Name, Phone/,
      "primary_identifier.kind": /"fax".*email, phone, external_id, cookie, social/,
      "field_mappings.Surname": /"Surname"/,
      "field_mappings.Colour": /"Colour"/,
      "alias_mappings.Phone": /_alias_ prefix.*_alias_phone/,
      "alias_mappings.Handle": /"Handle"/,
      "alias_mappings.First Name": /"twitter".*_alias_email/,
    };
    expect(errors?.map(({ path }) => path).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const { path, message } of errors ?? []) expect(message).toMatch(expected[path as keyof typeof expected]);
    expect(detail).toContain("Surname");
    expect(await (await client.get("/leads/import/jobs")).json()).toMatchObject({ total: 0, jobs: [] });
  });

  it("a mapping may name 20 columns as aliases; 21 are a 400", async () => {
    const { client } = await mintTenant();
    const columns = Array.from({ length: 21 }, (_, n) => `Ref ${n}`);
    const file_id = await preview(client, `Email,${columns.join(",")}\nann@example.com,${columns.join(",")}\n`);
    const start = (count: number) =>
      client.post("/leads/import/start", {
        file_id,
        ...BY_EMAIL,
        alias_mappings: Object.fromEntries(columns.slice(0, count).map((column) => [column, "_alias_external_id"])),
      });
    expect((await problemOf(await start(21), 400)).errors).toEqual([
      { path: "alias_mappings", message: expect.stringContaining("At most 20") },
    ]);
    const taken = await start(20);
    expect(taken.status).toBe(202);
    await ended(client, (await taken.json<{ job_id: string }>()).job_id);
    expect(await leadOf(client, "external_id", "Ref 19")).not.toBeNull();
  });

  it("however wrong a mapping is and however wide the file, the answer names 100 problems at most and stays small", async () => {
    const { client } = await mintTenant();
    const headers = ["Email", ...Array.from({ length: 900 }, (_, n) => `${n} ${"wide".repeat(20)}`)];
    const file_id = await preview(client, `${headers.join(",")}\nann@example.com\n`);
    const unknown = (value: string) => Object.fromEntries(Array.from({ length: 2_500 }, (_, n) => [`${value}${n}`, value]));
    const wrong = { file_id, ...BY_EMAIL, field_mappings: unknown("notes"), alias_mappings: unknown("fax") };
    const answer = await client.post("/leads/import/start", wrong);
    expect((await answer.clone().text()).length).toBeLessThan(200_000);
    const { errors } = await problemOf(answer, 400);
    expect(errors).toHaveLength(100);
    expect(errors?.[0]).toEqual({ path: "field_mappings.notes0", message: expect.stringContaining('no column "notes0"') });
  });

  it("missing and malformed fields are a 400 that names them", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, contactsCsv(1));
    const cases: [unknown, string[]][] = [
      [{}, ["file_id", "primary_identifier"]],
      [{ ...BY_EMAIL }, ["file_id"]],
      [{ file_id }, ["primary_identifier"]],
      [{ file_id: "", ...BY_EMAIL }, ["file_id"]],
      [{ file_id: 7, ...BY_EMAIL }, ["file_id"]],
      [{ file_id, primary_identifier: { kind: "email" } }, ["primary_identifier.column"]],
      [{ file_id, primary_identifier: { column: "Email" } }, ["primary_identifier.kind"]],
      [{ file_id, primary_identifier: { column: "", kind: "email" } }, ["primary_identifier.column"]],
      [{ file_id, primary_identifier: "Email" }, ["primary_identifier"]],
      [{ file_id, ...BY_EMAIL, field_mappings: [] }, ["field_mappings"]],
      [{ file_id, ...BY_EMAIL, field_mappings: { Phone: 7 } }, ["field_mappings"]],
      [{ file_id, ...BY_EMAIL, alias_mappings: "Phone" }, ["alias_mappings"]],
      [{ file_id, ...BY_EMAIL, alias_mappings: { Phone: null } }, ["alias_mappings"]],
    ];
    for (const [body, paths] of cases) {
      const { errors } = await problemOf(await client.post("/leads/import/start", body), 400);
      expect(errors?.map(({ path }) => path)).toEqual(paths);
    }
    for (const body of ["{", "", "[]", "null", '"x"']) {
      const answer = await client.call("POST", "/leads/import/start", { body, headers: { "Content-Type": "application/json" } });
      await problemOf(answer, 400);
    }
    await problemOf(
      await client.call("POST", "/leads/import/start", {
        body: JSON.stringify({ file_id, ...BY_EMAIL }),
        headers: { "Content-Type": "text/plain" },
      }),
      415,
    );
    await problemOf(
      await client.post("/leads/import/start", { file_id, ...BY_EMAIL, field_mappings: { Email: "x".repeat(110_000) } }),
      413,
    );
  });

  it("an unknown or a malformed file id is a 404", async () => {
    const { client } = await mintTenant();
    for (const file_id of ["preview_abc123", "x", "preview_' OR 1=1 --", `preview_${"0".repeat(32)}`, "../../x", "x".repeat(5000)]) {
      const { detail } = await problemOf(await client.post("/leads/import/start", { file_id, ...BY_EMAIL }), 404);
      expect(detail).toBe("File ID expired or not found (previews expire after 1 hour)");
    }
  });

  it("an expired preview is refused at once, one that has a second left is not", async () => {
    const { client } = await mintTenant();
    const now = Date.now();
    setDate(now);
    const file_id = await preview(client, contactsCsv(1));
    const { IMPORT_QUEUE } = heldQueue();
    setDate(now + 3600_000);
    await problemOf(await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { bindings: { IMPORT_QUEUE } }), 404);
    setDate(now + 3599_000);
    const taken = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { bindings: { IMPORT_QUEUE } });
    expect(taken.status).toBe(202);
  });

  it("the same file and mapping again while the job runs returns that job, whatever the order of its keys", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, contactsCsv(3));
    const queue = heldQueue();
    const bindings = { IMPORT_QUEUE: queue.IMPORT_QUEUE };
    const mapping = { ...BY_EMAIL, field_mappings: { "First Name": "first_name", Phone: "notes" } };
    const reordered = {
      primary_identifier: { kind: "email", column: "Email" },
      field_mappings: { Phone: "notes", "First Name": "first_name" },
      alias_mappings: {},
    };
    const answers = await Promise.all(
      [mapping, reordered, mapping, reordered].map((each) => client.post("/leads/import/start", { file_id, ...each }, { bindings })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const ids = await Promise.all(answers.map(async (answer) => (await answer.json<{ job_id: string }>()).job_id));
    expect(new Set(ids).size).toBe(1);
    const other = await client.post("/leads/import/start", { file_id, ...BY_EMAIL }, { bindings });
    expect((await other.json<{ job_id: string }>()).job_id).not.toBe(ids[0]);
    expect(await (await client.get("/leads/import/jobs")).json()).toMatchObject({ total: 2 });
  });

  it("the same file and mapping after the job's end is a new job that finds everything unchanged", async () => {
    const { client } = await mintTenant();
    const file_id = await preview(client, contactsCsv(3));
    const start = async () => {
      const answer = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING });
      return ended(client, (await answer.json<{ job_id: string }>()).job_id);
    };
    const first = await start();
    const second = await start();
    expect(first).toMatchObject({ created_count: 3 });
    expect(second).toMatchObject({ created_count: 0, changed_count: 0, unchanged_count: 3, updated_count: 3 });
    expect(second.job_id).not.toBe(first.job_id);
  });

  it("a header-only file becomes a job that completes with no row", async () => {
    const { client } = await mintTenant();
    expect(await importCsv(client, "Email,First Name,Phone\n", CONTACTS_MAPPING)).toMatchObject({
      status: "completed",
      total_rows: 0,
      errors: [],
    });
  });
});

describe("jobs", () => {
  it("are listed newest first, page by page", async () => {
    const { client } = await mintTenant();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await heldImport(client, contactsCsv(1, { from: n }))).job_id);
    const page = async (query: string) => {
      const answer = await client.get(`/leads/import/jobs${query}`);
      expect(answer.status).toBe(200);
      return answer.json<{ jobs: { job_id: string }[]; total: number; page: number; limit: number }>();
    };
    expect((await page("")).jobs.map(({ job_id }) => job_id)).toEqual(ids);
    expect(await page("")).toMatchObject({ total: 5, page: 1, limit: 25 });
    expect((await page("?limit=2")).jobs.map(({ job_id }) => job_id)).toEqual(ids.slice(0, 2));
    expect((await page("?page=2&limit=2")).jobs.map(({ job_id }) => job_id)).toEqual(ids.slice(2, 4));
    expect(await page("?page=3&limit=2")).toMatchObject({ total: 5, page: 3, limit: 2, jobs: [{ job_id: ids[4] }] });
    expect(await page("?page=9&limit=100")).toMatchObject({ total: 5, page: 9, limit: 100, jobs: [] });
  });

  it("a page or a limit out of range is a 400 that names it", async () => {
    const { client } = await mintTenant();
    const wrong = { limit: ["0", "-1", "101", "abc", "1.5", "", "NaN", "Infinity"], page: ["0", "-1", "abc", "1.5", "", "1e99"] };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const { errors } = await problemOf(await client.get(`/leads/import/jobs?${name}=${value}`), 400);
        expect([...new Set(errors?.map(({ path }) => path))]).toEqual([name]);
      }
    }
  });

  it("of another org unit do not exist: not in the list, not by id, not to cancel; nor do its files", async () => {
    const ours = await mintTenant();
    const theirs = await mintTenant();
    const sibling = clientWith({
      Authorization: `Bearer ${(await mintCredential(ours.organization_id, { kind: "personal_token" })).token}`,
    });
    const made = await sibling.post("/org-units", { name: "Emea" });
    expect(made.status).toBe(201);
    const { job_id } = await heldImport(ours.client, contactsCsv(1));
    const file_id = await preview(ours.client, contactsCsv(1));
    const strangers: [Client, Record<string, string>][] = [
      [theirs.client, {}],
      [sibling, { "X-Org-Unit": "unit_emea" }],
    ];
    for (const [client, headers] of strangers) {
      expect(await (await client.get("/leads/import/jobs", { headers })).json()).toMatchObject({ total: 0, jobs: [] });
      const job = await problemOf(await client.get(`/leads/import/jobs/${job_id}`, { headers }), 404);
      expect(job.detail).toBe("Job ID does not exist or not accessible");
      await problemOf(await client.get(`/leads/import/jobs/${job_id}/errors.csv`, { headers }), 404);
      await problemOf(await client.post(`/leads/import/jobs/${job_id}/cancel`, undefined, { headers }), 404);
      await problemOf(await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }, { headers }), 404);
    }
    expect(await getJob(ours.client, job_id)).toMatchObject({ status: "queued" });
  });

  it("an unknown or malformed job id is a 404", async () => {
    const { client } = await mintTenant();
    for (const id of ["job_abc123", "x", "%27", `job_${"0".repeat(32)}`]) {
      await problemOf(await client.get(`/leads/import/jobs/${id}`), 404);
      await problemOf(await client.post(`/leads/import/jobs/${id}/cancel`), 404);
      await problemOf(await client.get(`/leads/import/jobs/${id}/errors.csv`), 404);
    }
  });

  it("counters add up to the total, whatever the rows are", async () => {
    const { client } = await mintTenant();
    await importCsv(client, contactsCsv(10), CONTACTS_MAPPING);
    const mixed = `${contactsCsv(20, { name: (n) => (n < 5 ? "Changed" : `Name ${n}`) })}nobody,,\n,,\np1@example.com,Twice,\n`;
    const job = await importCsv(client, mixed, CONTACTS_MAPPING);
    expect(job).toMatchObject({
      total_rows: 23,
      created_count: 10,
      changed_count: 6,
      unchanged_count: 5,
      failed_count: 2,
      updated_count: 11,
    });
    expect(accountedFor(job)).toBe(job.total_rows);
  });
});

describe("who may", () => {
  it("no or wrong credentials are a 401 with a challenge on every route", async () => {
    const stranger = clientWith({});
    const wrong = basicClient({ client_id: "nobody", client_secret: "wrong" });
    const routes = [
      ["POST", "/leads/import/preview"],
      ["POST", "/leads/import/start"],
      ["GET", "/leads/import/jobs"],
      ["GET", "/leads/import/jobs/job_1"],
      ["POST", "/leads/import/jobs/job_1/cancel"],
      ["GET", "/leads/import/jobs/job_1/errors.csv"],
    ] as const;
    for (const [method, path] of routes) {
      for (const client of [stranger, wrong]) {
        const answer = await client.call(method, path);
        expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
        await problemOf(answer, 401);
      }
    }
  });

  it("a viewer reads jobs but previews, starts and cancels nothing", async () => {
    const { client, organization_id } = await mintTenant();
    const viewer = basicClient(await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default", role: "viewer" }));
    const { job_id } = await heldImport(client, contactsCsv(1));
    const file_id = await preview(client, contactsCsv(1));
    expect(await getJob(viewer, job_id)).toMatchObject({ status: "queued" });
    expect((await viewer.get("/leads/import/jobs")).status).toBe(200);
    await problemOf(await viewer.call("POST", "/leads/import/preview", { body: csvForm(contactsCsv(1)) }), 403);
    await problemOf(await viewer.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING }), 403);
    await problemOf(await viewer.post(`/leads/import/jobs/${job_id}/cancel`), 403);
  });

  it("a caller without an active org unit gets the documented error", async () => {
    const { organization_id } = await mintTenant();
    const homeless = basicClient(await mintCredential(organization_id, { kind: "service_account" }));
    expect((await problemOf(await homeless.get("/leads/import/jobs"), 400)).detail).toMatch(/^active OU not set: /);
    expect((await homeless.get("/leads/import/jobs", { headers: { "X-Org-Unit": "unit_default" } })).status).toBe(200);
  });
});
