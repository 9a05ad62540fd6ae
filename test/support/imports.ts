/** Imports as a client makes them, and the queue consumer run by hand so that a test decides what is delivered when. */
import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import worker from "../../src/index";
import type { Client } from "./tenant";
import { envWith } from "./worker";

export type Job = {
  job_id: string;
  status: string;
  total_rows: number;
  created_count: number;
  updated_count: number;
  failed_count: number;
  changed_count: number;
  unchanged_count: number;
  skipped_count: number;
  warnings_count: number;
  completed_with_errors: boolean;
  open_failures: number;
  errors_url: string | null;
  errors: { row: number; error: string; value: string; column: string | null }[];
  alias_conflicts: { row: number; kind: string; value: string; lead_id: string }[];
};
export type Mapping = {
  primary_identifier: { column: string; kind: string };
  field_mappings?: Record<string, string>;
  alias_mappings?: Record<string, string>;
  identifiers?: { column: string; kind: string }[];
  strict?: boolean;
  mode?: string;
  column_modes?: Record<string, string>;
  create_fields?: string[];
  keep_unmapped_columns?: boolean;
  placeholders?: string[];
};

export function csvForm(
  content: string | Uint8Array,
  options: { name?: string; type?: string; fields?: Record<string, string> } = {},
): FormData {
  const form = new FormData();
  form.set("file", new File([content], options.name ?? "leads.csv", { type: options.type ?? "text/csv" }));
  for (const [name, value] of Object.entries(options.fields ?? {})) form.set(name, value);
  return form;
}

export async function preview(
  client: Client,
  csv: string | Uint8Array,
  options: { name?: string; type?: string; fields?: Record<string, string> } = {},
): Promise<string> {
  const answer = await client.call("POST", "/leads/import/preview", { body: csvForm(csv, options) });
  expect(answer.status).toBe(200);
  return (await answer.json<{ file_id: string }>()).file_id;
}

/** Previews and starts; nothing has run yet when `held` keeps the message back. */
export async function startImport(client: Client, csv: string, mapping: Mapping, bindings: Partial<Env> = {}): Promise<string> {
  const file_id = await preview(client, csv);
  const answer = await client.post("/leads/import/start", { file_id, ...mapping }, { bindings });
  expect(answer.status).toBe(202);
  return (await answer.json<{ job_id: string }>()).job_id;
}

export async function getJob(client: Client, jobId: string): Promise<Job> {
  const answer = await client.get(`/leads/import/jobs/${jobId}`);
  expect(answer.status).toBe(200);
  return answer.json<Job>();
}

/** Imports a file through the real queue and waits for the job's end. */
export async function importCsv(client: Client, csv: string, mapping: Mapping): Promise<Job> {
  return ended(client, await startImport(client, csv, mapping));
}

/** A queue that keeps what is sent to it instead of delivering it. */
export function heldQueue(): { IMPORT_QUEUE: Queue; sent: { unit: number; job_id: string }[] } {
  const sent: { unit: number; job_id: string }[] = [];
  return { sent, IMPORT_QUEUE: { send: async (body: { unit: number; job_id: string }) => void sent.push(body) } as unknown as Queue };
}

/** Delivers one message to the consumer; returns what it settled. With `bindings`, it does not wait for its turn. */
export async function deliver(body: unknown, bindings: Partial<Env> = {}, attempts = 1) {
  const batch = createMessageBatch("leadedge-imports", [{ id: crypto.randomUUID(), timestamp: new Date(), attempts, body }]);
  const context = createExecutionContext();
  await worker.queue(batch, envWith(bindings), context);
  return getQueueResult(batch, context);
}

/** The promise of every job's counters. */
export const accountedFor = (job: Job): number => job.created_count + job.changed_count + job.unchanged_count + job.failed_count;

/** Waits for a job that the real queue runs to end. */
export async function ended(client: Client, jobId: string): Promise<Job> {
  await vi.waitFor(async () => expect(["completed", "failed", "cancelled"]).toContain((await getJob(client, jobId)).status), {
    timeout: 20_000,
    interval: 20,
  });
  return getJob(client, jobId);
}

