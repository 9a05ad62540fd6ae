/** The failed rows as a file that opens safely in a spreadsheet and can be sent in again. */
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import {
  CONTACTS_MAPPING,
  contactsCsv,
  deliver,
  deliverAll,
  ended,
  getJob,
  heldImport,
  importCsv,
  preview,
  startImport,
} from "../../support/imports";
import { basicClient, type Client, mintCredential, mintTenant } from "../../support/tenant";

const BY_EMAIL = { primary_identifier: { column: "Email", kind: "email" } };

async function errorsCsv(client: Client, jobId: string): Promise<string> {
  const answer = await client.get(`/leads/import/jobs/${jobId}/errors.csv`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
  return answer.text();
}

const tableOf = (csv: string): string[][] => Papa.parse<string[]>(csv, { skipEmptyLines: true }).data;

async function metadataOf(client: Client, kind: string, value: string): Promise<Record<string, unknown> | null> {
  const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
  return answer.status === 200 ? (await answer.json<{ metadata: Record<string, unknown> }>()).metadata : null;
}

describe("errors.csv", () => {
  it("has the failed rows with the original columns in original order, mapped or not, then the row, why it failed, and what is wrong with which cell", async () => {
    const { client } = await mintTenant();
    const csv = [
      "Note;Phone;Email;Unmapped;Phone",
      "first;555-0100;ann@example.com;a;",
      'second "quoted";555-0101;not-an-email;"semi;colon, comma";1',
      '"third\nline";call me;bob@example.com;ü;2',
      "short",
      "long;;;4;5;6;7",
    ].join("\r\n");
    const job = await importCsv(client, csv, { ...BY_EMAIL, alias_mappings: { Phone: "_alias_phone" }, strict: true });
    expect(job).toMatchObject({ created_count: 1, failed_count: 4 });
    expect(await errorsCsv(client, job.job_id)).toBe(
      [
        "Note;Phone;Email;Unmapped;Phone (2);_row;_error;_error: Phone;_error: Email;_job",
        `"second ""quoted""";555-0101;not-an-email;"semi;colon, comma";1;3;Invalid email format;;"Email: ""not-an-email"" is not an email address";${job.job_id}`,
        `"third\nline";call me;bob@example.com;ü;2;4;Invalid phone format;"Phone: ""call me"" is not a phone number";;${job.job_id}`,
        `short;;;;;5;Missing required identifier;;Email: Missing required identifier;${job.job_id}`,
        `long;;;4;5;6;Missing required identifier;;Email: Missing required identifier;${job.job_id}`,
        "",
      ].join("\r\n"),
    );
  });

  it("opens in Excel: a byte order mark, and the delimiter of the original", async () => {
    const { client } = await mintTenant();
    const { job_id } = await importCsv(client, "sep=;\nEmail;Name\nnobody;Jürgen\n", BY_EMAIL);
    const bytes = new Uint8Array(await (await client.get(`/leads/import/jobs/${job_id}/errors.csv`)).arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toBe(
      `Email;Name;_row;_error;_error: Email;_job\r\nnobody;Jürgen;3;Invalid email format;"Email: ""nobody"" is not an email address";${job_id}\r\n`,
    );
  });

  it("says why 20 rows of 50,000 failed", async () => {
    const { client } = await mintTenant();
    const lines = contactsCsv(50_000).split("\n");
    const reasons: Record<number, string> = {};
    for (let n = 0; n < 20; n++) {
      const row = 1000 + n * 2417;
      reasons[row] = ["Invalid email format", "Missing required identifier", "Invalid phone format", "Invalid email format"][n % 4] ?? "";
      lines[row - 1] =
        [`row${row}@,Broken,`, `,Nameless ${row},`, `row${row}@example.com,Broken,n/a`, `row ${row}@example.com,Broken,`][n % 4] ?? "";
    }
    const { job_id, message } = await heldImport(client, lines.join("\n"), { ...CONTACTS_MAPPING, strict: true });
    await deliverAll(message);
    expect(await getJob(client, job_id)).toMatchObject({
      status: "completed",
      total_rows: 50_000,
      created_count: 49_980,
      failed_count: 20,
    });
    const [header, ...rows] = tableOf(await errorsCsv(client, job_id));
    expect(header).toEqual(["Email", "First Name", "Phone", "_row", "_error", "_error: Email", "_error: Phone", "_job"]);
    expect(Object.fromEntries(rows.map((row) => [row[3], row[4]]))).toEqual(reasons);
    expect(rows.map((row) => Number(row[3]))).toEqual(
      Object.keys(reasons)
        .map(Number)
        .toSorted((a, b) => a - b),
    );
  });

  it("is just its header when no row failed, and before any has", async () => {
    const { client } = await mintTenant();
    const { job_id, message } = await heldImport(client, contactsCsv(3));
    const empty = "Email,First Name,Phone,_row,_error,_job\r\n";
    expect(await errorsCsv(client, job_id)).toBe(empty);
    await deliver(message);
    expect(await errorsCsv(client, job_id)).toBe(empty);
  });

  it("has the failed rows of every chunk, in file order, when all of them failed", async () => {
    const { client } = await mintTenant();
    const rows = Array.from({ length: 25_000 }, (_, n) => `nobody ${n}`);
    const { job_id, message } = await heldImport(client, `Email\n${rows.join("\n")}\n`, BY_EMAIL);
    await deliverAll(message);
    const [, ...shown] = tableOf(await errorsCsv(client, job_id));
    expect(shown).toHaveLength(25_000);
    expect(shown.every((row, n) => row[0] === `nobody ${n}` && row[1] === String(n + 2))).toBe(true);
  });

  it("is offered as a download named after the file, in the letters that RFC 8187 allows", async () => {
    const { client } = await mintTenant();
    const name = "Kontakte 'März' (1)*; 100%.csv";
    const file_id = await preview(client, "Email\nnobody\n", { name });
    const start = await client.post("/leads/import/start", { file_id, ...BY_EMAIL });
    const { job_id } = await start.json<{ job_id: string }>();
    const answer = await client.get(`/leads/import/jobs/${job_id}/errors.csv`);
    const header = answer.headers.get("Content-Disposition") ?? "";
    const sent = /^attachment; filename\*=UTF-8''(.*)$/.exec(header)?.[1] ?? "";
    expect(decodeURIComponent(sent)).toBe("Kontakte 'März' (1)*; 100%-errors.csv");
    expect(sent).toMatch(/^([\w!#$&+.^`|~-]|%[0-9A-F]{2})+$/);
  });

  it("a viewer may download it, another org unit may not", async () => {
    const { client, organization_id } = await mintTenant();
    const { job_id } = await importCsv(client, "Email\nnobody\n", BY_EMAIL);
    const viewer = basicClient(await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default", role: "viewer" }));
    expect(await errorsCsv(viewer, job_id)).toContain("nobody,2,Invalid email format");
    const stranger = (await mintTenant()).client;
    const answer = await stranger.get(`/leads/import/jobs/${job_id}/errors.csv`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: "Job ID does not exist or not accessible" });
  });
});

describe("the spreadsheet guard", () => {
  const CELLS = ["=1+1", "+49 30 901820", "-x", "@y", "'=quoted", "''@twice", "'plain", "a=b", " =space", '=HYPERLINK("http://x","y")'];
  const fieldsOf = [
    "notes",
    "company",
    "title",
    "source",
    "industry",
    "country",
    "business_id",
    "referring_employee",
    "first_name",
    "last_name",
  ];
  const columns = CELLS.map((_, n) => `C${n}`);
  const line = (cells: string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  const csv = `Email,Ref,${columns.join(",")}\n${line(["nobody", "R-1", ...CELLS])}\n`;
  const field_mappings = Object.fromEntries(columns.map((column, n) => [column, fieldsOf[n] ?? ""]));

  it("stands before every cell that a spreadsheet would run, and headers too", async () => {
    const { client } = await mintTenant();
    const job = await importCsv(client, `Email,=cmd,-x\n${line(["@nobody", "=1+1", "+49 30"])}\n`, BY_EMAIL);
    const [header, row] = tableOf(await errorsCsv(client, job.job_id));
    expect(header).toEqual(["Email", "'=cmd", "'-x", "_row", "_error", "_error: Email", "_job"]);
    expect(row?.slice(0, 5)).toEqual(["'@nobody", "'=1+1", "'+49 30", "2", "Invalid email format"]);
  });

  it("comes off when the file is sent in again: the profile gets the cells as they were", async () => {
    const { client } = await mintTenant();
    const failed = await importCsv(client, csv, { ...BY_EMAIL, field_mappings });
    expect(failed).toMatchObject({ failed_count: 1 });
    const returned = await errorsCsv(client, failed.job_id);
    for (const cell of tableOf(returned)[1] ?? []) expect(cell).not.toMatch(/^[=+\-@]/);
    const again = await importCsv(client, returned, { primary_identifier: { column: "Ref", kind: "external_id" }, field_mappings });
    expect(again).toMatchObject({ created_count: 1, failed_count: 0 });
    expect(await metadataOf(client, "external_id", "R-1")).toEqual(Object.fromEntries(CELLS.map((cell, n) => [fieldsOf[n], cell.trim()])));
  });

  it("does not pile up, nor do our own columns, however often a file goes round", async () => {
    const { client } = await mintTenant();
    const first = await importCsv(client, `=Note,${csv.split("\n")[0]}\n-1,${csv.split("\n")[1]}\n`, BY_EMAIL);
    const once = await errorsCsv(client, first.job_id);
    const second = await importCsv(client, once, BY_EMAIL);
    expect(second).toMatchObject({ failed_count: 1, errors: [{ row: 2, value: "nobody" }] });
    expect(await errorsCsv(client, second.job_id)).toBe(once.replace(first.job_id, `${second.job_id} ${first.job_id}:2`));
  });

  it("a mended file is imported as it is, and the preview shows its cells without the guard", async () => {
    const { client } = await mintTenant();
    const job = await importCsv(client, "Email,First Name,Phone\nann@example,=Ann,+49 30 901820\nbob@example.com,Bob,n/a\n", {
      ...CONTACTS_MAPPING,
      strict: true,
    });
    const mended = (await errorsCsv(client, job.job_id)).replace("ann@example,", "ann@example.com,").replace("n/a", "+49 30 901821");
    const id = await startImport(client, mended, CONTACTS_MAPPING);
    expect(id).not.toBe(job.job_id);
    const again = await importCsv(client, mended, CONTACTS_MAPPING);
    expect(again).toMatchObject({ status: "completed", total_rows: 2, failed_count: 0 });
    expect(await metadataOf(client, "phone", "+4930901820")).toEqual({ first_name: "=Ann" });
    expect(await metadataOf(client, "phone", "+4930901821")).toEqual({ first_name: "Bob" });
  });

  it("comes off where semicolons fill the cells too: the file is read by the commas it was written with", async () => {
    const { client } = await mintTenant();
    const csv = `Email\tA;B;C;D;E;F\n${Array.from({ length: 5 }, (_, n) => `nobody ${n}\t1;2;3;4;5;${n}\n`).join("")}`;
    const file_id = await preview(client, csv, { fields: { delimiter: "tab" } });
    const start = await client.post("/leads/import/start", { file_id, ...BY_EMAIL });
    const job = await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(job).toMatchObject({ failed_count: 5 });
    const again = await importCsv(client, await errorsCsv(client, job.job_id), BY_EMAIL);
    expect(again).toMatchObject({ total_rows: 5, failed_count: 5, errors: [{ value: "nobody 0" }, {}, {}, {}, {}] });
  });
});
