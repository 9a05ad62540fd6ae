/** Between the engagement dialect and the core. Errors of the core become problem JSON in `../problem.ts`. */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { createRouter, type HttpEnv } from "../router";

/** A lead's id on the wire. */
export { publicLeadId as wireLeadId } from "../../core/leads";

/** A score on the wire: two decimals. */
export const rounded = (score: number): number => Math.round(score * 100) / 100 + 0;

export const roundedOrNull = (score: number | null): number | null => score && rounded(score);

/** A body's schema that documents a route and does not validate its requests: on a hot path the verb alone parses. */
export function documented(schema: z.ZodType) {
  const { openAPIRegistry, getOpenAPI31Document } = createRouter();
  openAPIRegistry.register("Body", schema);
  return getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } }).components?.schemas?.Body ?? {};
}

/** The JSON body of such a route, whatever it holds. */
export async function readJson(c: Context<HttpEnv>) {
  try {
    return await c.req.json();
  } catch {
    throw new HTTPException(400, { message: "Malformed JSON in request body" });
  }
}
