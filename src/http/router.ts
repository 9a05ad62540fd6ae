import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { CallerCtx, Ctx } from "../context";
import { fieldProblems, invalidRequest } from "../validation";

export type HttpEnv = {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** set by `authenticate` */
    caller: CallerCtx;
    /** the org unit that an access token chose for itself */
    tokenUnit: string | null;
    /** requests that the caller's key may make in an hour; null: the dialect's default */
    rateLimit: number | null;
    /** set by `activeOrgUnit` */
    ctx: Ctx;
  };
};

export type Router = OpenAPIHono<HttpEnv>;

/** Every router is made here: sub-apps do not inherit the validation hook. `refuse` makes the error of input that breaks its schema. */
export const createRouter = (refuse: (error: z.ZodError, input: unknown) => Error = invalid): Router =>
  new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw refuse(result.error, "data" in result ? result.data : undefined);
    },
  });

const invalid = (error: z.ZodError, input: unknown): Error => invalidRequest(fieldProblems(error, input));
