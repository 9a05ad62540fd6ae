/** The import of events from CSV as its contract tells it: columns, counts, row errors, triggers skipped or not. */
import Papa from "papaparse";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { receiver, unitOf } from "../../support/deliveries";
import { deliver, deliverAll, heldQueue, importCsv, interceptedD1 } from "../../support/imports";
import { type Client, mintTenant, type Tenant } from "../../support/tenant";
import {
  type EventJob,
  firingsOf,
  getEventJob,
  happen,
  heldEventImport,
  importEventsCsv,
  leadIdOf,
  mintRules,
  mintTrigger,
  postEvents,
  rowCounts,
  scoreOf,
  toHook,
} from "../../support/triggers";
import { readProblem } from "../../support/worker";

const HISTORY = "2025-03-01T10:00:00Z";
const DAY_MS = 86_400_000;

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type TimelineEvent = { id: string; lead_id: string; event_type: string; metadata: Record<string, unknown>; created_at: string };
const timelineOf = async (own: Client, email: string): Promise<TimelineEvent[]> => {
  const answer = await own.get(`/events/${await leadIdOf(own, email)}?limit=100`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ events: TimelineEvent[] }>()).events;
};
const errorsCsv = async (own: Client, jobId: string): Promise<string> => {
  const answer = await own.get(`/import/jobs/${jobId}/errors.csv`);
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/csv; charset=utf-8"]);
  return answer.text();
};
const tableOf = (csv: string): string[][] => Papa.parse<string[]>(csv, { skipEmptyLines: true }).data;
const accounted = ({ imported_count, duplicate_count, failed_count }: EventJob) => imported_count + duplicate_count + failed_count;

