/** Large files arrive in parts, in any order and more than once, and are imported like any other. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sheetXml, workbookFiles } from "../../core/spreadsheets/workbooks";
import { zipOf } from "../../core/spreadsheets/zip";
import { CONTACTS_MAPPING, contactsCsv, cronTick, deliverAll, ended, getJob, heldQueue, interceptedD1 } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const LARGE_TIMEOUT_MS = 120_000;
type Upload = {
  upload_id: string;
  part_size: number;
  part_count: number;
  parts: { part_no: number; size: number }[];
  file_id: string | null;
};
type Preview = {
  file_id: string;
  row_count: number;
  headers: string[];
  encoding: string;
  suggested_mapping: object;
  sample_rows: string[][];
  warnings: string[];
};

let client: Client;
beforeEach(async () => {
  ({ client } = await mintTenant());
});
afterEach(() => void vi.useRealTimers());

async function begin(bytes: Uint8Array, file_name = "leads.csv"): Promise<Upload> {
  const answer = await client.post("/leads/import/uploads", { file_name, size: bytes.length });
  expect(answer.status).toBe(201);
  return answer.json<Upload>();
}

const put = ({ upload_id }: Upload, no: number | string, body: Uint8Array, as = client) =>
  as.call("PUT", `/leads/import/uploads/${upload_id}/parts/${no}`, { body: body as Uint8Array<ArrayBuffer> });
const partOf = (bytes: Uint8Array, { part_size }: Upload, no: number) => bytes.slice((no - 1) * part_size, no * part_size);
const complete = ({ upload_id }: Upload) => client.call("POST", `/leads/import/uploads/${upload_id}/complete`, {});

async function send(bytes: Uint8Array, file_name?: string): Promise<Upload> {
  const upload = await begin(bytes, file_name);
  for (let no = upload.part_count; no >= 1; no--) expect((await put(upload, no, partOf(bytes, upload, no))).status).toBe(200);
  return upload;
}

/** More than 10 MB: long notes, quoted over two lines, and Windows line ends. */
function largeCsv(rows: number): string {
  const note = `"${"so much to say ".repeat(60)}\r\nand more"`;
  const lines = ["Email,First Name,Note"];
  for (let n = 0; n < rows; n++) lines.push(`p${n}@example.com,Zoë ${n},${note}`);
  return `${lines.join("\r\n")}\r\n`;
}

describe("a file over 10 MB", { timeout: LARGE_TIMEOUT_MS }, () => {
  it("is previewed with all its rows, and imported row by row", async () => {
    const bytes = new TextEncoder().encode(largeCsv(12_000));
    expect(bytes.length).toBeGreaterThan(10 * 1024 * 1024);
    const answer = await complete(await send(bytes));
    expect(answer.status).toBe(200);
    const preview = await answer.json<Preview>();
    expect(preview).toMatchObject({ row_count: 12_000, headers: ["Email", "First Name", "Note"], encoding: "utf-8" });
    expect(preview.sample_rows[0]?.slice(0, 2)).toEqual(["p0@example.com", "Zoë 0"]);
    expect(preview.suggested_mapping).toMatchObject({ primary_identifier: { column: "Email", kind: "email" } });
    const mapping = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { "First Name": "first_name" } };
    const started = await client.post("/leads/import/start", { file_id: preview.file_id, ...mapping });
    const job = await ended(client, (await started.json<{ job_id: string }>()).job_id);
    expect(job).toMatchObject({ status: "completed", created_count: 12_000, failed_count: 0 });
    const lead = await client.get("/lead/by-alias?kind=email&value=p11999@example.com");
    expect(await lead.json()).toMatchObject({ metadata: { first_name: "Zoë 11999" } });
  });

  it("whose completion fails at its end is the same file after a retry, and an hour later a running job still has it", async () => {
    const upload = await send(new TextEncoder().encode(largeCsv(12_000)));
    const DB = interceptedD1(async ({ statements }, run) => {
      if (statements.some(({ text }) => text.startsWith("UPDATE import_uploads"))) throw new Error("D1_ERROR: lost");
      return run();
    });
    const path = `/leads/import/uploads/${upload.upload_id}/complete`;
    expect((await client.call("POST", path, { bindings: { DB } })).status).toBeGreaterThanOrEqual(500);
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(now + HOUR_MS / 2);
    const { file_id } = await (await complete(upload)).json<Preview>();
    const { results } = await env.DB.prepare(
      "SELECT file_id FROM import_files WHERE object_key = (SELECT object_key FROM import_uploads WHERE upload_id = ?1)",
    )
      .bind(upload.upload_id)
      .all();
    expect(results).toEqual([{ file_id }]);
    const { IMPORT_QUEUE, sent } = heldQueue();
    const mapping = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { "First Name": "first_name" } };
    const started = await client.post("/leads/import/start", { file_id, ...mapping }, { bindings: { IMPORT_QUEUE } });
    vi.setSystemTime(now + HOUR_MS + 120_000);
    await cronTick("*/10 * * * *");
    await deliverAll(sent[0] as object);
    const { job_id } = await started.json<{ job_id: string }>();
    expect(await getJob(client, job_id)).toMatchObject({ status: "completed", created_count: 12_000 });
  });

  it("that cannot be read says what is wrong with it", async () => {
    const zip = new Uint8Array(11 * 1024 * 1024);
    zip.set([0x50, 0x4b, 0x03, 0x04]);
    expect((await readProblem(await complete(await send(zip, "leads.xlsx")), 400)).detail).toMatch(/damaged or was cut off/);
    expect((await readProblem(await complete(await send(zip, "leads.ods")), 413)).detail).toMatch(/an .ods file may have 2,000,000 bytes/);
    await readProblem(await complete(await send(zip, "leads.zip")), 415);
    const text = `${largeCsv(12_000)}"never closed,x,y\r\n`;
    const upload = await send(new TextEncoder().encode(text));
    expect((await readProblem(await complete(upload), 400)).detail).toMatch(/quote/);
  });

  it("says what has not been counted, and leaves out the footer", async () => {
    const answer = await complete(await send(new TextEncoder().encode(`${largeCsv(12_000)}Total,12000,\r\n`)));
    const { row_count, warnings } = await answer.json<Preview>();
    expect(row_count).toBe(12_000);
    expect(warnings.join("\n")).toMatch(
      /Row 12002 \("Total"\) is a total or footer and is skipped\n.*not yet which of their cells are invalid/,
    );
  });

  it("whose encoding its beginning does not tell is read in the encoding of what follows", async () => {
    const plain = new TextEncoder().encode(largeCsv(12_000).replaceAll("ë", "e"));
    const names = Array.from({ length: 200 }, (_, n) => `q${n}@example.com,Zoë Müller ${n},größer\r\n`).join("");
    const latin = Uint8Array.from(names, (letter) => letter.charCodeAt(0));
    const bytes = new Uint8Array(plain.length + latin.length);
    bytes.set(plain);
    bytes.set(latin, plain.length);
    const preview = await (await complete(await send(bytes))).json<Preview>();
    expect(preview).toMatchObject({ row_count: 12_200, encoding: "windows-1252" });
    const mapping = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { "First Name": "first_name" } };
    const started = await client.post("/leads/import/start", { file_id: preview.file_id, ...mapping });
    await ended(client, (await started.json<{ job_id: string }>()).job_id);
    const lead = await client.get("/lead/by-alias?kind=email&value=q199@example.com");
    expect(await lead.json()).toMatchObject({ metadata: { first_name: "Zoë Müller 199" } });
  });
});

