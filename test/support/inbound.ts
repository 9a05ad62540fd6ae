/** Inbound sources, and what their senders send: signed as each of them documents it, by WebCrypto and not by our own code. */
import { expect } from "vitest";
import { deliverEvents, type EventMessage, heldEvents } from "./events";
import type { Client } from "./tenant";
import { request } from "./worker";

export type InboundSource = { source_id: string; url: string; type: string; active: boolean };
export type Payload = {
  payload_id: string;
  outcome: string;
  reason: string | null;
  deliveries: number;
  payload: unknown;
  event_ids: string[];
  fields: { pointer: string; label: string; value: unknown; target: string | null }[];
};

export async function mintSource(client: Client, type: string, more: Record<string, unknown> = {}): Promise<InboundSource> {
  const answer = await client.post("/sources", { name: `My ${type}`, type, ...more });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<InboundSource>();
}

export const pathOf = ({ url }: Pick<InboundSource, "url">): string => new URL(url).pathname;

type Body = string | Uint8Array | FormData | URLSearchParams;
export type SentDelivery = { answer: Response; messages: EventMessage[] };

/** Sends to a source's address; what it queues is not processed yet. */
export async function send(
  source: Pick<InboundSource, "url">,
  body: Body,
  headers: Record<string, string> = {},
  bindings: Partial<Env> = {},
): Promise<SentDelivery> {
  const { sent, EVENT_QUEUE } = heldEvents();
  const type = typeof body === "string" ? { "Content-Type": "application/json" } : {};
  const init = { method: "POST", headers: { ...type, ...headers }, body: body as BodyInit };
  return { answer: await request(pathOf(source), init, { EVENT_QUEUE, ...bindings }), messages: sent };
}

/** Sends, and has the events processed. */
export async function submit(source: Pick<InboundSource, "url">, body: Body, headers: Record<string, string> = {}): Promise<SentDelivery> {
  const delivery = await send(source, body, headers);
  expect(delivery.answer.status, await delivery.answer.clone().text()).toBe(200);
  expect((await deliverEvents(delivery.messages)).retried).toEqual([]);
  return delivery;
}

export async function payloadsOf(client: Client, { source_id }: Pick<InboundSource, "source_id">): Promise<Payload[]> {
  const answer = await client.get(`/sources/${source_id}/payloads`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json<{ payloads: Payload[] }>()).payloads;
}

const bytes = (text: string) => new TextEncoder().encode(text);

const hexOf = (given: ArrayBuffer): string => Array.from(new Uint8Array(given), (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64Of = (given: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(given)));

export async function hmac(secret: string, text: string): Promise<{ hex: string; base64: string }> {
  const key = await crypto.subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, bytes(text));
  return { hex: hexOf(signature), base64: base64Of(signature) };
}
export const sha256 = async (text: string): Promise<string> => hexOf(await crypto.subtle.digest("SHA-256", bytes(text)));

type Signer = (secret: string, body: string, url: string, at?: number) => Promise<Record<string, string>>;

const timed =
  (header: string): Signer =>
  async (secret, body, _, at = Date.now()) => {
    const seconds = Math.floor(at / 1000);
    return { [header]: `t=${seconds},v1=${(await hmac(secret, `${seconds}.${body}`)).hex}` };
  };

/** The headers that each sender signs a body with. */
export const SIGNERS: Record<string, Signer> = {
  typeform: async (secret, body) => ({ "Typeform-Signature": `sha256=${(await hmac(secret, body)).base64}` }),
  tally: async (secret, body) => ({ "Tally-Signature": (await hmac(secret, body)).base64 }),
  calendly: timed("Calendly-Webhook-Signature"),
  hubspot: async (secret, body, url, at = Date.now()) => ({
    "X-HubSpot-Request-Timestamp": String(at),
    "X-HubSpot-Signature-v3": (await hmac(secret, `POST${url}${body}${at}`)).base64,
  }),
  stripe: timed("Stripe-Signature"),
  generic: async (secret, body) => ({ "X-Signature": `sha256=${(await hmac(secret, body)).hex}` }),
};
