/** What a source was sent last: for mapping its fields, and to be taken again. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import type { PayloadOutcome } from "../../vocabulary";
import { requireRole } from "../auth";
import type { QueuedEvent } from "../events";
import type { Json } from "../leads";
import { targetOf } from "./place-answers";
import { readDelivery } from "./read-delivery";
import { queued } from "./receive-delivery";
import { readPayload, withoutSecret } from "./senders";
import type { InboundSource } from "./source";
import { requireInboundSource } from "./sources";
import { beginReplay, type PayloadRow, selectPayloads, settlePayload } from "./store";

/** `target`: where it goes, or null. */
export type PayloadField = { pointer: string; label: string; value: Json; target: string | null };
export type InboundPayload = {
  payload_id: string;
  received_at: number;
  /** how often it was sent */
  deliveries: number;
  payload: Json;
  outcome: PayloadOutcome;
  reason: string | null;
  event_ids: string[];
  /** what may be mapped */
  fields: PayloadField[];
};

/** Newest first, at most 20. Two D1 round trips. Throws not_found. */
export async function listInboundPayloads(ctx: Ctx, sourceId: string): Promise<InboundPayload[]> {
  requireRole(ctx, "editor");
  const source = await requireInboundSource(ctx, sourceId);
  return (await ctx.db.all(selectPayloads(ctx.db, source.source_id))).map((row) => shown(source, row));
}

/**
 * Takes a payload again, with the mapping as it is now. Where it has become events before, these stay as they are, and what the mapping says of
 * their leads is written as it would have been then: once for each replay. Three D1 round trips. Throws forbidden, not_found, and what
 * receiving a delivery throws.
 */
export async function replayInboundPayload(ctx: Ctx, sourceId: string, payloadId: string): Promise<InboundPayload> {
  requireRole(ctx, "editor");
  const source = await requireInboundSource(ctx, sourceId);
  const [[row]] = await ctx.db.batch([beginReplay(ctx.db, source.source_id, parseInput(z.string(), payloadId))]);
  if (!row) throw new AppError("not_found", "Payload not found");
  const read = readDelivery(source, JSON.parse(row.payload), { unit: ctx.unit, now: row.received_at, given_id: row.given_id });
  const known: string[] = JSON.parse(row.event_ids);
  const restatements = read.events.map((event) => restated(event, row.replays));
  // an earlier replay may have queued the events, with another mapping, and have ended before it kept their ids
  const first = row.replays === 1 ? read.events : [...read.events, ...restatements];
  const outcome = await queued(ctx, { ...read, events: known.length === 0 ? first : restatements });
  const event_ids = [...known.filter((id) => !isRestatement(id)), ...outcome.event_ids];
  const settled = { ...row, ...outcome, event_ids: JSON.stringify(event_ids) };
  await ctx.db.batch([settlePayload(ctx.db, source.source_id, settled)]);
  return shown(source, settled);
}

const isRestatement = (eventId: string): boolean => eventId.split("_").length > 2;

/**
 * What an event says of its lead, without the event. Of the same moment, the replay counts: it comes later. No two replays have the same id:
 * their numbers begin anew only for a payload that was removed and sent again, which has another `received_at`.
 */
const restated = (event: QueuedEvent, replay: number): QueuedEvent => ({
  ...event,
  event_id: `${event.event_id}_${event.received_at}_${replay}`,
  idempotency_key: null,
  event_type: "identify",
  call: "identify",
  metadata: null,
});

function shown(source: InboundSource, { payload, event_ids, given_id: _, replays: __, ...row }: PayloadRow): InboundPayload {
  const read = withoutSecret(source.type, JSON.parse(payload) as Json);
  return { ...row, payload: read, event_ids: JSON.parse(event_ids), fields: fieldsOf(source, read) };
}

function fieldsOf({ type, mapping }: InboundSource, payload: Json): PayloadField[] {
  const reading = readPayload(type, payload);
  const answers = "submissions" in reading ? reading.submissions.flatMap((submission) => submission.answers) : [];
  return answers.flatMap((answer) => {
    const { pointer, label, value } = answer;
    return pointer === undefined ? [] : [{ pointer, label, value, target: mapping[pointer] ?? targetOf(answer) }];
  });
}
