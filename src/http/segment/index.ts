/**
 * Segment's wire format: what its libraries, and those that speak as they do, send to a host of their user's choice
 * (https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/). Two things differ: a wrong key is a 401, and what is
 * refused is in the feed of rejected events.
 */
import type { Context } from "hono";
import { acceptCalls, type Call } from "../../core/events";
import { createRouter, type HttpEnv } from "../router";
import { readBody } from "./body";
import { allowAnyOrigin, answerPreflight } from "./cors";
import { problemOfContext, readEnvelope } from "./envelope";
import { onError, SegmentError } from "./errors";
import { fieldsOf } from "./fields";
import { describeOperations } from "./operations";
import { MESSAGE_BYTES_MAX, MESSAGE_TYPES, type MessageType, readMessage } from "./read-message";
import { enterByWriteKey } from "./write-key";

const BATCH_EVENTS_MAX = 2_500;

export const segment = createRouter();
segment.onError(onError);
segment.use("/v1/*", allowAnyOrigin);
for (const type of MESSAGE_TYPES) post(type, (c) => acceptOne(c, type));
post("batch", (c) => acceptBatch(c));
// what it brings is of the past
post("import", (c) => acceptBatch(c, { silent: true }));
describeOperations(segment);

/** The path in full and by its first letter, as the browser library writes it. */
function post(path: string, accept: (c: Context<HttpEnv>) => Promise<Response>): void {
  for (const spelling of [path, path.slice(0, 1)]) {
    segment.options(`/v1/${spelling}`, answerPreflight);
    segment.post(`/v1/${spelling}`, accept);
  }
}

async function acceptOne(c: Context<HttpEnv>, type: MessageType): Promise<Response> {
  const { body, bytes } = await readBody(c);
  const ctx = await enterByWriteKey(c, body);
  const { writeKey: _, ...message } = body;
  const receivedAt = ctx.now();
  await acceptCalls(ctx, [readMessage(type, message, readEnvelope({}), receivedAt)], receivedAt);
  if (bytes > MESSAGE_BYTES_MAX) throw new SegmentError(400, `The event is larger than ${MESSAGE_BYTES_MAX / 1024} KB`);
  return c.json({ success: true }, 200);
}

async function acceptBatch(c: Context<HttpEnv>, { silent = false } = {}): Promise<Response> {
  const { body } = await readBody(c);
  const ctx = await enterByWriteKey(c, body);
  const { batch } = body;
  if (!Array.isArray(batch)) throw new SegmentError(400, "batch must be a list of events");
  if (batch.length > BATCH_EVENTS_MAX) throw new SegmentError(400, `batch must have at most ${BATCH_EVENTS_MAX} events`);
  const problem = problemOfContext(body.context, batch.length);
  if (problem !== null) throw new SegmentError(400, problem);
  const envelope = readEnvelope(body);
  const receivedAt = ctx.now();
  const calls = batch.map((message): Call => {
    const call = readMessage(fieldsOf(message).type, message, envelope, receivedAt);
    return "input" in call ? { ...call, input: { ...call.input, silent } } : call;
  });
  if (calls.length > 0) await acceptCalls(ctx, calls, receivedAt);
  return c.json({ success: true }, 200);
}
