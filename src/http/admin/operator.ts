import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { CallerCtx } from "../../context";
import { requireChannelAtHome } from "../../core/channels";
import { openCaller, openUnit } from "../../open-context";
import type { HttpEnv } from "../router";

/** The context of a request that carries the administrator's token, from `enterAsOperator` on. */
export const operator = (c: Context<HttpEnv>): CallerCtx => c.get("caller");

export const enterAsOperator = (c: Context<HttpEnv>): void => c.set("caller", openCaller(c.env, { kind: "operator" }, c.get("requestId")));

/** Enters the home org unit of the channel that the path names. */
export const enterChannelHome = createMiddleware<HttpEnv>(async function enterChannelHome(c, next) {
  const caller = operator(c);
  const { home } = await requireChannelAtHome(caller, c.req.param("channel_id") ?? "");
  c.set("ctx", openUnit(c.env, caller, home, { bookmark: undefined, writes: true, dialect: "admin" }).ctx);
  await next();
});
