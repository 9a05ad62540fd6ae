/** Imports as a client makes them, and the queue consumer run by hand so that a test decides what is delivered when. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import worker from "../../src/index";
import type { Client } from "./tenant";

export type Job = {
  job_id: string;
  status: string;
  total_rows: number;
  created_count: number;
  updated_count: number;
  failed_count: number;
  changed_count: number;
  unchanged_count: number;
  errors: { row: number; error: string; value: string; column: string | null }[];
  alias_conflicts: { row: number; kind: string; value: string; lead_id: string }[];
};
export type Mapping = {
  primary_identifier: { column: string; kind: string };
  field_mappings?: Record<string, string>;
  alias_mappings?: Record<string, string>;
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

export async function preview(client: Client, csv: string | Uint8Array): Promise<string> {
  const answer = await client.call("POST", "/leads/import/preview", { body: csvForm(csv) });
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
  const jobId = await startImport(client, csv, mapping);
  await vi.waitFor(async () => expect(["completed", "failed", "cancelled"]).toContain((await getJob(client, jobId)).status), {
    timeout: 20_000,
    interval: 20,
  });
  return getJob(client, jobId);
}

/** A queue that keeps what is sent to it instead of delivering it. */
export function heldQueue(): { IMPORT_QUEUE: Queue; sent: { unit: number; job_id: string }[] } {
  const sent: { unit: number; job_id: string }[] = [];
  return { sent, IMPORT_QUEUE: { send: async (body: { unit: number; job_id: string }) => void sent.push(body) } as unknown as Queue };
}

/** Delivers one message to the consumer; answers what it settled. */
export async function deliver(body: unknown, bindings: Partial<Env> = {}, attempts = 1) {
  const batch = createMessageBatch("leadedge-imports", [{ id: crypto.randomUUID(), timestamp: new Date(), attempts, body }]);
  const context = createExecutionContext();
  await worker.queue(batch, { ...env, ...bindings });
  return getQueueResult(batch, context);
}

/** The promise of every job's counters. */
export const accountedFor = (job: Job): number => job.created_count + job.changed_count + job.unchanged_count + job.failed_count;
