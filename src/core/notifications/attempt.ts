/** Sends one request and returns its outcome; never throws. */
import type { Ctx } from "../../context";
import { RESPONSE_BYTES_KEPT, SEND_TIMEOUT_SECONDS } from "./limits";
import type { Outgoing } from "./outgoing";

export type Answer = {
  /** null: the receiver did not respond */
  status_code: number | null;
  /** null: a 2xx status */
  error: string | null;
  retry_after: string | null;
  duration_ms: number;
  /** the first KB of the body */
  response: string | null;
};

export async function attempt(ctx: Ctx, { url, headers, body }: Outgoing): Promise<Answer> {
  const startedAt = ctx.now();
  const signal = AbortSignal.timeout(SEND_TIMEOUT_SECONDS * 1000);
  const took = () => Math.max(0, ctx.now() - startedAt);
  try {
    const answer = await ctx.http.send(url, { method: "POST", headers, body, redirect: "manual", signal });
    return {
      status_code: answer.status,
      error: errorOf(answer.status),
      retry_after: answer.headers.get("Retry-After"),
      response: await excerpt(answer),
      duration_ms: took(),
    };
  } catch {
    // the text of a fetch error can contain our own addresses
    const error = signal.aborted ? `No answer within ${SEND_TIMEOUT_SECONDS} s` : "The receiver could not be reached";
    return { status_code: null, error, retry_after: null, response: null, duration_ms: took() };
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  const why = status >= 300 && status < 400 ? ": redirects are not followed" : "";
  return `The receiver answered ${status}${why}`;
}

/** The first bytes of the body. A body that breaks off or never ends does not change the status already received. */
async function excerpt({ body }: Response): Promise<string | null> {
  if (!body) return null;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const kept = new Uint8Array(RESPONSE_BYTES_KEPT);
  let length = 0;
  try {
    while (length < RESPONSE_BYTES_KEPT) {
      const { done, value } = await reader.read();
      if (done) break;
      const part = value.subarray(0, RESPONSE_BYTES_KEPT - length);
      kept.set(part, length);
      length += part.length;
    }
    await reader.cancel();
  } catch {
    // keep what has arrived
  }
  return length === 0 ? null : new TextDecoder().decode(kept.subarray(0, length)).replaceAll("\0", "");
}