describe("a file over 10 MB in another format", { timeout: LARGE_TIMEOUT_MS }, () => {
  const people = Array.from({ length: 60_000 }, (_, n) => ({ Email: `p${n}@example.com`, Phone: `+12${String(n + 1).padStart(9, "0")}` }));
  const filler = "x".repeat(150);
  const card = ({ Email, Phone }: (typeof people)[number]) =>
    `BEGIN:VCARD\r\nEMAIL:${Email}\r\nTEL:${Phone}\r\nNOTE:${filler}\r\nEND:VCARD\r\n`;

  it.each([
    ["people.ndjson", "ndjson", () => people.map((person) => `${JSON.stringify({ ...person, Note: filler })}\n`).join("")],
    ["people.json", "json", () => JSON.stringify(people.map((person) => ({ ...person, Note: filler })))],
    ["people.vcf", "vcard", () => people.map(card).join("")],
    ["people.txt", "csv", () => `Email\tPhone\tNote\n${people.map(({ Email, Phone }) => `${Email}\t${Phone}\t${filler}\n`).join("")}`],
  ])("%s is converted and counted", async (name, format, content) => {
    const bytes = new TextEncoder().encode(content());
    expect(bytes.length).toBeGreaterThan(10 * 1024 * 1024);
    const preview = await (await complete(await send(bytes, name))).json<Preview>();
    expect(preview).toMatchObject({ row_count: people.length, format });
    expect(preview.headers).toEqual(expect.arrayContaining(["Email", "Phone"]));
    expect(preview.suggested_mapping).toMatchObject({ primary_identifier: { column: "Email", kind: "email" } });
    const { results } = await env.DB.prepare("SELECT object_key FROM import_files WHERE file_id = ?1").bind(preview.file_id).all();
    const copy = await (await env.FILES.get(String(results[0]?.object_key)))?.text();
    expect(copy?.split("\n").filter((line) => line.includes("@"))).toHaveLength(people.length);
    expect(copy).toContain(people.at(-1)?.Email);
  });

  it("a workbook is read sheet by sheet, from R2 alone", async () => {
    // stored without compression, so that few rows are large
    const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
    const rows = [["Email", "Note"], ...people.slice(0, 6_000).map(({ Email }) => [Email, "x".repeat(2_000)])];
    const xml = sheetXml(rows.map((cells) => `<row>${cells.map(cell).join("")}</row>`).join(""));
    const files = workbookFiles({ sheets: [{ name: "Sheet1", xml }] });
    const bytes = zipOf(files.map((file) => ({ ...file, stored: true })));
    expect(bytes.length).toBeGreaterThan(10 * 1024 * 1024);
    const preview = await (await complete(await send(bytes, "people.xlsx"))).json<Preview>();
    expect(preview).toMatchObject({ row_count: 6_000, format: "xlsx", sheets: ["Sheet1"], headers: ["Email", "Note"] });
    expect(preview.sample_rows[0]?.[0]).toBe("p0@example.com");
  });
});

