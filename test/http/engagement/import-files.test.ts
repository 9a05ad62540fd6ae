/** What may be uploaded to the preview, and what every odd file of the corpus is answered. */
import { describe, expect, it } from "vitest";
import { repeated, utf8, windows1252 } from "../../fixtures/csv/bytes";
import { CORPUS, type CsvExpectation } from "../../fixtures/csv/corpus";
import { encoded } from "../../fixtures/csv/encoded";
import { CONTACTS_MAPPING, contactsCsv, csvForm, ended } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

const LARGE_FILE_TIMEOUT_MS = 60_000;
const MEGABYTE = 1024 * 1024;

type Preview = {
  file_id: string;
  file_name: string;
  headers: string[];
  sample_rows: string[][];
  row_count: number;
  auto_detected_identifiers: { email_columns: string[]; phone_columns: string[] };
  delimiter: string;
  encoding: string;
  encoding_confidence: number;
  header_row: number;
  encoding_alternatives: { encoding: string; confidence: number; samples: string[] }[];
  warnings: string[];
};

const upload = (client: Client, ...file: Parameters<typeof csvForm>): Promise<Response> =>
  client.call("POST", "/leads/import/preview", { body: csvForm(...file) });

async function shown(answer: Response): Promise<Preview> {
  expect(answer.status).toBe(200);
  return answer.json<Preview>();
}

async function refusal(answer: Response, status: number): Promise<{ detail: string; errors?: { path: string; message: string }[] }> {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  const body = await answer.json<{ status: number; detail: string }>();
  expect(body.status).toBe(status);
  return body;
}

describe("every file of the corpus gets its answer from the preview", () => {
  for (const { name, bytes, expect: expected } of CORPUS) {
    it(
      name,
      async () => {
        const { client } = await mintTenant();
        await check(await upload(client, bytes()), expected);
      },
      LARGE_FILE_TIMEOUT_MS,
    );
  }

  async function check(answer: Response, expected: CsvExpectation): Promise<void> {
    if ("problem" in expected) {
      const { detail } = await refusal(answer, expected.problem === "binary" ? 415 : 400);
      expect(detail).toContain(expected.detail);
      return;
    }
    const { first_rows, warnings = [], email_columns, phone_columns, ...exact } = expected;
    const preview = await shown(answer);
    expect(preview).toMatchObject(exact);
    expect(preview.warnings).toEqual(warnings.map((fragment) => expect.stringContaining(fragment)));
    expect(preview.sample_rows.length).toBe(Math.min(5, expected.row_count));
    if (first_rows) expect(preview.sample_rows.slice(0, first_rows.length)).toEqual(first_rows);
    if (email_columns) expect(preview.auto_detected_identifiers.email_columns).toEqual(email_columns);
    if (phone_columns) expect(preview.auto_detected_identifiers.phone_columns).toEqual(phone_columns);
  }
});

