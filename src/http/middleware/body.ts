import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { parseJson } from "../parse-json";
import type { HttpEnv } from "../router";

export const JSON_BODY_BYTES_MAX = 100 * 1024;

/** Refuses a body over `bytes`: by its Content-Length at once, else while it is read. */
export const maxBody = (bytes: number, message = `The request body is larger than ${bytes} bytes`) =>
  createMiddleware<HttpEnv>(async function maxBody(c, next) {
    const { raw } = c.req;
    if (raw.body === null) return next();
    const tooLarge = () => new AppError("too_large", message);
    const declared = raw.headers.has("Transfer-Encoding") ? null : raw.headers.get("Content-Length");
    if (declared !== null) {
      if (Number(declared) > bytes) throw tooLarge();
      return next();
    }
    const body = await readUpTo(raw.body, bytes);
    if (body === null) throw tooLarge();
    c.req.raw = new Request(raw, { body });
    return next();
  });

/** Null for a stream of more bytes, whose rest is left to `drainBody`. */
async function readUpTo(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Uint8Array | null> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length;
    if (size > bytes) {
      reader.releaseLock();
      return null;
    }
    pieces.push(piece.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

/** As much as anybody sends by mistake; a body that announces more is not read at all. */
const DRAINED_BYTES_MAX = 16 * 1024 * 1024;
/** A sender that is slower, or never ends, is cut off. */
const DRAINED_WITHIN_MS = 2_000;

/**
 * Reads the rest of a body before the response is sent: a connection with an unread body breaks, and a proxy
 * that shares connections would break somebody else's request.
 */
export const drainBody = createMiddleware<HttpEnv>(async function drainBody(c, next) {
  const { body, headers } = c.req.raw;
  await next();
  if (body === null || body.locked || Number(headers.get("Content-Length")) > DRAINED_BYTES_MAX) return;
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((done) => {
    timer = setTimeout(() => done(false), DRAINED_WITHIN_MS);
  });
  const ended = await Promise.race([readOut(reader, DRAINED_BYTES_MAX), late]);
  clearTimeout(timer);
  if (!ended) await reader.cancel().catch(() => {});
});

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

/** Requires a media type: a body of another one would be parsed as an empty object. `optional`: of a body, where there is one. */
export const requireMediaType = (type: "application/json" | "multipart/form-data" | "application/x-ndjson", { optional = false } = {}) =>
  createMiddleware<HttpEnv>(async function requireMediaType(c, next) {
    if (optional && c.req.header("Content-Type") === undefined) return next();
    const sent = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (sent !== type) throw new AppError("unsupported_media_type", `Content-Type must be ${type}${sent ? ` (got ${sent})` : ""}`);
    await next();
  });

/** The handlers, and the validators before them, read a JSON body by `parseJson`. */
export const exactJson = createMiddleware<HttpEnv>(async function exactJson(c, next) {
  c.req.json = async <Body>() => parseJson(await c.req.text()) as Body;
  await next();
});
