/** What an import costs in what D1 bills and in what it waits for: rows written and round trips. */
import { describe, expect, it } from "vitest";
import { contactsCsv, deliver, getJob, heldImport, interceptedD1 } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

/** A row, two aliases, and the words that lists find it by and its email does not begin with: `name`, its number, `example.com`. */
const ROWS_PER_LEAD = 3 + 3;
/** Rows written beside leads: one import_chunks row for each chunk, one for the number of leads when there are new ones, … */
const ROWS_PER_CHUNK = 1;
const ROWS_PER_COUNT = 1;
/** … one of the log of changes, … */
const ROWS_PER_LOG = 1;
/** … one of the undo journal for what a chunk created or changed, … */
const ROWS_PER_JOURNAL = 1;
/** … and for the job: its row taken up and ended, its file let go of, and the index entries of both. */
const ROWS_PER_JOB = 6;
/** Round trips that are not a chunk's: finding the org unit, taking the job up, asking for the first chunk's owners. */
const TRIPS_PER_JOB_MAX = 3;

async function costOf(client: Client, csv: string) {
  const { job_id, message } = await heldImport(client, csv);
  const { DB, count } = countingD1();
  await deliver(message, { DB });
  return { job: await getJob(client, job_id), count };
}

/** Rows written by the statements on leads and aliases alone. */
async function rowsOfLeads(client: Client, csv: string): Promise<number> {
  const { message } = await heldImport(client, csv);
  let written = 0;
  const DB = interceptedD1(async (call, run) => {
    const results = (await run()) as D1Result[];
    for (const [at, { text }] of call.statements.entries()) {
      if (/^(INSERT OR FAIL INTO|UPDATE) (leads|aliases)\b/.test(text)) written += results[at]?.meta.rows_written ?? 0;
    }
    return results;
  });
  await deliver(message, { DB });
  return written;
}

describe("rows written", () => {
  it("six for a new lead with two aliases and three words, beside three for each chunk and a few for the job", async () => {
    const costs = [];
    for (const rows of [1000, 2000, 3000]) {
      const { client } = await mintTenant();
      const { job, count } = await costOf(client, contactsCsv(rows));
      expect(job).toMatchObject({ status: "completed", created_count: rows });
      costs.push(count.rowsWritten);
    }
    const [one = 0, two = 0, three = 0] = costs;
    const chunk = ROWS_PER_LEAD * 1000 + ROWS_PER_CHUNK + ROWS_PER_COUNT + ROWS_PER_LOG + ROWS_PER_JOURNAL;
    expect(two - one).toBe(chunk);
    expect(three - two).toBe(chunk);
    expect(one).toBe(chunk + ROWS_PER_JOB);
  });

  it("none to leads and aliases when the file is imported again", async () => {
    const { client } = await mintTenant();
    const csv = contactsCsv(2000);
    expect(await rowsOfLeads(client, csv)).toBe(ROWS_PER_LEAD * 2000);
    expect(await rowsOfLeads(client, csv)).toBe(0);
    const { job, count } = await costOf(client, csv);
    expect(job).toMatchObject({ unchanged_count: 2000, failed_count: 0 });
    expect(count.rowsWritten).toBe(2 * ROWS_PER_CHUNK + ROWS_PER_JOB);
  });

  it("one for each lead that changes, and one more for a word or an alias that it gains or loses", async () => {
    const { client } = await mintTenant();
    await rowsOfLeads(client, contactsCsv(1000));
    expect(await rowsOfLeads(client, contactsCsv(1000, { name: (n) => (n < 100 ? `Name ${n} New` : `Name ${n}`) }))).toBe(200);
    expect(await rowsOfLeads(client, contactsCsv(1000, { name: (n) => (n < 100 ? `New ${n} Name` : `Name ${n} New`) }))).toBe(
      100 + 900 * 2,
    );
    expect(await rowsOfLeads(client, contactsCsv(50, { name: (n) => `New ${n} Name` }).replaceAll("+12", "+13"))).toBe(100);
  });
});

describe("round trips to D1", () => {
  it("one for each chunk of new leads, two for one of known leads, and three for the job", async () => {
    const { client } = await mintTenant();
    const csv = contactsCsv(10_000);
    const first = await costOf(client, csv);
    expect(first.job).toMatchObject({ status: "completed", created_count: 10_000 });
    expect(first.count.trips).toBeLessThanOrEqual(10 + TRIPS_PER_JOB_MAX);
    const again = await costOf(client, csv);
    expect(again.job).toMatchObject({ status: "completed", unchanged_count: 10_000 });
    expect(again.count.trips).toBeLessThanOrEqual(2 * 10 + TRIPS_PER_JOB_MAX);
    const changed = await costOf(client, contactsCsv(10_000, { name: (n) => `New ${n}` }));
    expect(changed.job).toMatchObject({ status: "completed", changed_count: 10_000 });
    expect(changed.count.trips).toBeLessThanOrEqual(2 * 10 + TRIPS_PER_JOB_MAX);
  });

  it("no row of a lead is read more than a few times", async () => {
    const { client } = await mintTenant();
    const { count } = await costOf(client, contactsCsv(2000));
    const again = await costOf(client, contactsCsv(2000));
    // 2,000 rows of two aliases: a scan of the tables inside a loop would read millions
    expect(count.rowsRead).toBeLessThan(2000 * 40);
    expect(again.count.rowsRead).toBeLessThan(2000 * 40);
  });
});