describe("POST /import", () => {
  const csv = `event_type,email,timestamp\nPage View,ann@example.com,${HISTORY}\nPage View,nobody,${HISTORY}\nPurchase,bob@example.com,\n`;

  it("returns 202 with counts that are final before a row is stored, and where the job is", async () => {
    const queue = heldQueue();
    const answer = await postEvents(client, csv, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
    expect(answer.status).toBe(202);
    const body = await answer.json<{ job_id: string }>();
    expect(body).toEqual({ imported: 2, errors: 1, job_id: expect.stringMatching(/^job_[0-9a-f]{32}$/) });
    expect(answer.headers.get("Location")).toBe(`/import/jobs/${body.job_id}`);
    expect(await getEventJob(client, body.job_id)).toMatchObject({
      status: "queued",
      total_rows: 3,
      imported_count: 0,
      completed_at: null,
    });
    const [message] = queue.sent;
    await deliverAll(message as { unit: number; job_id: string });
    expect(await getEventJob(client, body.job_id)).toEqual({
      job_id: body.job_id,
      file_name: "events.csv",
      status: "completed",
      total_rows: 3,
      imported_count: 2,
      duplicate_count: 0,
      failed_count: 1,
      errors: [{ row: 3, error: "Invalid email format", value: "nobody", column: "email" }],
      created_at: expect.stringMatching(/Z$/),
      completed_at: expect.stringMatching(/Z$/),
      errors_url: `/import/jobs/${body.job_id}/errors.csv`,
      open_failures: 1,
    });
  });

  it("puts every event on its lead's timeline at its own time, and scores it there; without a time it is now", async () => {
    await mintRules(client, { page_view: 10, Purchase: 50 });
    const before = Date.now();
    await importEventsCsv(client, csv);
    expect(await timelineOf(client, "ann@example.com")).toMatchObject([
      { event_type: "Page View", created_at: "2025-03-01T10:00:00.000Z", metadata: {} },
    ]);
    const [bought] = await timelineOf(client, "bob@example.com");
    expect(Date.parse(bought?.created_at ?? "")).toBeGreaterThanOrEqual(before);
    expect(Date.parse(bought?.created_at ?? "")).toBeLessThanOrEqual(Date.now());
    expect([await scoreOf(client, "ann@example.com"), await scoreOf(client, "bob@example.com")]).toEqual([10, 50]);
  });

  it.each([
    ["EVENT_TYPE,EMAIL,TIMESTAMP", ","],
    [" Event Type , E mail ,email, Time stamp ,timestamp", ","],
    ["event-type;Email;Timestamp", ";"],
    ["Event_Type\tEmail\ttimestamp", "\t"],
    ["\ufeffevent_type,email,timestamp", ","],
  ])("finds its columns in %j", async (header, delimiter) => {
    const names = header.replace("\ufeff", "").split(delimiter);
    const row = names.map((name) => {
      const plain = name.trim().toLowerCase();
      if (plain.startsWith("event")) return "Page View";
      if (plain === "email") return "ann@example.com";
      return plain === "timestamp" ? HISTORY : "";
    });
    const job = await importEventsCsv(client, `${header}\n${row.join(delimiter)}\n`);
    expect(job).toMatchObject({ imported_count: 1, failed_count: 0 });
    expect(await timelineOf(client, "ann@example.com")).toMatchObject([
      { event_type: "Page View", created_at: "2025-03-01T10:00:00.000Z" },
    ]);
  });

  it("keeps every further column with the event under its own name, empty cells aside, and rules see them", async () => {
    const ruleset = await (await client.post("/engagement-scoring/rulesets", { name: "x" })).json<{ id: string }>();
    await client.post(`/engagement-scoring/rulesets/${ruleset.id}/rules`, {
      event_type: "Page View",
      weight: 7,
      attribute_filters: [{ field: "Path", operator: "contains", value: "/pricing" }],
    });
    await importEventsCsv(
      client,
      "event_type,email,Path,Order Value,Path\nPage View,ann@example.com, /pricing ,12.50,second\nPage View,ann@example.com,/home,,\n",
    );
    const events = await timelineOf(client, "ann@example.com");
    expect(events.map(({ metadata }) => metadata)).toEqual(
      expect.arrayContaining([{ Path: "/pricing", "Order Value": "12.50", "Path (2)": "second" }, { Path: "/home" }]),
    );
    expect(await scoreOf(client, "ann@example.com")).toBe(7);
  });

  it("names a lead by its id or any kind of alias; what resolves to one lead joins the rest to it", async () => {
    await happen(client, { event_type: "Signup", email: "ann@example.com" });
    const ann = await leadIdOf(client, "ann@example.com");
    const job = await importEventsCsv(
      client,
      [
        "event_type,lead_id,email,phone,external_id,cookie,social",
        `A,${ann},,,,,`,
        `B,${ann},,+1 555 010 0999,,,`,
        "C,,ann@example.com,,crm-1,,",
        "D,,,,crm-1,ck-1,",
        "E,,,,,ck-1,@ann",
        "F,,,,,,@ann",
        "G,,,+15550100999,,,",
        "",
      ].join("\n"),
    );
    expect(job).toMatchObject({ imported_count: 7, failed_count: 0 });
    expect((await timelineOf(client, "ann@example.com")).map(({ event_type }) => event_type).toSorted()).toEqual(
      ["A", "B", "C", "D", "E", "F", "G", "Signup"].toSorted(),
    );
    expect(await rowCounts(await unitOf(tenant.workspace_id))).toMatchObject({ leads: 1, aliases: 5 });
  });

  it("reads phones by the region that the form names, else by the unit's own", async () => {
    const german = await mintTenant({ default_region: "DE" });
    for (const [own, fields] of [
      [client, { default_region: "DE" }],
      [german.client, undefined],
    ] as const) {
      await importEventsCsv(own, "event_type,phone\nCall,030 901820\n", fields ? { fields } : {});
      expect((await own.get("/lead/by-alias?kind=phone&value=%2B4930901820")).status).toBe(200);
    }
  });

  it("a file with a header alone imports nothing and ends", async () => {
    const held = await heldEventImport(client, "event_type,email\n");
    expect(held).toMatchObject({ imported: 0, errors: 0 });
    await deliverAll(held.message);
    expect(await getEventJob(client, held.job_id)).toMatchObject({ status: "completed", total_rows: 0, imported_count: 0 });
  });

  it.each([
    ["no event_type", "email,timestamp\na@example.com,\n"],
    ["nothing that names a lead", "event_type,timestamp,name\nPage View,,Ann\n"],
    ["neither", "a,b\n1,2\n"],
  ])("a file with %s is a 400 that shows the columns it has, and no job is made", async (_, csv) => {
    const problem = await readProblem(await postEvents(client, csv), 400);
    expect(problem.detail).toContain("event_type");
    expect(problem.errors).toEqual([{ path: "file", message: expect.stringContaining(csv.split("\n")[0]?.replaceAll(",", ", ") ?? "") }]);
    expect(await rowCounts(await unitOf(tenant.workspace_id))).not.toHaveProperty("import_jobs");
  });

  it("no file, an empty file, and a file that is no field of its own are a 400", async () => {
    await readProblem(await client.call("POST", "/import", { body: new FormData() }), 400);
    await readProblem(await postEvents(client, ""), 400);
    const text = new FormData();
    text.set("file", "event_type,email\nA,a@example.com\n");
    await readProblem(await client.call("POST", "/import", { body: text }), 400);
  });

  it("what is not CSV, by its content, its name or the request's type, is a 415", async () => {
    await readProblem(await postEvents(client, new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])), 415);
    await readProblem(await postEvents(client, csv, { name: "events.xlsx" }), 415);
    await readProblem(await client.post("/import", { file: csv }), 415);
    await readProblem(await client.call("POST", "/import", { body: csv, headers: { "Content-Type": "text/csv" } }), 415);
  });

  it("over 10 MB is a 413", async () => {
    const line = `Page View,ann@example.com,${"x".repeat(1000)}\n`;
    const csv = `event_type,email,note\n${line.repeat(Math.ceil((10 * 1024 * 1024) / line.length))}`;
    const problem = await readProblem(await postEvents(client, csv), 413);
    expect(problem.detail).toContain("10 MB");
  });

  it.each([
    ["?skip_triggers=maybe", {}],
    ["", { skip_triggers: "maybe" }],
    ["", { default_region: "Atlantis" }],
  ])("%s %j is a 400 that names the field", async (query, fields) => {
    const problem = await readProblem(await postEvents(client, csv, { query, fields }), 400);
    expect(problem.errors?.[0]?.path).toBe(Object.keys(fields)[0] ?? "skip_triggers");
  });
});