describe("the form around the file", () => {
  it("delimiter overrides what was detected, by character or by name", async () => {
    const { client } = await mintTenant();
    const csv = "a,b;c|d\te\n1,2;3|4\t5\n";
    const headers: Record<string, string[]> = {
      ",": ["a", "b;c|d\te"],
      ";": ["a,b", "c|d\te"],
      "|": ["a,b;c", "d\te"],
      "\t": ["a,b;c|d", "e"],
      tab: ["a,b;c|d", "e"],
      semicolon: ["a,b", "c|d\te"],
      Comma: ["a", "b;c|d\te"],
      pipe: ["a,b;c", "d\te"],
    };
    for (const [delimiter, expected] of Object.entries(headers)) {
      expect((await shown(await upload(client, csv, { fields: { delimiter } }))).headers).toEqual(expected);
    }
  });

  it("encoding overrides what was detected", async () => {
    const { client } = await mintTenant();
    const bytes = windows1252("Name\nZoé\n");
    expect(await shown(await upload(client, bytes, { fields: { encoding: "Windows-1252" } }))).toMatchObject({
      encoding: "windows-1252",
      sample_rows: [["Zoé"]],
      warnings: [],
    });
    const forced = await shown(await upload(client, bytes, { fields: { encoding: "utf-8" } }));
    expect(forced).toMatchObject({ encoding: "utf-8", sample_rows: [["Zo\uFFFD"]] });
    expect(forced.warnings).toEqual([expect.stringContaining("UTF-8")]);
  });

  it("encoding takes the spellings that people use", async () => {
    const { client } = await mintTenant();
    const spelt: Record<string, string> = { latin1: "windows-1252", CP1250: "windows-1250", sjis: "shift_jis", gbk: "gb18030" };
    for (const [encoding, expected] of Object.entries(spelt)) {
      expect(await shown(await upload(client, contactsCsv(1), { fields: { encoding } }))).toMatchObject({ encoding: expected });
    }
  });

  it("the answer says how sure the encoding is and shows the next likely ones", async () => {
    const { client } = await mintTenant();
    expect(await shown(await upload(client, "Name\nZoë\n"))).toMatchObject({ encoding_confidence: 1, encoding_alternatives: [] });
    const polish = encoded("Imię;Nazwisko\nPaweł;Wiśniewski\nMichał;Wójcik\n", "windows-1250");
    const preview = await shown(await upload(client, polish));
    expect(preview).toMatchObject({ encoding: "windows-1250", warnings: [] });
    expect(preview.encoding_confidence).toBeGreaterThan(0.7);
    const western = preview.encoding_alternatives.find(({ encoding }) => encoding === "windows-1252");
    expect(western?.samples).toEqual(["Imiê", "Pawe³", "Wiœniewski"]);
    expect(western?.confidence).toBeLessThan(preview.encoding_confidence);
  });

  it("header_row overrides what was found, and the answer says which row it is", async () => {
    const { client } = await mintTenant();
    const csv = "Table 1,\nEmail,Name\nann@example.com,Ann\n";
    const found = await shown(await upload(client, csv));
    expect(found).toMatchObject({ headers: ["Email", "Name"], header_row: 2, row_count: 1 });
    expect(found.warnings).toEqual(["Header found in row 2; 1 row above it is skipped"]);
    expect(await shown(await upload(client, csv, { fields: { header_row: "1" } }))).toMatchObject({
      headers: ["Table 1", "Column 2"],
      header_row: 1,
      row_count: 2,
    });
    expect(await shown(await upload(client, csv, { fields: { header_row: "0" } }))).toMatchObject({
      headers: ["Column 1", "Column 2"],
      header_row: 0,
      row_count: 3,
      warnings: [],
    });
    const { detail } = await refusal(await upload(client, csv, { fields: { header_row: "9" } }), 400);
    expect(detail).toBe("Invalid CSV: header_row is 9, the file has 3 rows");
  });

  it("tab-separated text needs no word", async () => {
    const { client } = await mintTenant();
    const preview = await shown(
      await upload(client, "Email\tName\nann@example.com\tLee, Ann\n", { name: "leads.txt", type: "text/plain" }),
    );
    expect(preview).toMatchObject({ headers: ["Email", "Name"], delimiter: "\t", file_name: "leads.txt" });
  });

  it("a wrong value is a 400 that names the field and what it takes", async () => {
    const { client } = await mintTenant();
    const wrong: [string, string, RegExp][] = [
      ["delimiter", "#", /must be one of/],
      ["delimiter", ",,", /must be one of/],
      ["encoding", "latin-9", /utf-8, utf-16le, utf-16be, windows-1252/],
      ["header_row", "-1", /number of a row/],
      ["header_row", "two", /number of a row/],
      ["header_row", "1.5", /number of a row/],
      ["default_region", "USA", /two letters/],
      ["default_region", "1", /two letters/],
    ];
    for (const [name, value, message] of wrong) {
      const { errors } = await refusal(await upload(client, contactsCsv(1), { fields: { [name]: value } }), 400);
      expect(errors).toEqual([{ path: name, message: expect.stringMatching(message) }]);
    }
  });

  it("a missing file is a 400 that says where it belongs", async () => {
    const { client } = await mintTenant();
    const named = new FormData();
    named.set("upload", new File([contactsCsv(1)], "leads.csv"));
    const text = new FormData();
    text.set("file", contactsCsv(1));
    for (const body of [new FormData(), named, text]) {
      if ([...body.keys()].length === 0) body.set("delimiter", ",");
      const { errors } = await refusal(await client.call("POST", "/leads/import/preview", { body }), 400);
      expect(errors?.map(({ path }) => path)).toContain("file");
    }
  });

  it("two files in one form are a 400, not one of them", async () => {
    const { client } = await mintTenant();
    const body = csvForm(contactsCsv(1));
    body.append("file", new File([contactsCsv(2)], "more.csv"));
    await refusal(await client.call("POST", "/leads/import/preview", { body }), 400);
  });

  it("anything that is not a multipart form is a 415, a broken one a 400", async () => {
    const { client } = await mintTenant();
    const send = (body: BodyInit | undefined, type: string) =>
      client.call("POST", "/leads/import/preview", { ...(body === undefined ? {} : { body }), headers: { "Content-Type": type } });
    await refusal(await send(JSON.stringify({ file: contactsCsv(1) }), "application/json"), 415);
    await refusal(await send(contactsCsv(1), "text/csv"), 415);
    await refusal(await send("file=x", "application/x-www-form-urlencoded"), 415);
    await refusal(await client.call("POST", "/leads/import/preview"), 415);
    await refusal(await send("--x\r\nnot a form", "multipart/form-data; boundary=x"), 400);
    await refusal(await send("--x\r\nnot a form", "multipart/form-data"), 400);
    await refusal(await send(undefined, "multipart/form-data; boundary=x"), 400);
  });
});

