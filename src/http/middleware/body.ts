import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { parseJson } from "../parse-json";
import type { HttpEnv } from "../router";

export const JSON_BODY_BYTES_MAX = 100 * 1024;

/** Refuses a body over `bytes`: by its Content-Length at once, else while it is read. */
export const maxBody = (bytes: number, message = `The request body is larger than ${bytes} bytes`) =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new AppError("too_large", message);
    },
  });

/** Requires a media type: a body of another one would be parsed as an empty object. `optional`: of a body, where there is one. */
export const requireMediaType = (type: "application/json" | "multipart/form-data", { optional = false } = {}) =>
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
