/** Files that are no CSV, previewed and imported like one. */
import { describe, expect, it } from "vitest";
import { bytesSource, readXlsx, writeXlsx } from "../../../src/core/spreadsheets";
import { csvForm, ended } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

type Preview = {
  file_id: string;
  headers: string[];
  sample_rows: string[][];
  row_count: number;
  header_row: number;
  format: string;
  sheets: string[];
  suggested_mapping: object | null;
};

const HEADERS = ["Email", "First Name", "Phone", "Code"];
const ROWS = [
  ["ann@example.com", "Ann", "+4915123456789", "007"],
  ["bob@example.com", "Bob", "N/A", "=1+1"],
];
const xlsx = async (rows = ROWS, sheet = "People"): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(
      writeXlsx(
        HEADERS,
        rows.map((cells) => ({ cells })),
        { sheet },
      ),
    ).arrayBuffer(),
  );

const upload = (client: Client, bytes: Uint8Array | string, name: string, fields: Record<string, string> = {}) =>
  client.call("POST", "/leads/import/preview", { body: csvForm(bytes, { name, fields }) });

async function importAsSuggested(client: Client, { file_id, suggested_mapping }: Preview) {
  const start = await client.post("/leads/import/start", { file_id, ...suggested_mapping });
  expect(start.status).toBe(202);
  return ended(client, (await start.json<{ job_id: string }>()).job_id);
}

async function profileOf(client: Client, email: string): Promise<Record<string, unknown>> {
  const answer = await client.get(`/lead/by-alias?kind=email&value=${email}`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ metadata: Record<string, unknown> }>()).metadata;
}

const JSON_ROWS = ROWS.map((cells) => Object.fromEntries(cells.map((cell, at) => [HEADERS[at], cell])));
const VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lee;Ann\r\nFN:Ann Lee\r\nEMAIL:ann@example.com\r\nTEL:+4915123456789\r\nEND:VCARD\r\n";
const FILES: [format: string, name: string, content: () => Promise<Uint8Array> | string][] = [
  ["xlsx", "leads.xlsx", () => xlsx()],
  ["json", "leads.json", () => JSON.stringify(JSON_ROWS)],
  ["ndjson", "leads.ndjson", () => JSON_ROWS.map((row) => JSON.stringify(row)).join("\n")],
  ["csv", "leads.txt", () => [HEADERS, ...ROWS].map((cells) => cells.join("\t")).join("\n")],
];

describe("a file is read by its content", () => {
  it.each(FILES)("%s: %s", async (format, name, content) => {
    const { client } = await mintTenant();
    const answer = await upload(client, await content(), name);
    expect(answer.status).toBe(200);
    const preview = await answer.json<Preview>();
    expect(preview).toMatchObject({ format, headers: HEADERS, row_count: 2, sample_rows: ROWS });
    expect(await importAsSuggested(client, preview)).toMatchObject({ status: "completed", created_count: 2, failed_count: 0 });
    expect(await profileOf(client, "bob@example.com")).toMatchObject({ first_name: "Bob" });
    expect((await client.get("/lead/by-alias?kind=phone&value=%2B4915123456789")).status).toBe(200);
  });

  it("a vCard is one row a card", async () => {
    const { client } = await mintTenant();
    const preview = await (await upload(client, VCARD, "contacts.vcf")).json<Preview>();
    expect(preview).toMatchObject({ format: "vcard", row_count: 1 });
    expect(await importAsSuggested(client, preview)).toMatchObject({ created_count: 1, failed_count: 0 });
    expect(await profileOf(client, "ann@example.com")).toMatchObject({ last_name: "Lee" });
  });

  it("errors name the rows as the workbook shows them", async () => {
    const { client } = await mintTenant();
    const preview = await (
      await upload(
        client,
        await xlsx([
          ["", "", "", ""],
          ["nobody", "", "", ""],
        ]),
        "leads.xlsx",
      )
    ).json<Preview>();
    const start = await client.post("/leads/import/start", {
      file_id: preview.file_id,
      primary_identifier: { column: "Email", kind: "email" },
    });
    const job = await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(job.errors).toEqual([{ row: 3, error: "Invalid email format", value: "nobody", column: "Email" }]);
  });
});

describe("the sheet of a workbook", () => {
  it("is chosen by its name or its position, and a wrong one is a 400 that lists the sheets", async () => {
    const { client } = await mintTenant();
    const bytes = await xlsx(ROWS, "Leads 2026");
    for (const sheet of ["Leads 2026", "leads 2026", "1"]) {
      expect(await (await upload(client, bytes, "leads.xlsx", { sheet })).json<Preview>()).toMatchObject({ sheets: ["Leads 2026"] });
    }
    for (const sheet of ["2", "Other"]) {
      const answer = await upload(client, bytes, "leads.xlsx", { sheet });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("Leads 2026");
    }
  });
});

describe("what is not read is refused with advice", () => {
  it.each([
    [
      "an old workbook",
      "leads.xls",
      new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...new Uint8Array(600)]),
      "save it as .xlsx",
    ],
    ["a web page", "leads.xls", "<html><table><tr><td>Email</td></tr></table></html>", ".xlsx"],
    ["CSV named as a workbook", "leads.xlsx", "Email\nann@example.com\n", ".csv"],
  ])("%s", async (_, name, content, advice) => {
    const { client } = await mintTenant();
    const answer = await upload(client, content, name);
    expect(answer.status).toBe(415);
    const { detail } = await answer.json<{ detail: string }>();
    expect(detail).toContain("File must be CSV");
    expect(detail).toContain(advice);
  });

  it("a workbook that is cut off is a 400", async () => {
    const { client } = await mintTenant();
    const bytes = await xlsx();
    expect((await readXlsx(bytesSource(bytes))).ok).toBe(true);
    const answer = await upload(client, bytes.subarray(0, bytes.length - 200), "leads.xlsx");
    expect(answer.status).toBe(400);
  });
});
