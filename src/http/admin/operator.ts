import type { Context } from "hono";
import type { CallerCtx } from "../../context";
import { openCaller } from "../../open-context";
import type { HttpEnv } from "../router";

/** The context of a request that carries the ADMIN_TOKEN. */
export const operator = (c: Context<HttpEnv>): CallerCtx => openCaller(c.env, { kind: "operator" }, c.get("requestId"));
