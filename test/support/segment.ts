/** Segment's wire format as its libraries write it, the queue held so that a test decides what is delivered when. */
import { expect } from "vitest";
import { deliverEvents, type EventMessage, heldEvents, mintUnitTenant, post } from "./events";
import type { Client, Tenant } from "./tenant";
import { request } from "./worker";

export type Message = Record<string, unknown>;
export type Sender = {
  client: Client;
  tenant: Tenant;
  unit: number;
  key: string;
  /** Sends one call; returns the queue's messages, which nobody has got yet. */
  queue: (path: string, body: Message) => Promise<EventMessage[]>;
  /** Sends a batch and has it processed. */
  send: (...batch: Message[]) => Promise<void>;
};

export const writeKey = async (client: Client, more: Message = {}): Promise<{ write_key_id: string; write_key: string }> =>
  post(client, "/write-keys", { name: "Website", ...more });

export const keyHeader = (key: string) => ({ Authorization: `Basic ${btoa(`${key}:`)}` });

export const sendTo = (path: string, body: unknown, headers: Record<string, string>, bindings: Partial<Env> = {}) =>
  request(path, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) }, bindings);

export async function mintSender(): Promise<Sender> {
  const { unit, ...tenant } = await mintUnitTenant();
  const { write_key: key } = await writeKey(tenant.client);
  const queue = async (path: string, body: Message) => {
    const { sent, EVENT_QUEUE } = heldEvents();
    const answer = await sendTo(`/v1/${path}`, body, keyHeader(key), { EVENT_QUEUE });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    return sent;
  };
  const send = async (...batch: Message[]) => {
    const messages = await queue("batch", { batch, sentAt: new Date().toISOString() });
    expect((await deliverEvents(messages)).retried).toEqual([]);
  };
  return { client: tenant.client, tenant, unit, key, queue, send };
}

export type FoundLead = { lead_id: string; metadata: Record<string, unknown>; account?: { account_id: string; name: string } | null };

/** The lead of an alias; null where nobody has it. */
export async function leadOf(client: Client, kind: string, value: string): Promise<FoundLead | null> {
  const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
  return answer.status === 404 ? null : answer.json<FoundLead>();
}
