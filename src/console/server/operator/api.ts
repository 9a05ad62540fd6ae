/** The operator's part of the console's API: signing in with the token that opens /admin, and one route for every call of calls/. */
import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { requireChannelAtHome } from "../../../core/channels";
import { AppError } from "../../../errors";
import { onceInDirectory, onceInUnit, rememberAfter, remembering, rememberingInDirectory } from "../../../http/idempotency";
import { PROBLEM_TYPE } from "../../../http/problem";
import { readReadiness } from "../../../http/readiness";
import type { HttpEnv } from "../../../http/router";
import { openCaller, openShards, openUsage, readMetrics, sendAgain } from "../../../open-context";
import { openErasure, openHome } from "../../../open-operator";
import { parseInput } from "../../../validation";
import { jsonOf } from "../body";
import type { OperatorRequest } from "./call";
import { findOperatorCall } from "./calls";
import { requireOperatorSession, setOperatorCookie, signInAsOperator } from "./session";

const OfChannel = z.object({ channel_id: z.string() });

const ONCE = { home: onceInUnit(PROBLEM_TYPE), directory: onceInDirectory(PROBLEM_TYPE) };

export const operatorApi = new Hono<HttpEnv>();

operatorApi.post("/sign-in", async (c) => {
  await signInAsOperator(c, await jsonOf(c));
  return c.json({});
});

const enter = createMiddleware<HttpEnv, "/:call">(async function enter(c, next) {
  const { commits } = requireCall(c.req.param("call"));
  c.set("operator", await requireOperatorSession(c));
  const caller = openCaller(c.env, { kind: "operator" }, c.get("requestId"));
  c.set("caller", caller);
  if (commits === "home") {
    const { channel_id } = parseInput(OfChannel, await jsonOf(c));
    const { home } = await requireChannelAtHome(caller, channel_id);
    c.set("ctx", openHome(c.env, caller, home));
  }
  await next();
});

const onceInCall = createMiddleware<HttpEnv, "/:call">((c, next) => ONCE[requireCall(c.req.param("call")).commits](c, next));

operatorApi.post("/:call", enter, onceInCall, async (c) => {
  const { input, run } = requireCall(c.req.param("call"));
  return c.json((await run(c.get("caller"), parseInput(input, await jsonOf(c)), requestOf(c))) as object);
});

function requireCall(name: string) {
  const call = findOperatorCall(name);
  if (!call) throw new AppError("not_found", "No such call");
  return call;
}

const requestOf = (c: Context<HttpEnv>): OperatorRequest => ({
  ...c.get("operator"),
  setCookie: (cookie) => setOperatorCookie(c, cookie),
  atHome: () => c.get("ctx"),
  home: (unit) => openHome(c.env, c.get("caller"), unit),
  usage: { log: openUsage(c.env), shards: openShards(c.env) },
  erasure: () => openErasure(c.env, c.get("caller")),
  sendAgain: (target, body) => sendAgain(c.env, target, body),
  readiness: () => readReadiness(c.env, Date.now()),
  metrics: () => readMetrics(c.env),
  rememberingInDirectory: (view) => rememberingInDirectory(c, 200, view),
  rememberingAtHome: (view) => remembering(c, 200, view),
  rememberAfter: () => rememberAfter(c),
});
