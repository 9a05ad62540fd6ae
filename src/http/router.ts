import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { CallerCtx, Ctx } from "../context";
import type { SessionOwner, SignedInOperator } from "../core/sign-in";
import { fieldProblems, invalidRequest } from "../validation";
import type { KeyedCall } from "./idempotency";
import { StaticPathRouter } from "./static-path-router";

export type HttpEnv = {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** set by `authenticate` */
    caller: CallerCtx;
    /** the org unit that an access token chose for itself */
    tokenUnit: string | null;
    /** requests per hour that the caller's key may send; null: the dialect's default */
    rateLimit: number | null;
    /** set by `activeOrgUnit` */
    ctx: Ctx;
    /** with `follow=true`: the lead that the one in the path was merged into */
    survivor: string | undefined;
    /** set by a call of the console */
    owner: SessionOwner;
    /** set by a call of the operator's part of the console */
    operator: SignedInOperator;
    /** set by a request with an Idempotency-Key, where that counts */
    keyed: KeyedCall | undefined;
  };
};

export type Router = OpenAPIHono<HttpEnv>;

/** Creates every router: sub-apps do not inherit the validation hook. `refuse` returns the error for input that does not match its schema. */
export const createRouter = (refuse: (error: z.ZodError, input: unknown) => Error = invalid): Router =>
  new OpenAPIHono<HttpEnv>({
    router: new StaticPathRouter(),
    defaultHook: (result) => {
      if (!result.success) throw refuse(result.error, "data" in result ? result.data : undefined);
    },
  });

const invalid = (error: z.ZodError, input: unknown): Error => invalidRequest(fieldProblems(error, input));
