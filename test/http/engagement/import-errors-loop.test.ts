/** A failed row goes out as a file, is mended in a spreadsheet and comes back without a word about its columns. */
import Papa from "papaparse";
import { beforeEach, describe, expect, it } from "vitest";
import { bytesSource, readXlsx, writeXlsx } from "../../../src/core/spreadsheets";
import { csvForm, deliver, ended, getJob, heldQueue, importCsv, type Job, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { importEventsCsv } from "../../support/triggers";
import { readProblem } from "../../support/worker";

const MAPPING: Mapping = {
  primary_identifier: { column: "Mail", kind: "email" },
  identifiers: [{ column: "Mobile", kind: "phone" }],
  field_mappings: { Who: "first_name", Colour: "colour" },
  alias_mappings: { Mobile: "_alias_phone" },
  column_modes: { Who: "fill_blank" },
  create_fields: ["colour"],
};
const CSV = [
  "Who;Mail;Mobile;Colour",
  "Ann;ann@example.com;;red",
  "Bob;bob@;+49;blue",
  "Cy;;;green",
  "Dee;n/a;+493012345678;red",
  "Eve;eve@example;12;",
].join("\n");

type Previewed = {
  file_id: string;
  suggested_mapping: Mapping | null;
  columns: { target: string | null; reason: string }[];
  row_count: number;
};

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});

async function previewOf(content: string | Uint8Array, name = "errors.csv"): Promise<Previewed> {
  const answer = await client.call("POST", "/leads/import/preview", { body: csvForm(content, { name }) });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Previewed>();
}

async function startAsSuggested(content: string | Uint8Array, name?: string): Promise<Job> {
  const { file_id, suggested_mapping } = await previewOf(content, name);
  const answer = await client.post("/leads/import/start", { file_id, ...suggested_mapping });
  expect(answer.status, await answer.clone().text()).toBe(202);
  return ended(client, (await answer.json<{ job_id: string }>()).job_id);
}

const fetched = async (path: string | null): Promise<Uint8Array> => new Uint8Array(await (await client.get(path ?? "")).arrayBuffer());
const textOf = async (job: Job) => new TextDecoder().decode(await fetched(job.errors_url));

async function sheetOf(bytes: Uint8Array): Promise<string[][]> {
  const read = await readXlsx(bytesSource(bytes), {});
  if (!read.ok) throw new Error(read.problem.detail);
  const rows: string[][] = [];
  for await (const batch of read.workbook.rows()) {
    if (!batch.ok) throw new Error(batch.problem.detail);
    rows.push(...batch.rows.map(({ cells }) => cells));
  }
  return rows;
}

async function workbook([header = [], ...rows]: string[][]): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(
      writeXlsx(
        header,
        rows.map((cells) => ({ cells })),
      ),
    ).arrayBuffer(),
  );
}

