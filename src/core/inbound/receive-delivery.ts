/** What a source's address is sent: verified, queued as events, and kept for whoever maps it. No table of leads is touched. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { logError } from "../../log";
import type { PayloadOutcome } from "../../vocabulary";
import { acceptReadEvents } from "../events";
import type { Json } from "../leads";
import { readBody } from "./read-body";
import { type ReadDelivery, readDelivery } from "./read-delivery";
import { SENDERS, withoutSecret } from "./senders";
import { sha256 } from "./signatures";
import type { InboundSource } from "./source";
import { keepPayload } from "./store";
import type { Delivery } from "./submission";

export type Received = { payload_id: string; outcome: PayloadOutcome; reason: string | null; event_ids: string[] };

/** The headers in which generic senders name a delivery; those of the others name it in the body. */
const DELIVERY_ID_HEADERS = ["webhook-id", "x-delivery-id", "x-event-id", "idempotency-key"];
const SWITCHED_OFF = "The source is switched off";
const PAYLOAD_CHARS_MAX = 300_000;

/**
 * Takes a delivery, once however often it comes. The queue holds its events before the payload is kept; a payload that is not kept for lack
 * of a database is logged. Throws unauthenticated (the signature), forbidden (switched off), unavailable and RateLimited as ingest does.
 */
export async function receiveDelivery(ctx: Ctx, source: InboundSource, delivery: Delivery): Promise<Received> {
  const sent = await readBody(delivery);
  if (source.secret !== null && !SENDERS[source.type].isSigned(source.secret, delivery, sent))
    throw new AppError("unauthenticated", "The signature is missing or wrong");
  const payload = sent === undefined ? undefined : withoutSecret(source.type, sent);
  const given_id = source.type === "generic" ? headerId(delivery) : null;
  // who has seen a signed body could send it again under another id: no header is signed
  const signed_body = source.secret !== null && given_id !== null ? sha256(delivery.body) : undefined;
  const read = source.active
    ? readDelivery(source, payload, { unit: ctx.unit, now: delivery.received_at, given_id, signed_body })
    : { outcome: "unusable" as const, reason: SWITCHED_OFF, events: [] };
  const outcome = await queued(ctx, read);
  const received = { payload_id: payloadIdOf(source, given_id ?? payload ?? null), ...outcome };
  await keep(ctx, source, received, { payload: payload ?? textOfBytes(delivery.body), given_id, received_at: delivery.received_at });
  if (!source.active) throw new AppError("forbidden", SWITCHED_OFF);
  return received;
}

/** Events that a quota refuses are kept as a payload. */
export async function queued(ctx: Ctx, { events, outcome, reason }: ReadDelivery): Promise<Omit<Received, "payload_id">> {
  try {
    await acceptReadEvents(ctx, events);
    return { outcome, reason, event_ids: events.map(({ event_id }) => event_id) };
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") return { outcome: "unusable", reason: error.message, event_ids: [] };
    throw error;
  }
}

const headerId = ({ headers }: Delivery): string | null =>
  DELIVERY_ID_HEADERS.map((name) => headers[name]?.trim()).find((id) => id !== undefined && id !== "") ?? null;

/** The same for the same delivery. */
const payloadIdOf = ({ source_id }: InboundSource, known: Json): string =>
  `pay_${sha256Hex(JSON.stringify([source_id, known])).slice(0, 32)}`;

const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll("\0", "");

async function keep(
  ctx: Ctx,
  { source_id }: InboundSource,
  received: Received,
  { payload, given_id, received_at }: { payload: Json; given_id: string | null; received_at: number },
): Promise<void> {
  const { payload_id, outcome, reason, event_ids } = received;
  const text = JSON.stringify(payload);
  const row = {
    payload_id,
    received_at,
    deliveries: 1,
    given_id,
    payload: text.length > PAYLOAD_CHARS_MAX ? JSON.stringify(text.slice(0, PAYLOAD_CHARS_MAX)) : text,
    outcome,
    reason,
    event_ids: JSON.stringify(event_ids),
  };
  try {
    await ctx.db.batch(keepPayload(ctx.db, source_id, row));
  } catch (error) {
    if (event_ids.length === 0) throw error;
    logError("inbound payload not kept", error, { source_id, request_id: ctx.requestId });
  }
}
