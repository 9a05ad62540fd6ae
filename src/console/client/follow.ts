/** Follows a stream of Server-Sent Events with the session's headers, which the browser's own EventSource cannot send. */
import { send } from "./call";

export type StreamEvent = { event: string; data: unknown };

const RECONNECT_MS = 1_000;

/** Calls `onEvent` until the server says that there is nothing more, or `signal` is aborted; comes back where the connection broke off. */
export async function follow(path: string, onEvent: (event: StreamEvent) => void, signal: AbortSignal): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    const response: Response = await send(path, { method: "GET", signal, headers: last === null ? {} : { "Last-Event-ID": last } });
    if (response.status === 204 || !response.body) return;
    try {
      for await (const { id, ...event } of frames(response.body)) {
        last = id ?? last;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TypeError)) throw error;
    }
    await new Promise((done) => setTimeout(done, RECONNECT_MS));
  }
}

async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent & { id: string | null }> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let pending = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const parts = (pending + piece.value).split("\n\n");
      pending = parts.pop() ?? "";
      for (const part of parts) {
        const lines = Object.fromEntries(
          part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
        );
        if (lines.data !== undefined) yield { event: lines.event ?? "message", id: lines.id ?? null, data: JSON.parse(lines.data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
