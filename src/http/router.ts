import { OpenAPIHono } from "@hono/zod-openapi";
import type { CallerCtx, Ctx } from "../context";
import { AppError } from "../errors";
import { fieldProblems } from "./validation";

export type HttpEnv = {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** set by `authenticate` */
    caller: CallerCtx;
    /** the org unit that an access token chose for itself */
    tokenUnit: string | null;
    /** set by `activeOrgUnit` */
    ctx: Ctx;
  };
};

export type Router = OpenAPIHono<HttpEnv>;

/** Every router is made here: sub-apps do not inherit the validation hook. */
export const createRouter = (): Router =>
  new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const problems = fieldProblems(result.error, "data" in result ? result.data : undefined);
      throw new AppError(
        "invalid_request",
        problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "),
        problems,
      );
    },
  });
