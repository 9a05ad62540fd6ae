import type { Context } from "hono";
import { AppError } from "../../errors";
import type { HttpEnv } from "../../http/router";

/** A request's JSON. Throws invalid_request. */
export async function jsonOf(c: Context<HttpEnv>): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new AppError("invalid_request", "Malformed JSON in request body");
  }
}