describe("rows that are no events", () => {
  it("fail one by one with the row's number, column and value; the others are imported", async () => {
    const held = await heldEventImport(
      client,
      [
        "Note,event_type,email,phone,lead_id,timestamp,event_id",
        "ok,Page View,ann@example.com,,,,e-1",
        "no type,,ann@example.com,,,,",
        `long type,${"x".repeat(129)},ann@example.com,,,,`,
        "nobody,Page View,,,,,",
        "bad mail,Page View,ann@,,,,",
        "bad phone,Page View,,call me,,,",
        "yesterday,Page View,ann@example.com,,,yesterday,",
        "no date,Page View,ann@example.com,,,2025-02-30,",
        `ahead,Page View,ann@example.com,,,${new Date(Date.now() + 2 * DAY_MS).toISOString()},`,
        "bad id,Page View,ann@example.com,,,,has space",
        "unknown lead,Page View,,,ld_00000000000000000000000000000000,,",
        "no lead,Page View,ann2@example.com,,nobody,,",
        "again,Page View,ann@example.com,,,,e-1",
        "short,Page View",
        "",
      ].join("\n"),
    );
    // what only the database can know is not in the answer's counts
    expect(held).toMatchObject({ imported: 4, errors: 10 });
    await deliverAll(held.message);
    const job = await getEventJob(client, held.job_id);
    expect(job).toMatchObject({ status: "completed", total_rows: 14, imported_count: 1, duplicate_count: 1, failed_count: 12 });
    expect(job.errors.map(({ row, error, column }) => [row, error, column])).toEqual([
      [3, "Missing event_type", "event_type"],
      [4, "event_type is longer than 128 characters", "event_type"],
      [5, "Missing required identifier", null],
      [6, "Invalid email format", "email"],
      [7, "Invalid phone format", "phone"],
      [8, "Invalid timestamp", "timestamp"],
      [9, "Invalid timestamp", "timestamp"],
      [10, "Invalid timestamp", "timestamp"],
      [11, "Invalid event_id", "event_id"],
      [12, "Unknown lead_id", "lead_id"],
      [13, "Unknown lead_id", "lead_id"],
      [15, "Missing required identifier", null],
    ]);
    expect(job.errors.map(({ value }) => value).slice(2, 6)).toEqual(["", "ann@", "call me", "yesterday"]);
    expect(job.errors.find(({ row }) => row === 12)?.value).toBe("ld_00000000000000000000000000000000");
    // a row that failed leaves no lead behind
    expect((await client.get("/lead/by-alias?value=ann2@example.com")).status).toBe(404);
  });

  it("with an alias or a metadata beyond what is kept say so", async () => {
    const job = await importEventsCsv(
      client,
      `event_type,email,external_id,note\nA,,${"x".repeat(513)},\nA,${"x".repeat(513)}@example.com,,\nA,ann@example.com,,${"x".repeat(102_400)}\n`,
    );
    expect(job.errors).toEqual([
      { row: 2, error: "Identifier is longer than 512 characters", value: "x".repeat(200), column: "external_id" },
      { row: 3, error: "Identifier is longer than 512 characters", value: "x".repeat(200), column: "email" },
      { row: 4, error: "Invalid event", value: expect.stringContaining("at most 102400 are taken"), column: null },
    ]);
  });

  it("are distinguished where two rows have one event_id", async () => {
    const job = await importEventsCsv(
      client,
      ["event_type,lead_id,event_id,timestamp", "A,nobody,e-1,", "A,nobody,e-1,", "A,nobody,e-1,never", ""].join("\n"),
    );
    expect(job.imported_count).toBe(0);
    expect(accounted(job)).toBe(3);
    const rows = job.errors.map(({ row, error }) => [row, error]);
    expect(rows).toContainEqual([2, "Unknown lead_id"]);
    expect(rows).toContainEqual([4, "Invalid timestamp"]);
    expect(new Set(rows.map(([row]) => row)).size).toBe(job.failed_count);
  });

  it("of another unit's lead are unknown", async () => {
    const foreign = await mintTenant();
    await happen(foreign.client, { event_type: "Signup", email: "ann@example.com" });
    const lead_id = await leadIdOf(foreign.client, "ann@example.com");
    const job = await importEventsCsv(client, `event_type,lead_id\nPage View,${lead_id}\n`);
    expect(job).toMatchObject({ imported_count: 0, failed_count: 1, errors: [{ row: 2, error: "Unknown lead_id", value: lead_id }] });
    expect((await timelineOf(foreign.client, "ann@example.com")).length).toBe(1);
  });

  it("come back as errors.csv; the mended file is imported as it is, and its two columns are no metadata", async () => {
    const job = await importEventsCsv(
      client,
      [
        "Note,event_type,email,timestamp,Path",
        "=1+1,Page View,ann@,2025-03-01T10:00:00Z,/pricing",
        "fine,Page View,bob@example.com,,",
        '"two\nlines",,cy@example.com,,@home',
        "",
      ].join("\n"),
    );
    expect(job).toMatchObject({ imported_count: 1, failed_count: 2 });
    const csv = await errorsCsv(client, job.job_id);
    expect(tableOf(csv)).toEqual([
      ["Note", "event_type", "email", "timestamp", "Path", "_row", "_error", "_error: event_type", "_error: email", "_job"],
      [
        "'=1+1",
        "Page View",
        "ann@",
        "2025-03-01T10:00:00Z",
        "/pricing",
        "2",
        "Invalid email format",
        "",
        "email: Invalid email format",
        job.job_id,
      ],
      ["two\nlines", "", "cy@example.com", "", "'@home", "4", "Missing event_type", "event_type: Missing event_type", "", job.job_id],
    ]);
    const mended = csv.replace("ann@,", "ann@example.com,").replace('lines",,', 'lines",Page View,');
    const again = await importEventsCsv(client, mended);
    expect(again).toMatchObject({ total_rows: 2, imported_count: 2, failed_count: 0 });
    expect(await timelineOf(client, "ann@example.com")).toMatchObject([
      { created_at: "2025-03-01T10:00:00.000Z", metadata: { Note: "=1+1", Path: "/pricing" } },
    ]);
    expect((await timelineOf(client, "cy@example.com"))[0]?.metadata).toEqual({ Note: "two\nlines", Path: "@home" });
    expect((await timelineOf(client, "bob@example.com")).length).toBe(1);
  });

  it("that still fail can go round again", async () => {
    const first = await importEventsCsv(client, "event_type,email\nPage View,ann@\n");
    const once = await errorsCsv(client, first.job_id);
    const second = await importEventsCsv(client, once);
    expect(second).toMatchObject({ total_rows: 1, failed_count: 1 });
    // the last column names every job that the row has failed in
    expect(await errorsCsv(client, second.job_id)).toBe(once.replace(first.job_id, `${second.job_id} ${first.job_id}:2`));
  });

  it("of an unknown lead are imported when the lead is there, under the same event_id", async () => {
    const csv = (lead: string) => `event_type,lead_id,event_id\nPage View,${lead},order-1\n`;
    expect(await importEventsCsv(client, csv("nobody"))).toMatchObject({ failed_count: 1 });
    await happen(client, { event_type: "Signup", email: "ann@example.com" });
    const job = await importEventsCsv(client, csv(await leadIdOf(client, "ann@example.com")));
    expect(job).toMatchObject({ imported_count: 1, failed_count: 0 });
    expect(await (await client.get("/ingest/receipts/order-1")).json()).toMatchObject({ status: "processed" });
  });

  it("errors.csv is just its header when none failed", async () => {
    const job = await importEventsCsv(client, "event_type,email\nPage View,ann@example.com\n");
    expect(await errorsCsv(client, job.job_id)).toBe("event_type,email,_row,_error,_job\r\n");
  });
});