describe("size", () => {
  it(
    "a file of exactly 10 MB is taken, one byte more is not",
    async () => {
      const { client } = await mintTenant();
      const full = repeated("n\n", `${"x".repeat(99)}\n`, 104_857);
      const exact = new Uint8Array(10 * MEGABYTE).fill(0x0a);
      exact.set(full);
      expect((await shown(await upload(client, exact))).row_count).toBe(104_857);
      const over = new Uint8Array(exact.length + 1).fill(0x0a);
      over.set(exact);
      expect((await refusal(await upload(client, over), 413)).detail).toBe("File exceeds the 10 MB limit");
    },
    LARGE_FILE_TIMEOUT_MS,
  );

  it("an upload that says it is larger is refused before it is read", async () => {
    const { client } = await mintTenant();
    let read = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    const answer = await client.call("POST", "/leads/import/preview", {
      body,
      headers: { "Content-Length": String(20 * MEGABYTE), "Content-Type": "multipart/form-data; boundary=x" },
    });
    expect((await refusal(answer, 413)).detail).toBe("File exceeds the 10 MB limit");
    expect(read).toBeLessThan(10);
  });

  it("an upload that does not say how large it is is read no further than the limit and a bounded rest", async () => {
    const { client } = await mintTenant();
    let sent = 0;
    const head = utf8('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nEmail\n');
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = sent === 0 ? head : new Uint8Array(MEGABYTE).fill(0x61);
        sent += piece.length;
        controller.enqueue(piece);
      },
    });
    const answer = await client.call("POST", "/leads/import/preview", {
      body,
      headers: { "Content-Type": "multipart/form-data; boundary=x" },
    });
    expect((await refusal(answer, 413)).detail).toBe("File exceeds the 10 MB limit");
    expect(sent).toBeLessThan(30 * MEGABYTE);
  });

  it(
    "a file of 1 million tiny rows is previewed and can be started",
    async () => {
      const { client } = await mintTenant();
      const preview = await shown(await upload(client, repeated("n\n", "1\n", 1_000_000)));
      expect(preview).toMatchObject({ headers: ["n"], row_count: 1_000_000, sample_rows: [["1"], ["1"], ["1"], ["1"], ["1"]] });
      const IMPORT_QUEUE = { send: async () => {} } as unknown as Queue;
      const started = await client.post(
        "/leads/import/start",
        { file_id: preview.file_id, primary_identifier: { column: "n", kind: "external_id" } },
        { bindings: { IMPORT_QUEUE } },
      );
      expect(started.status).toBe(202);
      expect(await started.json()).toMatchObject({ total_rows: 1_000_000 });
    },
    LARGE_FILE_TIMEOUT_MS,
  );
});

