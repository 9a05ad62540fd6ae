/** Server-Sent Events (WHATWG HTML, "Server-sent events"). */
import type { Context } from "hono";
import type { HttpEnv } from "./router";

/** `data` is sent as JSON; without it the frame is a comment that keeps the connection open. */
export type Frame = { event: string; id: number | null; data: unknown } | { comment: string };

/** When the browser comes back after the stream's end. */
const RETRY_MS = 1_000;

/** Waits that `stop` cuts short: they return false then. */
export type Waiting = { wait(ms: number): Promise<boolean>; stop(): void };

export function waiting(): Waiting {
  const gone = new AbortController();
  return {
    stop: () => gone.abort(),
    wait: (ms) =>
      new Promise((done) => {
        const end = (): void => {
          clearTimeout(timer);
          gone.signal.removeEventListener("abort", end);
          done(!gone.signal.aborted);
        };
        const timer = setTimeout(end, gone.signal.aborted ? 0 : ms);
        gone.signal.addEventListener("abort", end);
      }),
  };
}

/** Frames are produced on demand; a client that goes ends them. */
export function eventStream(c: Context<HttpEnv>, frames: AsyncGenerator<Frame>, { stop }: Pick<Waiting, "stop">): Response {
  const encoder = new TextEncoder();
  const retry = encoder.encode(`retry: ${RETRY_MS}\n\n`);
  c.header("Content-Type", "text/event-stream; charset=utf-8");
  // a proxy that compresses would hold events back
  c.header("Cache-Control", "no-store, no-transform");
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await frames.next();
        controller.enqueue(next.done ? retry : encoder.encode(textOf(next.value)));
        if (next.done) controller.close();
      },
      async cancel() {
        stop();
        await frames.return(undefined);
      },
    },
    // nothing is read for a HEAD request
    { highWaterMark: 0 },
  );
  return c.body(stream, 200);
}

function textOf(frame: Frame): string {
  if ("comment" in frame) return `: ${frame.comment}\n\n`;
  const id = frame.id === null ? "" : `id: ${frame.id}\n`;
  return `event: ${frame.event}\n${id}data: ${JSON.stringify(frame.data)}\n\n`;
}