describe("an upload in parts", () => {
  const bytes = new TextEncoder().encode(contactsCsv(100));

  it("of a small file is previewed as if it had been sent at once", async () => {
    const answer = await complete(await send(bytes));
    const preview = await answer.json<Preview>();
    expect(preview.row_count).toBe(100);
    const started = await client.post("/leads/import/start", { file_id: preview.file_id, ...CONTACTS_MAPPING });
    expect(started.status).toBe(202);
  });

  it("lists the parts that are present, takes one again, and names those that are missing", async () => {
    const large = new Uint8Array(9 * 1024 * 1024).fill(97);
    const upload = await begin(large);
    expect(upload).toMatchObject({ part_count: 2, parts: [], file_id: null });
    for (let turn = 0; turn < 2; turn++) expect((await put(upload, 2, partOf(large, upload, 2))).status).toBe(200);
    const { parts } = await (await client.get(`/leads/import/uploads/${upload.upload_id}`)).json<Upload>();
    expect(parts).toEqual([{ part_no: 2, size: large.length - upload.part_size }]);
    expect((await readProblem(await complete(upload), 409)).detail).toBe("Parts are missing: 1");
  });

  it("refuses what is no part of it, by name", async () => {
    const upload = await begin(bytes);
    expect((await readProblem(await put(upload, 2, bytes), 400)).detail).toMatch(/part_no: must be a whole number from 1 to 1/);
    await readProblem(await put(upload, 0, bytes), 400);
    await readProblem(await put(upload, "x", bytes), 400);
    expect((await readProblem(await put(upload, 1, bytes.slice(1)), 400)).detail).toMatch(/must be \d+ bytes \(got \d+\)/);
    await readProblem(await put(upload, 1, new Uint8Array(upload.part_size + 1)), 413);
    await readProblem(await put({ ...upload, upload_id: "upl_0" }, 1, bytes), 404);
    await readProblem(await put(upload, 1, bytes, (await mintTenant()).client), 404);
    await readProblem(await client.post("/leads/import/uploads", { file_name: "a.csv", size: 200 * 1024 * 1024 + 1 }), 413);
    for (const size of [0, 1.5, "9", null])
      await readProblem(await client.post("/leads/import/uploads", { file_name: "a.csv", size }), 400);
    for (const file_name of ["", "a\0b.csv", "\ud800.csv"]) {
      const { errors } = await readProblem(await client.post("/leads/import/uploads", { file_name, size: 5 }), 400);
      expect(errors).toMatchObject([{ path: "file_name" }]);
    }
  });

  it("is completed once; aborted, it is gone", async () => {
    const upload = await send(bytes);
    const { file_id } = await (await complete(upload)).json<Preview>();
    expect((await readProblem(await complete(upload), 409)).detail).toContain(file_id);
    await readProblem(await put(upload, 1, bytes), 409);
    const other = await send(bytes);
    expect((await client.call("DELETE", `/leads/import/uploads/${other.upload_id}`, {})).status).toBe(204);
    await readProblem(await complete(other), 404);
  });

  it("keeps its object while any file holds it", async () => {
    const { file_id } = await (await complete(await send(bytes))).json<Preview>();
    await env.DB.prepare(
      `INSERT INTO import_files (unit, file_id, object_key, file_name, headers, delimiter, guarded, row_count, chunks, created_at, expires_at, keep_until)
       SELECT unit, 'preview_0', object_key, file_name, headers, delimiter, guarded, row_count, chunks, 0, 0, 0 FROM import_files WHERE file_id = ?1`,
    )
      .bind(file_id)
      .run();
    await cronTick("*/10 * * * *");
    expect(await env.DB.prepare("SELECT 1 FROM import_files WHERE file_id = 'preview_0'").first()).toBeNull();
    const started = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING });
    expect(await ended(client, (await started.json<{ job_id: string }>()).job_id)).toMatchObject({
      status: "completed",
      created_count: 100,
    });
  });

  it("that was abandoned is removed after 24 hours", async () => {
    const upload = await send(bytes);
    const row = await env.DB.prepare("SELECT unit, raw_key FROM import_uploads WHERE upload_id = ?1").bind(upload.upload_id).first();
    expect(row).not.toBeNull();
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(now + DAY_MS + 1000);
    await cronTick("*/10 * * * *");
    await readProblem(await client.get(`/leads/import/uploads/${upload.upload_id}`), 404);
    expect((await env.FILES.list({ prefix: `imports/${row?.unit}/${upload.upload_id}/` })).objects).toEqual([]);
  });
});