describe("the same again", () => {
  const csv = (rows = 20) =>
    `event_type,email,timestamp\n${Array.from({ length: rows }, (_, n) => `Page View,p${n % 7}@example.com,${HISTORY}\n`).join("")}`;

  it("the same file a second time repeats no event, whatever it is called", async () => {
    await mintRules(client, { "Page View": 10 });
    expect(await importEventsCsv(client, csv())).toMatchObject({ imported_count: 20, duplicate_count: 0 });
    const before = await rowCounts(await unitOf(tenant.workspace_id));
    const again = await importEventsCsv(client, csv(), { name: "copy.csv" });
    expect(again).toMatchObject({ imported_count: 0, duplicate_count: 20, failed_count: 0 });
    const { import_files: _, import_jobs: __, import_chunks: ___, ...after } = await rowCounts(await unitOf(tenant.workspace_id));
    expect(before).toMatchObject(after);
    expect(await scoreOf(client, "p0@example.com")).toBe(30);
  });

  it("the same file while it still runs is the same job; skipping triggers or not makes two", async () => {
    const first = await heldEventImport(client, csv());
    const second = await heldEventImport(client, csv());
    const skipping = await heldEventImport(client, csv(), { query: "?skip_triggers=true" });
    expect(second.job_id).toBe(first.job_id);
    expect(skipping.job_id).not.toBe(first.job_id);
    await deliverAll(first.message);
    await deliverAll(skipping.message);
    expect(await getEventJob(client, first.job_id)).toMatchObject({ imported_count: 20, duplicate_count: 0 });
    expect(await getEventJob(client, skipping.job_id)).toMatchObject({ status: "completed", imported_count: 0, duplicate_count: 20 });
  });

  it("the same file with another region for its phones is another job, while the first runs too", async () => {
    const phones = "event_type,phone\nCall,030 901820\n";
    const first = await heldEventImport(client, phones, { fields: { default_region: "FR" } });
    const second = await heldEventImport(client, phones, { fields: { default_region: "DE" } });
    expect(second.job_id).not.toBe(first.job_id);
    await deliverAll(second.message);
    expect((await client.get("/lead/by-alias?kind=phone&value=%2B4930901820")).status).toBe(200);
  });

  it("rows that are alike in one file are events of their own, but not where they share an event_id", async () => {
    expect(await importEventsCsv(client, csv(3).replaceAll(/p\d/g, "p"))).toMatchObject({ imported_count: 3 });
    const own = "event_type,email,event_id\nPage View,p@example.com,e-1\nPage View,p@example.com,e-1\n";
    expect(await importEventsCsv(client, own)).toMatchObject({ imported_count: 1, duplicate_count: 1 });
  });

  it("an event_id that was ingested is not imported again, nor the other way round", async () => {
    await happen(client, { event_type: "Page View", email: "ann@example.com", event_id: "e-1" });
    const file = "event_type,email,event_id\nPage View,ann@example.com,e-1\nPage View,ann@example.com,e-2\n";
    expect(await importEventsCsv(client, file)).toMatchObject({ imported_count: 1, duplicate_count: 1 });
    await happen(client, { event_type: "Page View", email: "ann@example.com", event_id: "e-2" });
    expect((await timelineOf(client, "ann@example.com")).map(({ id }) => id).toSorted()).toEqual(["e-1", "e-2"]);
  });

  it("the same file in two org units is two imports", async () => {
    const other = await mintTenant();
    for (const own of [client, other.client]) expect(await importEventsCsv(own, csv())).toMatchObject({ imported_count: 20 });
  });
});

