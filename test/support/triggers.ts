/** Triggers, the events that fire them, and the event consumer run by hand: what is delivered when is the test's to say. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import worker from "../../src/index";
import type { EventMessage } from "../../src/queues/messages";
import { type DeliveryMessage, HOOK, heldDeliveries, nudge, type Received } from "./deliveries";
import { csvForm, heldQueue } from "./imports";
import type { CallOptions, Client } from "./tenant";
import { envWith } from "./worker";

export const TRIGGER_PATHS = { milestone: "/triggers", sequence: "/sequences", surge: "/surge-triggers" } as const;
export type Kind = keyof typeof TRIGGER_PATHS;

/** The least that makes a trigger of each kind. */
export const LEAST = {
  milestone: { name: "Hot lead", score_threshold: 50 },
  sequence: { name: "Ready to buy", event_types: ["Page View", "Demo Request"], window_seconds: 3600 },
  surge: { name: "Busy today", threshold: 3, window_seconds: 3600 },
} as const satisfies Record<Kind, Record<string, unknown>>;

export type TriggerView = {
  id: string;
  name: string;
  active: boolean;
  channel_ids: string[];
  webhook_url: string | null;
  webhook_channel_id: string | null;
  emails: string[];
  signing_secret?: string;
  created_at: string;
  updated_at: string;
} & Record<string, unknown>;

export async function mintTrigger(
  client: Client,
  body: Record<string, unknown> = {},
  kind: Kind = "milestone",
  options: CallOptions = {},
): Promise<TriggerView> {
  const answer = await client.post(TRIGGER_PATHS[kind], { ...LEAST[kind], ...body }, options);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<TriggerView>();
}

export async function putTrigger(client: Client, id: string, changes: Record<string, unknown>, kind: Kind = "milestone"): Promise<void> {
  const answer = await client.call("PUT", `${TRIGGER_PATHS[kind]}/${id}`, { json: changes });
  expect(answer.status, await answer.clone().text()).toBe(kind === "surge" ? 204 : 200);
}

/** Rules of one ruleset: what an event of each type adds. */
export async function mintRules(client: Client, weights: Record<string, number>): Promise<void> {
  const ruleset = await client.post("/engagement-scoring/rulesets", { name: "Engagement" });
  const { id } = await ruleset.json<{ id: string }>();
  for (const [event_type, weight] of Object.entries(weights)) {
    const answer = await client.post(`/engagement-scoring/rulesets/${id}/rules`, { event_type, weight });
    expect(answer.status, await answer.clone().text()).toBe(201);
  }
}

export type SentEvent = { event_id?: string; event_type: string; email?: string; lead_id?: string; timestamp?: string; metadata?: object };
export const LEAD = "ann@example.com";

/** Ingests events whose message nobody has got yet. */
export async function heldEvents(client: Client, events: SentEvent[]): Promise<EventMessage> {
  const sent: EventMessage[] = [];
  const bindings = { EVENT_QUEUE: { send: async (body: EventMessage) => void sent.push(body) } as unknown as Queue };
  for (const { email, ...event } of events) {
    const aliases = event.lead_id === undefined || email !== undefined ? [{ alias_kind: "email", raw_value: email ?? LEAD }] : undefined;
    const answer = await client.post("/ingest", { ...event, ...(aliases ? { aliases } : {}) }, { bindings });
    expect(answer.status, await answer.clone().text()).toBe(202);
  }
  const [first] = sent;
  if (!first) throw new Error("no event was queued");
  return { unit: first.unit, events: sent.flatMap((message) => message.events) };
}

/** Delivers a message to the event consumer; returns what it settled and the delivery messages that it sent. */
export async function deliverEvents(message: EventMessage, bindings: Partial<Env> = {}, attempts = 1) {
  const queue = heldDeliveries();
  const batch = createMessageBatch("leadedge-events", [{ id: crypto.randomUUID(), timestamp: new Date(), attempts, body: message }]);
  const context = createExecutionContext();
  await worker.queue(batch, envWith({ DELIVERY_QUEUE: queue.DELIVERY_QUEUE, ...bindings }), context);
  return { settled: await getQueueResult(batch, context), sent: queue.sent as DeliveryMessage[] };
}

