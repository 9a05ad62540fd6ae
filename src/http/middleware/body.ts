import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { parseJson } from "../parse-json";
import { readUpTo } from "../read-up-to";
import type { HttpEnv } from "../router";

export const JSON_BODY_BYTES_MAX = 100 * 1024;

/** Refuses a body over `bytes`: by its Content-Length at once, else while it is read. */
export const maxBody = (bytes: number, message?: string) =>
  createMiddleware<HttpEnv>(async function maxBody(c, next) {
    if (!declaresLength(c, bytes, message)) await limitStream(c, bytes, message);
    await next();
  });

const tooLarge = (bytes: number, message = `The request body is larger than ${bytes} bytes`) => new AppError("too_large", message);

/** Whether the Content-Length says how long the body is. Throws too_large if that is over `bytes`. */
function declaresLength(c: Context<HttpEnv>, bytes: number, message?: string): boolean {
  const { headers } = c.req.raw;
  const declared = headers.has("Transfer-Encoding") ? null : headers.get("Content-Length");
  if (Number(declared) > bytes) throw tooLarge(bytes, message);
  return declared !== null;
}

async function limitStream(c: Context<HttpEnv>, bytes: number, message?: string): Promise<void> {
  const { raw } = c.req;
  if (raw.body === null) return;
  const body = await readUpTo(raw.body, bytes);
  if (body === null) throw tooLarge(bytes, message);
  c.req.raw = new Request(raw, { body });
}

/** As much as anybody sends by mistake; a body that announces more is not read at all. */
const DRAINED_BYTES_MAX = 16 * 1024 * 1024;
/** A sender that is slower, or never ends, is cut off. */
const DRAINED_WITHIN_MS = 2_000;

/**
 * Reads the rest of a body before the response is sent: a connection with an unread body breaks, and a proxy
 * that shares connections would break somebody else's request.
 */
export async function drainBody({ body, headers }: Request): Promise<void> {
  if (body === null || body.locked || Number(headers.get("Content-Length")) > DRAINED_BYTES_MAX) return;
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((done) => {
    timer = setTimeout(() => done(false), DRAINED_WITHIN_MS);
  });
  const ended = await Promise.race([readOut(reader, DRAINED_BYTES_MAX), late]);
  clearTimeout(timer);
  if (!ended) await reader.cancel().catch(() => {});
}

/** Whether the end came first. A sender that is gone has ended, too. */
async function readOut(reader: ReadableStreamDefaultReader<Uint8Array>, bytes: number): Promise<boolean> {
  try {
    let left = bytes;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      left -= piece.value.length;
      if (left < 0) return false;
    }
  } catch {
    // nobody is there to wait for the response either
  }
  return true;
}

type MediaType = "application/json" | "multipart/form-data" | "application/x-ndjson";

/** Requires a media type: a body of another one would be parsed as an empty object. */
export const requireMediaType = (type: MediaType) =>
  createMiddleware<HttpEnv>(function requireMediaType(c, next) {
    checkMediaType(c.req.header("Content-Type"), type);
    return next();
  });

function checkMediaType(header: string | undefined, type: MediaType): void {
  if (header === type) return;
  const sent = header?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (sent !== type) throw new AppError("unsupported_media_type", `Content-Type must be ${type}${sent ? ` (got ${sent})` : ""}`);
}

/**
 * Requires a JSON body of at most `bytes`. The handlers, and the validators before them, read it by `parseJson`. `optional`: a request without
 * a Content-Type has no body.
 */
export const requireJsonBody = (bytes: number, { optional = false } = {}) =>
  createMiddleware<HttpEnv>(async function requireJsonBody(c, next) {
    if (!declaresLength(c, bytes)) await limitStream(c, bytes);
    const type = c.req.header("Content-Type");
    if (!optional || type !== undefined) checkMediaType(type, "application/json");
    c.req.json = async <Body>() => parseJson(await c.req.text()) as Body;
    await next();
  });
