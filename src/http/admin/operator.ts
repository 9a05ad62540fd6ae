import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { CallerCtx } from "../../context";
import { requireChannelAtHome } from "../../core/channels";
import { openCaller } from "../../open-context";
import { openHome } from "../../open-operator";
import type { HttpEnv } from "../router";

/** The context of a request that carries the administrator's token, from `enterAsOperator` on. */
export const operator = (c: Context<HttpEnv>): CallerCtx => c.get("caller");

export const enterAsOperator = (c: Context<HttpEnv>): void => c.set("caller", openCaller(c.env, { kind: "operator" }, c.get("requestId")));

/** Enters the home org unit of the channel that the path names. */
export const enterChannelHome = createMiddleware<HttpEnv>(async function enterChannelHome(c, next) {
  const caller = operator(c);
  const { home } = await requireChannelAtHome(caller, c.req.param("channel_id") ?? "");
  c.set("ctx", openHome(c.env, caller, home));
  await next();
});
