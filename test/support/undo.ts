/** Undos as a client requests them, and the queue run by hand. */
import { expect } from "vitest";
import { deliverAll, heldImport, heldQueue, type Mapping } from "./imports";
import type { Client } from "./tenant";

export type Undo = {
  status: string;
  removed_count: number;
  restored_count: number;
  kept_count: number;
  kept: { lead_id: string; field: string; reason: string }[];
  complete?: boolean;
};

/** Imports a file to its end; returns the job's id. */
export async function imported(client: Client, csv: string, mapping: Mapping): Promise<string> {
  const { job_id, message } = await heldImport(client, csv, mapping);
  await deliverAll(message);
  return job_id;
}

/** Asks for an undo whose message waits in `message` until a test delivers it; null when it needs none. */
export async function heldUndo(client: Client, jobId: string, bindings: Partial<Env> = {}) {
  const queue = heldQueue();
  const answer = await client.post(`/leads/import/jobs/${jobId}/undo`, undefined, {
    bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE, ...bindings },
  });
  expect(answer.status, await answer.clone().text()).toBe(202);
  return { job: await answer.json<{ job_id: string; status: string; undo: Undo }>(), message: queue.sent[0] ?? null };
}

/** Undoes an import to its end; returns what the job then shows. */
export async function undone(client: Client, jobId: string, bindings: Partial<Env> = {}): Promise<Undo> {
  const { message } = await heldUndo(client, jobId);
  if (message) await deliverAll(message, bindings);
  return undoOf(client, jobId);
}

export async function undoOf(client: Client, jobId: string): Promise<Undo> {
  return (await (await client.get(`/leads/import/jobs/${jobId}`)).json<{ undo: Undo }>()).undo;
}

export async function dryRun(client: Client, jobId: string): Promise<Undo> {
  const answer = await client.post(`/leads/import/jobs/${jobId}/undo?dry_run=true`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json<{ undo: Undo }>()).undo;
}