describe("the kind of file is judged by what is in it", () => {
  const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);

  it("a PNG called leads.csv is refused", async () => {
    const { client } = await mintTenant();
    const { detail } = await refusal(await upload(client, PNG, { name: "leads.csv", type: "text/csv" }), 415);
    expect(detail).toMatch(/^File must be CSV or a format such as .xlsx: .*PNG/);
  });

  it("CSV is taken under whatever media type a browser gives it", async () => {
    const { client } = await mintTenant();
    const types = ["application/octet-stream", "application/vnd.ms-excel", "text/plain", "text/csv; charset=utf-8", "image/png", ""];
    for (const type of types) expect((await shown(await upload(client, contactsCsv(2), { type }))).row_count).toBe(2);
  });

  it("a name that belongs to another format is refused, any other is kept", async () => {
    const { client } = await mintTenant();
    for (const name of ["leads.xlsx", "LEADS.XLSX", "leads.xls.zip", "leads.pdf", "leads.json"]) {
      expect((await refusal(await upload(client, contactsCsv(1), { name }), 415)).detail).toContain(name);
    }
    for (const name of ["leads.csv", "leads.CSV", "leads.txt", "leads.tsv", "leads", "leads.xlsx.csv", "Kontakte Übersicht – März.csv"]) {
      expect((await shown(await upload(client, contactsCsv(1), { name }))).file_name).toBe(name);
    }
  });

  it("a file named .xls that is text is taken: spreadsheets write such files", async () => {
    const { client } = await mintTenant();
    const preview = await shown(
      await upload(client, "Email\tName\nann@example.com\tAnn\n", { name: "export.xls", type: "application/vnd.ms-excel" }),
    );
    expect(preview).toMatchObject({ headers: ["Email", "Name"], delimiter: "\t" });
  });
});

describe("what was previewed is what is imported", () => {
  it("a UTF-16 export with tabs, a Windows-1252 one with semicolons and a plain one create the same leads", async () => {
    const rows = [
      ["Email", "First Name", "Phone"],
      ["zoe@example.com", "Zoë", "+1 202 555 0143"],
      ["jurgen@example.com", "Jürgen", ""],
    ];
    const text = (delimiter: string, end: string) => rows.map((row) => row.join(delimiter) + end).join("");
    const utf16 = new Uint8Array(Uint16Array.from(`\uFEFF${text("\t", "\r\n")}`, (character) => character.charCodeAt(0)).buffer);
    for (const bytes of [utf16, windows1252(text(";", "\r")), utf8(text(",", "\n"))]) {
      const { client } = await mintTenant();
      const { file_id } = await shown(await upload(client, bytes));
      const start = await client.post("/leads/import/start", { file_id, ...CONTACTS_MAPPING });
      expect(await ended(client, (await start.json<{ job_id: string }>()).job_id)).toMatchObject({ created_count: 2, failed_count: 0 });
      expect(await (await client.get("/lead/by-alias?value=jurgen@example.com")).json()).toMatchObject({
        metadata: { first_name: "Jürgen" },
      });
      expect(await (await client.get("/lead/by-alias?kind=phone&value=%2B12025550143")).json()).toMatchObject({
        metadata: { first_name: "Zoë" },
      });
    }
  });

  it("rows that are no data are in no total, and errors name the rows of the file", async () => {
    const { client } = await mintTenant();
    const csv = "Report generated 2026-11-01\n\nEmail,Amount\nann@example.com,5\nnobody,7\nTotal,12\n";
    const preview = await shown(await upload(client, csv));
    expect(preview).toMatchObject({ header_row: 3, row_count: 2 });
    expect(preview.warnings).toEqual([
      "Header found in row 3; 2 rows above it are skipped",
      'Row 6 ("Total") is a total or footer and is skipped',
    ]);
    const start = await client.post("/leads/import/start", {
      file_id: preview.file_id,
      primary_identifier: { column: "Email", kind: "email" },
    });
    const job = await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(job).toMatchObject({ total_rows: 2, created_count: 1, failed_count: 1, errors: [{ row: 5, value: "nobody" }] });
  });

  it("a second column of the same name is addressed by the name that the preview shows", async () => {
    const { client } = await mintTenant();
    const preview = await shown(await upload(client, "Email,Phone,Phone,\nann@example.com,555-0100,555-0101,secret\n"));
    expect(preview.headers).toEqual(["Email", "Phone", "Phone (2)", "Column 4"]);
    const start = await client.post("/leads/import/start", {
      file_id: preview.file_id,
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { "Column 4": "notes" },
      alias_mappings: { "Phone (2)": "_alias_phone" },
    });
    await ended(client, (await start.json<{ job_id: string }>()).job_id);
    expect(await (await client.get("/lead/by-alias?kind=phone&value=555-0101")).json()).toMatchObject({ metadata: { notes: "secret" } });
    expect((await client.get("/lead/by-alias?kind=phone&value=555-0100")).status).toBe(404);
  });
});
