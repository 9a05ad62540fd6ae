/** The body of a request: gzip or plain, whatever its Content-Type says, bounded before and after it is unpacked. */
import type { Context } from "hono";
import { parseJson } from "../parse-json";
import { readUpTo } from "../read-up-to";
import type { HttpEnv } from "../router";
import { SegmentError } from "./errors";
import { type Fields, isFields } from "./fields";

/** The published limit of a batch. */
export const BODY_BYTES_MAX = 500 * 1024;

/** Throws a 400. `bytes`: unpacked. */
export async function readBody(c: Context<HttpEnv>): Promise<{ body: Fields; bytes: number }> {
  const { body, headers } = c.req.raw;
  if (body === null) throw new SegmentError(400, "The request body is empty");
  if (Number(headers.get("Content-Length")) > BODY_BYTES_MAX) throw tooLarge();
  const encoding = headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  if (!["", "identity", "gzip"].includes(encoding)) throw new SegmentError(400, "Content-Encoding must be gzip, or left out");
  const sent = await upToLimit(body);
  const bytes = encoding === "gzip" ? await unpacked(sent) : sent;
  return { body: parseObject(bytes), bytes: bytes.length };
}

const tooLarge = () => new SegmentError(400, `The request body is larger than ${BODY_BYTES_MAX / 1024} KB`);

/** A few bytes may unpack to gigabytes: it stops at the limit. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return await upToLimit(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    throw error instanceof SegmentError ? error : new SegmentError(400, "The request body is not gzip");
  }
}

async function upToLimit(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readUpTo(stream, BODY_BYTES_MAX);
  if (bytes === null) throw tooLarge();
  return bytes;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function parseObject(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    value = parseJson(UTF8.decode(bytes));
  } catch {
    throw new SegmentError(400, "The request body is not JSON");
  }
  if (!isFields(value)) throw new SegmentError(400, "The request body must be a JSON object");
  return value;
}