/** Ingests events and processes them together; returns the delivery messages of what fired. */
export async function happen(client: Client, ...events: SentEvent[]): Promise<DeliveryMessage[]> {
  const { settled, sent } = await deliverEvents(await heldEvents(client, events));
  expect(settled.explicitAcks.length).toBe(1);
  return sent;
}

/** The same, and everything that fired is sent. */
export async function happenAndSend(client: Client, ...events: SentEvent[]): Promise<DeliveryMessage[]> {
  const sent = await happen(client, ...events);
  if (sent.length > 0) await nudge(sent);
  return sent;
}

export type FiringView = {
  id: string;
  kind: string;
  trigger_id: string;
  trigger_name: string;
  lead_id: string;
  score: number;
  event_id: string;
  event_type: string;
  fired_at: string;
};

export async function firingsOf(client: Client, query = ""): Promise<FiringView[]> {
  const answer = await client.get(`/milestone-events${query}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json<{ events: FiringView[] }>()).events;
}

export async function leadIdOf(client: Client, email = LEAD): Promise<string> {
  const answer = await client.get(`/lead/by-alias?value=${encodeURIComponent(email)}`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ lead_id: string }>()).lead_id;
}

export async function scoreOf(client: Client, email = LEAD): Promise<number> {
  const answer = await client.get(`/score/${await leadIdOf(client, email)}`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ score: number }>()).score;
}

/** Rows that a unit has in each table. */
export async function rowCounts(unit: number): Promise<Record<string, number>> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%' AND name NOT IN ('org_units', 'credentials')",
  ).all<{ name: string }>();
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const rows = await env.DB.prepare(`SELECT count(*) AS n FROM ${name} WHERE unit = ?1`).bind(unit).first<number>("n");
    if (rows) counts[name] = rows;
  }
  return counts;
}

export const payloads = (received: readonly Received[]) =>
  received.map(({ body }) => JSON.parse(body) as { type: string; timestamp: string; data: Record<string, unknown> });

export const toHook = { webhook_url: HOOK };

export type EventJob = {
  job_id: string;
  status: string;
  file_name: string;
  total_rows: number;
  imported_count: number;
  duplicate_count: number;
  failed_count: number;
  errors: { row: number; error: string; value: string; column: string | null }[];
  created_at: string;
  completed_at: string | null;
};
type Upload = { query?: string; name?: string; type?: string; fields?: Record<string, string>; bindings?: Partial<Env> };

export const postEvents = (
  client: Client,
  csv: string | Uint8Array,
  { query = "", bindings, ...options }: Upload = {},
): Promise<Response> =>
  client.call("POST", `/import${query}`, { body: csvForm(csv, { name: "events.csv", ...options }), ...(bindings ? { bindings } : {}) });

export async function getEventJob(client: Client, jobId: string): Promise<EventJob> {
  const answer = await client.get(`/import/jobs/${jobId}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<EventJob>();
}

/** An import whose only message is `message`: nothing is stored until a test delivers it. */
export async function heldEventImport(client: Client, csv: string, upload: Upload = {}) {
  const queue = heldQueue();
  const answer = await postEvents(client, csv, { ...upload, bindings: { ...upload.bindings, IMPORT_QUEUE: queue.IMPORT_QUEUE } });
  expect(answer.status, await answer.clone().text()).toBe(202);
  const counts = await answer.json<{ imported: number; errors: number; job_id: string }>();
  const [message] = queue.sent;
  if (!message) throw new Error("an import sent no message");
  return { ...counts, message };
}

/** Imports a file through the real queue and waits for the job's end. */
export async function importEventsCsv(client: Client, csv: string, upload: Upload = {}): Promise<EventJob> {
  const answer = await postEvents(client, csv, upload);
  expect(answer.status, await answer.clone().text()).toBe(202);
  const { job_id } = await answer.json<{ job_id: string }>();
  await vi.waitFor(async () => expect((await getEventJob(client, job_id)).status).toBe("completed"), { timeout: 20_000, interval: 20 });
  return getEventJob(client, job_id);
}