describe("an errors file", () => {
  it("has one column for each column with problem cells, which names the cell's column and says what is wrong", async () => {
    const job = await importCsv(client, CSV, MAPPING);
    expect(job).toMatchObject({ failed_count: 3, open_failures: 3, errors_url: `/leads/import/jobs/${job.job_id}/errors.csv` });
    const { data } = Papa.parse<string[]>((await textOf(job)).trim(), { delimiter: ";" });
    expect(data).toEqual([
      ["Who", "Mail", "Mobile", "Colour", "_row", "_error", "_error: Mail", "_error: Mobile", "_job"],
      [
        ...["Bob", "bob@", "'+49", "blue", "3", "Invalid email format"],
        ...['Mail: "bob@" is not an email address', 'Mobile: "+49" has fewer than 7 digits and is not a phone number', job.job_id],
      ],
      ["Cy", "", "", "green", "4", "Missing required identifier", "Mail: Missing required identifier", "", job.job_id],
      [
        ...["Eve", "eve@example", "12", "", "6", "Invalid email format"],
        ...['Mail: "eve@example" is not an email address', expect.stringMatching(/^Mobile: "12"/), job.job_id],
      ],
    ]);
  });

  it("comes back without a mapping: the preview suggests the one of its import, and what it brings in is open no more", async () => {
    const job = await importCsv(client, CSV, MAPPING);
    const mended = (await textOf(job)).replace("bob@;", "bob@example.com;");
    const { suggested_mapping, columns } = await previewOf(mended);
    expect(suggested_mapping).toEqual(MAPPING);
    expect(columns.map(({ target }) => target)).toEqual(["first_name", "_alias_email", "_alias_phone", "colour"]);
    expect(columns[0]?.reason).toBe("As in the import that these rows failed in");

    const again = await startAsSuggested(mended);
    expect(again).toMatchObject({ created_count: 1, failed_count: 2, open_failures: 2 });
    expect(await getJob(client, job.job_id)).toMatchObject({ created_count: 2, failed_count: 3, open_failures: 2 });
    // what failed twice counts down in both
    const third = await startAsSuggested(
      (await textOf(again)).replace("Cy;", "Cy;cy@example.com").replace("eve@example;", "eve@example.com;"),
    );
    expect(third).toMatchObject({ created_count: 2, failed_count: 0, open_failures: 0, errors_url: null });
    expect(await getJob(client, again.job_id)).toMatchObject({ failed_count: 2, open_failures: 0 });
    expect(await getJob(client, job.job_id)).toMatchObject({
      created_count: 2,
      failed_count: 3,
      open_failures: 0,
      completed_with_errors: true,
    });
  });

  it.each(["errors.csv", "errors.xlsx"])(
    "%s is started and planned with nothing but its file_id; any other file needs a mapping",
    async (name) => {
      const isBook = name.endsWith("xlsx");
      const original = isBook ? await workbook(Papa.parse<string[]>(CSV, { delimiter: ";" }).data) : CSV;
      const { file_id: first } = await previewOf(original, isBook ? "Leads.xlsx" : "leads.csv");
      const started = await client.post("/leads/import/start", { file_id: first, ...MAPPING });
      const job = await ended(client, (await started.json<{ job_id: string }>()).job_id);
      const { file_id } = await previewOf(await fetched(job.errors_url), name);
      const plan = await client.post("/leads/import/plan", { file_id });
      expect(plan.status, await plan.clone().text()).toBe(200);
      expect(await plan.json()).toMatchObject({ counts: { failed: 3 } });
      const again = await client.post("/leads/import/start", { file_id });
      expect(again.status, await again.clone().text()).toBe(202);
      expect(await ended(client, (await again.json<{ job_id: string }>()).job_id)).toMatchObject({ total_rows: 3, failed_count: 3 });
      for (const path of ["start", "plan"]) {
        const refused = await client.post(`/leads/import/${path}`, { file_id: first });
        expect((await readProblem(refused, 400)).detail).toMatch(/primary_identifier/);
      }
    },
  );

  it("counts a row once, however often it is brought in or its message delivered, and nothing of another unit or job", async () => {
    const job = await importCsv(client, CSV, MAPPING);
    const mended = (await textOf(job)).replace("bob@;", "bob@example.com;");
    await startAsSuggested(mended);
    const { file_id } = await previewOf(mended);
    const queue = heldQueue();
    await client.post("/leads/import/start", { file_id, ...MAPPING }, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
    for (let times = 0; times < 3; times++) await deliver(queue.sent[0]);
    expect(await getJob(client, job.job_id)).toMatchObject({ open_failures: 2 });
    const rowsOfNobody = mended.replaceAll(";3;Invalid", ";2;Invalid");
    await startAsSuggested(rowsOfNobody);
    expect(await getJob(client, job.job_id)).toMatchObject({ open_failures: 2 });
    const stranger = (await mintTenant()).client;
    await importCsv(stranger, mended.replace("Cy;", "Cy;cy@example.com"), MAPPING);
    expect(await getJob(client, job.job_id)).toMatchObject({ open_failures: 2 });
  });

  it("is a workbook when the upload was one, with text in every cell, and a mended one comes back alike", async () => {
    const book = await workbook(Papa.parse<string[]>(CSV, { delimiter: ";" }).data);
    const { file_id } = await previewOf(book, "Leads.xlsx");
    const start = await client.post("/leads/import/start", { file_id, ...MAPPING });
    const job = await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(job.errors_url).toBe(`/leads/import/jobs/${job.job_id}/errors.xlsx`);
    const answer = await client.get(job.errors_url ?? "");
    expect(answer.headers.get("Content-Type")).toBe("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    expect(answer.headers.get("Content-Disposition")).toBe("attachment; filename*=UTF-8''Leads-errors.xlsx");
    const rows = await sheetOf(new Uint8Array(await answer.arrayBuffer()));
    expect(rows[1]?.slice(0, 6)).toEqual(["Bob", "bob@", "+49", "blue", "3", "Invalid email format"]);
    rows[1]?.splice(1, 1, "bob@example.com");
    const mended = await workbook(rows);
    expect((await previewOf(mended, "Leads-errors.xlsx")).suggested_mapping).toEqual(MAPPING);
    expect(await startAsSuggested(mended, "Leads-errors.xlsx")).toMatchObject({ created_count: 1, failed_count: 2 });
    expect((await getJob(client, job.job_id)).open_failures).toBe(2);
  });

  it("of an import of events counts down as well", async () => {
    const job = await importEventsCsv(client, "event_type,email\nPage View,ann@example.com\nPage View,nobody\n");
    const show = async () => (await client.get(`/import/jobs/${job.job_id}`)).json<{ open_failures: number; errors_url: string }>();
    const { open_failures, errors_url } = await show();
    expect([open_failures, errors_url]).toEqual([1, `/import/jobs/${job.job_id}/errors.csv`]);
    const errors = new TextDecoder().decode(await fetched(errors_url));
    expect(errors).toContain("_error: email");
    await importEventsCsv(client, errors.replace("nobody", "bob@example.com"));
    expect((await show()).open_failures).toBe(0);
  });
});
