/** Following an import as Server-Sent Events: nothing is missed, whenever a client comes or comes back. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { followJob, type JobEvent } from "../../../src/core/imports";
import { openSystem } from "../../../src/open-context";
import { mintCtx, unitKeyOf } from "../../support/context";
import { CONTACTS_MAPPING, contactsCsv, deliver, heldImport, heldQueue, importCsv, interceptedD1, phoneOf } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { importEventsCsv } from "../../support/triggers";
import { readProblem } from "../../support/worker";

type Sent = { event: string; id: number | null; data: Record<string, unknown> };

/** 2,500 rows in three chunks: one row fails in the first, two in the last. */
function brokenFile(): string {
  const lines = contactsCsv(2500).split("\n");
  for (const row of [45, 2102, 2103]) lines[row - 1] = `not-an-email,Name,${phoneOf(row)}`;
  return lines.join("\n");
}
const STRICT = { ...CONTACTS_MAPPING, strict: true };

afterEach(() => void vi.useRealTimers());

function readStream(text: string): { events: Sent[]; comments: number } {
  const blocks = text.split("\n\n").filter(Boolean);
  const events = blocks.flatMap((block) => {
    const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
    const event = fields.get("event");
    const id = fields.get("id");
    return event === undefined ? [] : [{ event, id: id === undefined ? null : Number(id), data: JSON.parse(fields.get("data") ?? "") }];
  });
  return { events, comments: blocks.filter((block) => block.startsWith(":")).length };
}

async function follow(client: Client, path: string, after?: number): Promise<Sent[]> {
  const answer = await client.get(path, after === undefined ? {} : { headers: { "Last-Event-ID": String(after) } });
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect(answer.headers.get("Cache-Control")).toBe("no-store, no-transform");
  const text = await answer.text();
  expect(text.endsWith("\n\nretry: 1000\n\n")).toBe(true);
  return readStream(text).events;
}

describe("a job that has ended", () => {
  it("sends its state at once, each chunk's errors and sums, and the job", async () => {
    const { client } = await mintTenant();
    const { job_id } = await importCsv(client, brokenFile(), STRICT);
    const events = await follow(client, `/leads/import/jobs/${job_id}/events`);
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ["progress", null],
      ["row_errors", 0],
      ["progress", 0],
      ["progress", 1],
      ["row_errors", 2],
      ["progress", 2],
      ["done", 3],
    ]);
    const [first, errors, , second, , last, done] = events;
    expect(first?.data).toMatchObject({ processed_rows: 0, total_rows: 2500, rows_per_second: null, seconds_left: null });
    expect(errors?.data).toEqual({ errors: [{ row: 45, error: "Invalid email format", value: "not-an-email", column: "Email" }] });
    expect(second?.data).toEqual({
      processed_rows: 2000,
      total_rows: 2500,
      created_count: 1999,
      updated_count: 0,
      failed_count: 1,
      rows_per_second: expect.any(Number),
      seconds_left: expect.any(Number),
    });
    expect(last?.data).toMatchObject({ processed_rows: 2500, created_count: 2497, failed_count: 3, seconds_left: 0 });
    expect(done?.data).toMatchObject({ job_id, status: "completed", failed_count: 3, completed_with_errors: true });
  });

  it("goes on after the last event that was received, from each of them without a gap or a repetition, and is a 204 after `done`", async () => {
    const { client } = await mintTenant();
    const { job_id } = await importCsv(client, brokenFile(), STRICT);
    const path = `/leads/import/jobs/${job_id}/events`;
    const whole = (await follow(client, path)).filter(({ id }) => id !== null);
    for (const after of [0, 1, 2]) {
      const [first, ...rest] = await follow(client, path, after);
      expect(first).toMatchObject({ event: "progress", id: null, data: { processed_rows: [1000, 2000, 2500][after] } });
      expect(rest).toEqual(whole.filter(({ id }) => (id ?? 0) > after));
    }
    expect((await client.get(path, { headers: { "Last-Event-ID": "3" } })).status).toBe(204);
  });

  it("is followed the same for an import of events", async () => {
    const { client } = await mintTenant();
    const { job_id } = await importEventsCsv(client, "event_type,email\nPage View,ann@example.com\nPage View,not-an-email\n");
    const events = await follow(client, `/import/jobs/${job_id}/events`);
    expect(events.map(({ event }) => event)).toEqual(["progress", "row_errors", "progress", "done"]);
    expect(events.at(-1)?.data).toMatchObject({ job_id, status: "completed", imported_count: 1, failed_count: 1 });
    await readProblem(await client.get(`/leads/import/jobs/${job_id}/events`), 404);
  });

  it("an unknown job is a 404, and a Last-Event-ID that is no number a 400", async () => {
    const { client } = await mintTenant();
    await readProblem(await client.get("/leads/import/jobs/job_unknown/events"), 404);
    const { job_id } = await importCsv(client, contactsCsv(1), CONTACTS_MAPPING);
    const refused = await client.get(`/leads/import/jobs/${job_id}/events`, { headers: { "Last-Event-ID": "abc" } });
    expect((await readProblem(refused, 400)).errors?.[0]?.path).toBe("last-event-id");
  });
});

describe("a job that runs", () => {
  it("sends its first event before any chunk, then each chunk as it is committed", async () => {
    const tenant = await mintTenant();
    const { job_id, message } = await heldImport(tenant.client, brokenFile(), STRICT);
    const ctx = await openSystem(env, await unitKeyOf(tenant), "req_test");
    const pending = [message];
    const start = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    // one chunk for each run
    const DB = interceptedD1(async (call, run) => {
      const result = await run();
      if (call.chunk !== null) vi.setSystemTime(Date.now() + 21_000);
      return result;
    });
    const wait = async () => {
      const next = pending.shift();
      if (!next) throw new Error("the job has ended: nothing to wait for");
      const queue = heldQueue();
      await deliver(next, { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE });
      pending.push(...queue.sent);
      return true;
    };
    vi.setSystemTime(start);
    const seen: string[] = [];
    for await (const event of (await followJob(ctx, job_id, "leads", { after: -1, wait })) ?? []) {
      if (seen.length === 0) expect(event).toMatchObject({ type: "progress", chunk: null, data: { processed_rows: 0, total_rows: 2500 } });
      if (event.type !== "ping") seen.push(`${event.type} ${event.chunk}`);
    }
    expect(seen).toEqual(["progress null", "row_errors 0", "progress 0", "progress 1", "row_errors 2", "progress 2", "done 3"]);
  });

  it("is pinged every 15 seconds and left after five minutes", async () => {
    const { tenant, ...ctx } = await mintCtx();
    const { job_id } = await heldImport(tenant.client, contactsCsv(1));
    let now = Date.now();
    const wait = async (ms: number) => {
      now += ms;
      return true;
    };
    const events: JobEvent[] = [];
    for await (const event of (await followJob({ ...ctx, now: () => now }, job_id, "leads", { after: -1, wait })) ?? []) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(["progress", ...Array<string>(19).fill("ping")]);
  });

  it("a client that goes ends the polling", async () => {
    const { client } = await mintTenant();
    const { job_id } = await heldImport(client, contactsCsv(1));
    const answer = await client.get(`/leads/import/jobs/${job_id}/events`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toContain("event: progress\ndata: ");
    const rest = reader.read();
    await reader.cancel();
    expect((await rest).done).toBe(true);
  });
});
