/** An action: what it takes, what its caller must be, what it does. */

import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { CallerCtx, Ctx } from "../../context";
import type { ChannelAtHome } from "../../core/channels";
import { openUnit } from "../../open-context";
import { fieldProblems } from "../../validation";
import type { Role } from "../../vocabulary";
import type { HttpEnv } from "../router";
import { PartnerError } from "./errors";

export type Body = Record<string, unknown>;
export type Action = { role: Role; run: (c: Context<HttpEnv>, caller: CallerCtx, body: Body) => Promise<object> };

/** `before` looks at the body as it was sent, before the schema does. */
export const action = <Schema extends z.ZodType>(
  role: Role,
  schema: Schema,
  run: (c: Context<HttpEnv>, caller: CallerCtx, body: z.output<Schema>) => Promise<object>,
  before: (body: Body) => void = () => {},
): Action => ({
  role,
  run: async (c, caller, body) => {
    before(body);
    return run(c, caller, parseBody(schema, body));
  },
});

/** Throws a 400 with the first thing that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: Body): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [problem] = fieldProblems(parsed.error, body);
  const isFieldRule = /^(must|Invalid input)/.test(issue?.message ?? "");
  throw new PartnerError(400, isFieldRule ? `${problem?.path}: ${problem?.message}` : (issue?.message ?? ""));
}

const BOOKMARK_HEADER = "x-d1-bookmark";

/**
 * The context of a channel's home unit. Clients of this dialect know no bookmarks and still are to read what they wrote: without one a read
 * goes to the primary, too.
 */
export function enterHome(c: Context<HttpEnv>, caller: CallerCtx, { home }: ChannelAtHome, access: "read" | "write"): Ctx {
  const bookmark = c.req.header(BOOKMARK_HEADER);
  const { ctx } = openUnit(c.env, caller, home, { bookmark, writes: access === "write" || !bookmark });
  c.set("ctx", ctx);
  return ctx;
}
