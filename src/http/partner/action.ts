/** An action: the role it needs, the body it accepts, what it does. */

import type { z } from "@hono/zod-openapi";
import { fieldProblems } from "../../validation";
import type { Role } from "../../vocabulary";
import { type Call, PartnerError } from "./adapter";

export type Body = Record<string, unknown>;
export type Action = { role: Role; run: (call: Omit<Call, "access">, body: Body) => Promise<object> };

/** `before` checks the body as it was sent, before the schema does. */
export const action = <Schema extends z.ZodType>(
  role: Role,
  schema: Schema,
  run: (call: Call, body: z.output<Schema>) => Promise<object>,
  before: (body: Body) => void = () => {},
): Action => ({
  role,
  run: async (call, body) => {
    before(body);
    return run({ ...call, access: role === "viewer" ? "read" : "write" }, parseBody(schema, body));
  },
});

/** Throws a 400 with the first problem. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: Body): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [problem] = fieldProblems(parsed.error, body);
  const isFieldRule = /^(must|Invalid input)/.test(issue?.message ?? "");
  throw new PartnerError(400, isFieldRule ? `${problem?.path}: ${problem?.message}` : (issue?.message ?? ""));
}