/** A contacts file: rows `from` to `from + count - 1`, each with an email and a phone that no other number has. */
export function contactsCsv(count: number, { from = 0, name = (n: number) => `Name ${n}` } = {}): string {
  const lines = ["Email,First Name,Phone"];
  for (let n = from; n < from + count; n++) lines.push(`${emailOf(n)},${name(n)},${phoneOf(n)}`);
  return `${lines.join("\n")}\n`;
}
export const emailOf = (n: number): string => `p${n}@example.com`;
/** Never one digit repeated: that is a placeholder. */
export const phoneOf = (n: number): string => `+12${String(n + 1).padStart(9, "0")}`;
export const CONTACTS_MAPPING: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name" },
  alias_mappings: { Phone: "_alias_phone" },
};

/** A job whose only message is in `queue.sent`: nothing runs until a test delivers it. */
export async function heldImport(client: Client, csv: string, mapping: Mapping = CONTACTS_MAPPING) {
  const queue = heldQueue();
  const job_id = await startImport(client, csv, mapping, { IMPORT_QUEUE: queue.IMPORT_QUEUE });
  const [message] = queue.sent;
  if (!message) throw new Error("starting sent no message");
  return { job_id, message };
}

/** Delivers a message, then those that its runs send, until there are none; returns how many deliveries that took. */
export async function deliverAll(message: object, bindings: Partial<Env> = {}): Promise<number> {
  const pending: object[] = [message];
  let deliveries = 0;
  for (let next = pending.shift(); next; next = pending.shift()) {
    const queue = heldQueue();
    const settled = await deliver(next, { IMPORT_QUEUE: queue.IMPORT_QUEUE, ...bindings });
    deliveries += 1;
    if (deliveries > 100) throw new Error("a job that never ends");
    pending.push(...queue.sent, ...(settled.retryMessages.length > 0 ? [next] : []));
  }
  return deliveries;
}

/** One tick of a cron; returns the messages that it sent. */
export async function cronTick(cron: "* * * * *" | "*/10 * * * *", bindings: Partial<Env> = {}) {
  const queue = heldQueue();
  await worker.scheduled(createScheduledController({ cron }), envWith({ IMPORT_QUEUE: queue.IMPORT_QUEUE, ...bindings }));
  return queue.sent;
}

/** What an org unit holds, counted in the tables themselves. */
export async function stored(unit: number): Promise<{ leads: number; aliases: number; conflicts: number }> {
  const count = async (table: string) =>
    Number(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`).bind(unit).first("n"));
  return { leads: await count("leads"), aliases: await count("aliases"), conflicts: await count("alias_conflicts") };
}

/** What goes to D1 in one round trip. `chunk` is the number of the chunk which that commits, null for any other. */
export type D1Call = { statements: { text: string; values: unknown[] }[]; chunk: number | null };

/** A D1 whose every round trip of an org unit goes through `around`, which may fail before or after `run`. */
export function interceptedD1(around: (call: D1Call, run: () => Promise<unknown>) => Promise<unknown>): D1Database {
  type Entry = { statement: D1PreparedStatement; text: string; values: unknown[] };
  const entries = new WeakMap<object, Entry>();
  const wrap = (entry: Entry): D1PreparedStatement => {
    const outer = {
      bind: (...values: unknown[]) => wrap({ ...entry, statement: entry.statement.bind(...values), values }),
      all: () => around(callOf([entry]), () => entry.statement.all()),
      run: () => around(callOf([entry]), () => entry.statement.run()),
      first: (...column: []) => entry.statement.first(...column),
      raw: (...options: []) => entry.statement.raw(...options),
    } as unknown as D1PreparedStatement;
    entries.set(outer, entry);
    return outer;
  };
  const callOf = (found: Entry[]): D1Call => {
    const chunk = found.find(({ text }) => text.startsWith("INSERT INTO import_chunks"));
    return { statements: found.map(({ text, values }) => ({ text, values })), chunk: chunk ? Number(chunk.values[2]) : null };
  };
  const through = (target: Pick<D1Database, "prepare" | "batch">) => ({
    prepare: (text: string) => wrap({ statement: target.prepare(text), text, values: [] }),
    batch: (statements: D1PreparedStatement[]) => {
      const found = statements.map((statement) => entries.get(statement) as Entry);
      return around(callOf(found), () => target.batch(found.map(({ statement }) => statement)));
    },
  });
  return {
    ...through(env.DB),
    withSession: (constraint?: string) => {
      const session = env.DB.withSession(constraint);
      return { ...through(session), getBookmark: () => session.getBookmark() };
    },
  } as unknown as D1Database;
}
