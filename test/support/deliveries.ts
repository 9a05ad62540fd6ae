/** Receivers of deliveries, and the consumer run by hand so that a test decides what is sent when. */
import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { UnitDb } from "../../src/context";
import { insertDeliveries, type NewDelivery } from "../../src/core/notifications";
import { openUnitDb } from "../../src/db/client";
import worker from "../../src/index";
import { unitKeyOf } from "./context";
import { heldQueue } from "./imports";
import type { Client } from "./tenant";
import { envWith } from "./worker";

export type Received = { url: string; headers: Headers; body: string; init: RequestInit };
export type DeliveryMessage = { unit: number; delivery_id: string };
export type Shown = {
  delivery_id: string;
  channel_id: string;
  event_type: string;
  status: string;
  attempt_count: number;
  next_attempt_at: string | null;
  last_error: string | null;
  created_at: string;
  finished_at: string | null;
  payload: { type: string; timestamp: string; data: Record<string, unknown> };
  attempts: { attempt: number; at: string; status_code: number | null; error: string | null; response: string | null }[];
};

export const HOOK = "https://hooks.example.com/leadedge";

/** Stands in for every receiver there is: keeps what it gets, returns what `answer` says. */
export function receiver(answer: (request: Received, count: number) => Response | Promise<Response> = () => new Response("ok")) {
  const received: Received[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const request = { url, headers: new Headers(init.headers), body: String(init.body), init };
    received.push(request);
    return answer(request, received.length);
  });
  return received;
}

/** A receiver that never answers, as far as the sender lets it. */
export const silent = ({ init }: Received): Promise<Response> =>
  new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)));

/** A queue that keeps what is sent to it instead of delivering it. */
export function heldDeliveries() {
  const sent: (DeliveryMessage & { delaySeconds: number })[] = [];
  const sendBatch = async (messages: { body: DeliveryMessage }[], options?: { delaySeconds?: number }) => {
    expect(messages.length).toBeLessThanOrEqual(100);
    for (const { body } of messages) sent.push({ ...body, delaySeconds: options?.delaySeconds ?? 0 });
  };
  return { sent, DELIVERY_QUEUE: { sendBatch } as unknown as Queue };
}

export async function mintChannel(
  client: Client,
  type = "webhook",
  config: Record<string, string> = { url: HOOK },
  bindings: Partial<Env> = {},
): Promise<{ id: string; signing_secret: string }> {
  const answer = await client.post("/notification-channels", { name: "CRM", type, config }, { bindings });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<{ id: string; signing_secret: string }>();
}

/** A test delivery to the channel whose message nobody has got yet. */
export async function heldDelivery(client: Client, channelId: string, bindings: Partial<Env> = {}): Promise<DeliveryMessage> {
  const queue = heldDeliveries();
  const held = { DELIVERY_QUEUE: queue.DELIVERY_QUEUE, ...bindings };
  const answer = await client.post(`/notification-channels/${channelId}/test`, undefined, { bindings: held });
  expect(answer.status, await answer.clone().text()).toBe(202);
  const [message] = queue.sent;
  if (!message) throw new Error("a test sent no message");
  return { unit: message.unit, delivery_id: message.delivery_id };
}

/** Delivers messages to the consumer in one batch; answers, when all is done, what it settled, what it sent on and how long it held the queue. */
export async function nudge(messages: DeliveryMessage | DeliveryMessage[], bindings: Partial<Env> = {}) {
  const queue = heldDeliveries();
  const bodies = [messages].flat().map(({ unit, delivery_id }) => ({ unit, delivery_id }));
  const batch = createMessageBatch(
    "leadedge-deliveries",
    bodies.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  const startedAt = performance.now();
  await worker.queue(batch, { ...env, DELIVERY_QUEUE: queue.DELIVERY_QUEUE, ...bindings }, context);
  const heldMs = performance.now() - startedAt;
  return { settled: await getQueueResult(batch, context), sent: queue.sent, heldMs };
}

/** One tick of a cron; returns the delivery messages that it sent. */
export async function tick(cron: "* * * * *" | "*/10 * * * *", bindings: Partial<Env> = {}, scheduledTime = Date.now()) {
  const queue = heldDeliveries();
  const held = { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE, DELIVERY_QUEUE: queue.DELIVERY_QUEUE };
  await worker.scheduled(createScheduledController({ cron, scheduledTime }), envWith({ ...held, ...bindings }));
  return queue.sent;
}

export async function getDelivery(client: Client, { delivery_id }: { delivery_id: string }): Promise<Shown> {
  const answer = await client.get(`/deliveries/${delivery_id}`);
  expect(answer.status).toBe(200);
  return answer.json<Shown>();
}

/** Moves the clock on, for the worker too. */
export function wait(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

export const unitDb = (unit: number): UnitDb => openUnitDb(env.DB, unit);

/** Puts deliveries in the outbox as another part's batch does. */
export const commitDeliveries = (unit: number, deliveries: NewDelivery[]) =>
  unitDb(unit).batch(insertDeliveries(unitDb(unit), deliveries, Date.now()));

export const unitOf = (workspace_id: string): Promise<number> => unitKeyOf({ workspace_id });
