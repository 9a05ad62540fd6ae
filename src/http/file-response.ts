/** Files as responses. */
import type { Context } from "hono";
import type { ErrorsCsv } from "../core/imports";
import type { HttpEnv } from "./router";

export const csvResponse = (c: Context<HttpEnv>, { file_name, lines }: ErrorsCsv): Response =>
  fileResponse(c, { file_name, type: "text/csv; charset=utf-8", bytes: textStream(lines) });

export function fileResponse(
  c: Context<HttpEnv>,
  { file_name, type, bytes }: { file_name: string; type: string; bytes: ReadableStream<Uint8Array> },
): Response {
  c.header("Content-Type", type);
  c.header("Content-Disposition", `attachment; filename*=UTF-8''${encodeFileName(file_name)}`);
  return c.body(bytes, 200);
}

/** Produces texts on demand, so that a slow reader never makes the whole file pile up in memory. */
function textStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const next = await texts.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
  });
}

/** A file name in a header (RFC 8187, which reserves some characters that encodeURIComponent leaves as they are). */
const encodeFileName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
