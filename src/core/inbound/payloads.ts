/** What a source was sent last: for mapping its fields, and to be taken again. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import type { PayloadOutcome } from "../../vocabulary";
import { requireRole } from "../auth";
import type { Json } from "../leads";
import { targetOf } from "./place-answers";
import { readDelivery } from "./read-delivery";
import { queued } from "./receive-delivery";
import { SENDERS } from "./senders";
import type { InboundSource } from "./source";
import { requireInboundSource } from "./sources";
import { type PayloadRow, selectPayload, selectPayloads, settlePayload } from "./store";

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
 * Takes a payload again, with the mapping as it is now. Its events keep their ids, so what was taken already is not taken twice. Three D1
 * round trips. Throws forbidden, not_found, and what receiving a delivery throws.
 */
export async function replayInboundPayload(ctx: Ctx, sourceId: string, payloadId: string): Promise<InboundPayload> {
  requireRole(ctx, "editor");
  const source = await requireInboundSource(ctx, sourceId);
  const [row] = await ctx.db.all(selectPayload(ctx.db, source.source_id, parseInput(z.string(), payloadId)));
  if (!row) throw new AppError("not_found", "Payload not found");
  const read = readDelivery(source, JSON.parse(row.payload), { unit: ctx.unit, now: ctx.now(), given_id: row.given_id });
  const outcome = await queued(ctx, read);
  const settled = { ...row, ...outcome, event_ids: JSON.stringify(outcome.event_ids) };
  await ctx.db.batch([settlePayload(ctx.db, source.source_id, settled)]);
  return shown(source, settled);
}

function shown(source: InboundSource, { payload, event_ids, given_id: _, ...row }: PayloadRow): InboundPayload {
  const read: Json = JSON.parse(payload);
  return { ...row, payload: read, event_ids: JSON.parse(event_ids), fields: fieldsOf(source, read) };
}

function fieldsOf({ type, mapping }: InboundSource, payload: Json): PayloadField[] {
  const reading = SENDERS[type].read(payload);
  const answers = "submissions" in reading ? reading.submissions.flatMap((submission) => submission.answers) : [];
  return answers.flatMap((answer) => {
    const { pointer, label, value } = answer;
    return pointer === undefined ? [] : [{ pointer, label, value, target: mapping[pointer] ?? targetOf(answer) }];
  });
}
