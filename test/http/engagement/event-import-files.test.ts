/** Event files as people have them: dates in common formats, columns of any name, files that are edited and uploaded again. */
import { beforeEach, describe, expect, it } from "vitest";
import { deliver } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { getEventJob, heldEventImport, importEventsCsv, leadIdOf, postEvents } from "../../support/triggers";

let client: Client;
beforeEach(async () => {
  client = (await mintTenant()).client;
});

async function timesOf(email: string): Promise<string[]> {
  const answer = await client.get(`/events/${await leadIdOf(client, email)}?limit=100`);
  const { events } = await answer.json<{ events: { created_at: string }[] }>();
  return events.map(({ created_at }) => created_at);
}

describe("times", () => {
  it.each([
    ["2025-11-01 10:00:00", "Europe/Berlin", "2025-11-01T09:00:00.000Z"],
    ["01.11.2025 10:00", "Europe/Berlin", "2025-11-01T09:00:00.000Z"],
    ["01.07.2025", "Europe/Berlin", "2025-06-30T22:00:00.000Z"],
    ["11/25/2025 3:04 PM", "America/New_York", "2025-11-25T20:04:00.000Z"],
    ["1730455200", "Asia/Tokyo", "2024-11-01T10:00:00.000Z"],
    ["2025-11-01T10:00:00+02:00", "Asia/Tokyo", "2025-11-01T08:00:00.000Z"],
  ])("%s in %s", async (cell, time_zone, expected) => {
    const job = await importEventsCsv(client, `event_type,email,timestamp\nVisit,a@example.com,${cell}\n`, { fields: { time_zone } });
    expect(job).toMatchObject({ imported_count: 1, failed_count: 0 });
    expect(await timesOf("a@example.com")).toEqual([expected]);
  });

  it("one 25/12 decides the order of day and month for the whole column, also far below", async () => {
    const rows = Array.from({ length: 1500 }, (_, n) => `Visit,p${n}@example.com,02/03/2025`);
    const csv = `event_type,email,timestamp\n${rows.join("\n")}\nVisit,last@example.com,25/12/2024\n`;
    expect(await importEventsCsv(client, csv)).toMatchObject({ imported_count: 1501, failed_count: 0 });
    expect(await timesOf("p0@example.com")).toEqual(["2025-03-02T00:00:00.000Z"]);
  });

  it("an unknown time zone, a time that is none and a mapping that is no object of texts are refused", async () => {
    const csv = "event_type,email,timestamp\nVisit,a@example.com,yesterday\n";
    expect((await postEvents(client, csv, { fields: { time_zone: "Mars/Olympus" } })).status).toBe(400);
    for (const column_mapping of ["x", "[]", '{"a":1}', "null"]) {
      expect((await postEvents(client, csv, { fields: { column_mapping } })).status, column_mapping).toBe(400);
    }
    expect(await importEventsCsv(client, csv)).toMatchObject({ failed_count: 1, errors: [{ error: "Invalid timestamp" }] });
  });
});

it("columns of any name are mapped to what they are; the others are metadata", async () => {
  const csv = "What,Contact,When,Page\nVisit,a@example.com,2025-03-01T10:00:00Z,/pricing\n";
  const column_mapping = JSON.stringify({ What: "event_type", Contact: "email", When: "timestamp" });
  expect((await postEvents(client, csv)).status).toBe(400);
  expect(await importEventsCsv(client, csv, { fields: { column_mapping } })).toMatchObject({ imported_count: 1 });
  expect(await timesOf("a@example.com")).toEqual(["2025-03-01T10:00:00.000Z"]);
});

it("a mapping that names a column which the file lacks is refused by name; another name is the key of the metadata", async () => {
  const csv = "event_type,email,Seite\nVisit,a@example.com,/pricing\n";
  const refused = await postEvents(client, csv, { fields: { column_mapping: JSON.stringify({ Page: "page" }) } });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('no column \\"Page\\"')]);
  expect(await importEventsCsv(client, csv, { fields: { column_mapping: JSON.stringify({ Seite: "page" }) } })).toMatchObject({
    imported_count: 1,
  });
  const { events } = await (await client.get(`/events/${await leadIdOf(client, "a@example.com")}`)).json<{
    events: { metadata: object }[];
  }>();
  expect(events.map(({ metadata }) => metadata)).toEqual([{ page: "/pricing" }]);
});

describe("a file that is edited and uploaded again", () => {
  const row = (n: number) => `Visit,p${n % 3}@example.com,2025-03-0${(n % 5) + 1}T10:00:00Z`;
  const fileOf = (rows: string[]) => `event_type,email,timestamp\n${rows.join("\n")}\n`;
  const rows = Array.from({ length: 30 }, (_, n) => row(n));

  it("repeats no event that it brought already: rows moved, added above, removed, columns in another order", async () => {
    expect(await importEventsCsv(client, fileOf(rows))).toMatchObject({ imported_count: 30, duplicate_count: 0 });
    const edited = fileOf(["Visit,new@example.com,2025-03-01T10:00:00Z", ...rows.slice(10).reverse()]);
    expect(await importEventsCsv(client, edited)).toMatchObject({ imported_count: 1, duplicate_count: 20, failed_count: 0 });
    const reordered = fileOf(rows)
      .split("\n")
      .map((line) => line.split(",").reverse().join(","))
      .join("\n");
    expect(await importEventsCsv(client, reordered)).toMatchObject({ imported_count: 0, duplicate_count: 30 });
  });

  it("brings the rows beyond those that were alike before", async () => {
    expect(await importEventsCsv(client, fileOf([row(0), row(0)]))).toMatchObject({ imported_count: 2 });
    expect(await importEventsCsv(client, fileOf([row(0), row(0), row(0)]))).toMatchObject({ imported_count: 1, duplicate_count: 2 });
  });
});

describe("the jobs of event files", () => {
  const csv = "event_type,email\nVisit,a@example.com\n";

  it("are listed, newest first, beside none of leads", async () => {
    const first = await importEventsCsv(client, csv);
    const second = await importEventsCsv(client, csv.replace("a@", "b@"));
    const answer = await client.get("/import/jobs?limit=10");
    expect(answer.status).toBe(200);
    const { jobs, total } = await answer.json<{ jobs: { job_id: string; imported_count: number }[]; total: number }>();
    expect(total).toBe(2);
    expect(jobs.map(({ job_id, imported_count }) => [job_id, imported_count])).toEqual([
      [second.job_id, 1],
      [first.job_id, 1],
    ]);
    expect(await (await client.get("/leads/import/jobs")).json()).toMatchObject({ jobs: [], total: 0 });
  });

  it("are cancelled while they run, not after, and not as imports of leads", async () => {
    const { job_id, message } = await heldEventImport(client, csv);
    expect((await client.post(`/leads/import/jobs/${job_id}/cancel`)).status).toBe(404);
    const answer = await client.post(`/import/jobs/${job_id}/cancel`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { job_id, status: "cancelled", imported_count: 0 }]);
    await deliver(message);
    expect(await getEventJob(client, job_id)).toMatchObject({ status: "cancelled", imported_count: 0 });
    const done = await importEventsCsv(client, csv);
    expect((await client.post(`/import/jobs/${done.job_id}/cancel`)).status).toBe(409);
  });
});