describe("triggers", () => {
  const csv = `event_type,email,timestamp\nPurchase,ann@example.com,${HISTORY}\nPurchase,ann@example.com,2025-03-02T10:00:00Z\n`;
  beforeEach(async () => mintRules(client, { Purchase: 30 }));
  const run = async (upload: Parameters<typeof heldEventImport>[2]) => {
    const sent: unknown[] = [];
    const DELIVERY_QUEUE = { sendBatch: async (messages: { body: unknown }[]) => void sent.push(...messages) } as unknown as Queue;
    const held = await heldEventImport(client, csv, upload);
    await deliverAll(held.message, { DELIVERY_QUEUE });
    expect(await getEventJob(client, held.job_id)).toMatchObject({ status: "completed", imported_count: 2 });
    return sent;
  };

  it.each<[string, Parameters<typeof heldEventImport>[2]]>([
    ["the query", { query: "?skip_triggers=true" }],
    ["the query as 1", { query: "?skip_triggers=1" }],
    ["the form", { fields: { skip_triggers: "true" } }],
    ["the query, against the form", { query: "?skip_triggers=true", fields: { skip_triggers: "false" } }],
  ])("skipped by %s score and fire nothing, and nothing fires later for what is above the threshold already", async (_, upload) => {
    const received = receiver();
    const milestone = await mintTrigger(client, { fire_mode: "always", ...toHook });
    await mintTrigger(client, { threshold: 2, window_seconds: 2 * 86_400, ...toHook }, "surge");
    await mintTrigger(client, { event_types: ["Purchase"], ...toHook }, "sequence");
    expect(await run(upload)).toEqual([]);
    expect(await scoreOf(client, "ann@example.com")).toBe(60);
    expect([await firingsOf(client), received]).toEqual([[], []]);
    // a live event is no crossing: the score was above the threshold before it
    await happen(client, { event_type: "Purchase", email: "ann@example.com" });
    expect(await firingsOf(client, "?kind=milestone")).toEqual([]);
    const tried = await client.post(`/triggers/${milestone.id}/simulate`, { lead_id: await leadIdOf(client, "ann@example.com") });
    expect(await tried.json()).toMatchObject({ firings: 1, sample_leads: [{ score: 60, fired_at: "2025-03-02T10:00:00.000Z" }] });
  });

  it.each<[string, Parameters<typeof heldEventImport>[2]]>([
    ["by default", {}],
    ["by the query", { query: "?skip_triggers=false" }],
    ["by the form", { fields: { skip_triggers: "0" } }],
    ["by the query, against the form", { query: "?skip_triggers=0", fields: { skip_triggers: "1" } }],
  ])("not skipped %s fire at the time of the event, once", async (_, upload) => {
    await mintTrigger(client, toHook);
    const sent = await run(upload);
    expect(sent.length).toBe(1);
    expect(await firingsOf(client)).toMatchObject([{ score: 60, fired_at: "2025-03-02T10:00:00.000Z" }]);
  });

  it("created after the file came in do not fire on it, though its rows are stored later", async () => {
    const held = await heldEventImport(client, csv);
    await new Promise((done) => setTimeout(done, 5));
    await mintTrigger(client, toHook);
    await deliverAll(held.message);
    expect(await scoreOf(client, "ann@example.com")).toBe(60);
    expect(await firingsOf(client)).toEqual([]);
  });

  it("of live events are not moved by history that comes later with its triggers skipped", async () => {
    await mintTrigger(client, toHook);
    await happen(client, { event_type: "Purchase", email: "ann@example.com" });
    await happen(client, { event_type: "Purchase", email: "ann@example.com" });
    const [before] = await firingsOf(client);
    expect(before).toMatchObject({ score: 60 });
    await run({ query: "?skip_triggers=true" });
    expect(await scoreOf(client, "ann@example.com")).toBe(120);
    expect((await firingsOf(client)).length).toBeLessThanOrEqual(1);
    // and nobody is told again
    expect((await (await client.get("/deliveries")).json<{ total: number }>()).total).toBe(1);
  });
});

describe("jobs of events and jobs of leads", () => {
  it("do not know each other", async () => {
    const events = await heldEventImport(client, "event_type,email\nPage View,ann@example.com\n");
    const leads = await importCsv(client, "Email\nnobody\n", { primary_identifier: { column: "Email", kind: "email" } });
    for (const path of [`/leads/import/jobs/${events.job_id}`, `/leads/import/jobs/${events.job_id}/errors.csv`])
      await readProblem(await client.get(path), 404);
    await readProblem(await client.post(`/leads/import/jobs/${events.job_id}/cancel`), 404);
    for (const path of [`/import/jobs/${leads.job_id}`, `/import/jobs/${leads.job_id}/errors.csv`, "/import/jobs/job_00", "/import/jobs/x"])
      await readProblem(await client.get(path), 404);
    const listed = await (await client.get("/leads/import/jobs")).json<{ jobs: { job_id: string }[]; total: number }>();
    expect([listed.total, listed.jobs.map(({ job_id }) => job_id)]).toEqual([1, [leads.job_id]]);
    // a refused cancel has cancelled nothing
    expect(await getEventJob(client, events.job_id)).toMatchObject({ status: "queued" });
    await deliverAll(events.message);
    expect(await getEventJob(client, events.job_id)).toMatchObject({ status: "completed", imported_count: 1 });
  });

  it("a file of either kind can run as the other at the same time", async () => {
    const csv = "event_type,email\nPage View,ann@example.com\n";
    const events = await heldEventImport(client, csv);
    const leads = await importCsv(client, csv, { primary_identifier: { column: "email", kind: "email" } });
    expect(leads).toMatchObject({ created_count: 1 });
    await deliverAll(events.message);
    expect(await getEventJob(client, events.job_id)).toMatchObject({ imported_count: 1 });
    expect((await timelineOf(client, "ann@example.com")).length).toBe(1);
  });
});

describe("many rows", () => {
  const ROWS = 5000;
  const LEADS = 400;
  const file = (rows: number) =>
    `event_type,email,timestamp,Path\n${Array.from(
      { length: rows },
      (_, n) => `Page View,p${n % LEADS}@example.com,${new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString()},/p/${n}\n`,
    ).join("")}`;

  it("5,000 rows in any order of time arrive once each, and the scores are their sum", async () => {
    await mintRules(client, { "Page View": 1 });
    const [header, ...lines] = file(ROWS).trimEnd().split("\n");
    // newest first, as exports come
    const job = await importEventsCsv(client, `${header}\n${lines.toReversed().join("\n")}\n`);
    expect(job).toMatchObject({ status: "completed", total_rows: ROWS, imported_count: ROWS, failed_count: 0 });
    expect(accounted(job)).toBe(ROWS);
    const unit = await unitOf(tenant.workspace_id);
    expect(await rowCounts(unit)).toMatchObject({
      leads: LEADS,
      aliases: LEADS,
      events: ROWS,
      contributions: ROWS,
      lead_scores: LEADS,
      import_chunks: 5,
    });
    for (const n of [0, 199, LEADS - 1]) expect(await scoreOf(client, `p${n}@example.com`)).toBe(Math.ceil((ROWS - n) / LEADS));
  });

  it("costs a few round trips a chunk, and few written rows an event", async () => {
    await mintRules(client, { "Page View": 1 });
    const cost = async (csv: string) => {
      const held = await heldEventImport(client, csv);
      const tables: Record<string, number> = {};
      let trips = 0;
      const DB = interceptedD1(async (call, run) => {
        trips += 1;
        const results = [await run()].flat() as D1Result[];
        for (const [at, { text }] of call.statements.entries()) {
          const table = /^(?:INSERT (?:OR FAIL )?INTO|UPDATE|DELETE FROM) (\w+)/.exec(text)?.[1] ?? "";
          const written = results[at]?.meta.rows_written ?? 0;
          if (written > 0) tables[table] = (tables[table] ?? 0) + written;
        }
        return results.length === 1 && call.statements.length === 1 ? results[0] : results;
      });
      await deliver(held.message, { DB });
      expect(await getEventJob(client, held.job_id)).toMatchObject({ status: "completed" });
      return { trips, tables };
    };
    const CHUNKS = 5;
    const JOB = { import_jobs: 4, import_files: 2, import_chunks: CHUNKS };
    // an event, its place in time and its id; what it adds; and once a chunk each lead's score with its place in the order
    const EVENTS = { events: 3 * ROWS, contributions: ROWS, lead_scores: 2 * CHUNKS * LEADS };
    const first = await cost(file(ROWS));
    expect(first.tables).toMatchObject({ ...JOB, ...EVENTS, aliases: LEADS });
    // who the leads are, what is known of them, the commit; none are known to the first chunk
    expect(first.trips).toBeLessThanOrEqual(2 + 3 * CHUNKS);
    // other events of the same leads and the same time come late: their scores begin again
    const late = await cost(file(ROWS).replace("Path", "Page"));
    const { score_blocks = 0, ...lateTables } = late.tables;
    expect(score_blocks).toBeLessThan(ROWS / 100);
    expect(lateTables).toEqual({ ...JOB, ...EVENTS, event_counts: expect.any(Number) });
    expect(late.trips).toBeLessThanOrEqual(2 + 4 * CHUNKS);
    const same = await cost(file(ROWS));
    expect(same.tables).toEqual(JOB);
    expect(same.trips).toBeLessThanOrEqual(2 + 2 * CHUNKS);
  });
});
