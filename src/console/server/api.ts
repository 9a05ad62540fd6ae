/** The console's API: signing in, and one route for every call of calls/. */
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { hasProvider, signIn, signInLocally } from "../../core/sign-in";
import { AppError } from "../../errors";
import { networkOf, serviceOf, targetOf } from "../../http/address";
import { onceInDirectory, onceInUnit, rememberAfter, remembering, rememberingInDirectory } from "../../http/idempotency";
import { requireJsonBody } from "../../http/middleware/body";
import { PROBLEM_TYPE } from "../../http/problem";
import type { HttpEnv } from "../../http/router";
import { signingKeysOf } from "../../open-context";
import { openSignIn } from "../../open-sign-in";
import { parseInput } from "../../validation";
import { jsonOf } from "./body";
import { findCall } from "./calls";
import { enterSession } from "./enter";
import { files } from "./files";
import { operatorApi } from "./operator/api";
import { refuseForeignCalls, setSessionCookie, startSession } from "./session";

const CALL_BYTES_MAX = 1024 * 1024;

const notStored = createMiddleware<HttpEnv>(async function notStored(c, next) {
  c.header("Cache-Control", "no-store");
  await next();
});

const enterCall = createMiddleware<HttpEnv, "/:call">(async function enterCall(c, next) {
  await enterSession(c, requireCall(c.req.param("call")), next);
});

const ONCE = { unit: onceInUnit(PROBLEM_TYPE), directory: onceInDirectory(PROBLEM_TYPE) };

const onceInCall = createMiddleware<HttpEnv, "/:call">((c, next) => ONCE[requireCall(c.req.param("call")).commits](c, next));

export const api = new Hono<HttpEnv>();

api.use("/*", notStored, refuseForeignCalls);
api.on("POST", "/*", requireJsonBody(CALL_BYTES_MAX));

api.post("/sign-in", async (c) => {
  await startSession(c, await signIn(await openSignIn(c.env, networkOf(c)), (await jsonOf(c)) as never, targetOf(c)));
  return c.json({});
});

/** How one may sign in here. */
api.post("/options", async (c) => c.json({ provider: hasProvider(await openSignIn(c.env, networkOf(c))) }));

api.post("/open", async (c) => {
  const ctx = await openSignIn(c.env, networkOf(c));
  await startSession(c, await signInLocally(ctx, ctx.local, (await jsonOf(c)) as never));
  return c.json({});
});

api.route("/", files);
api.route("/operator", operatorApi);

api.post("/:call", enterCall, onceInCall, async (c) => {
  const { input, run } = requireCall(c.req.param("call"));
  const output = await run(c.get("ctx"), parseInput(input, await jsonOf(c)), {
    owner: c.get("owner"),
    service: serviceOf(c),
    signingKeys: () => signingKeysOf(c.env),
    setCookie: (cookie) => setSessionCookie(c, cookie),
    remembering: (view) => remembering(c, 200, view),
    rememberingInDirectory: (view) => rememberingInDirectory(c, 200, view),
    rememberAfter: () => rememberAfter(c),
  });
  return c.json(output as object);
});

function requireCall(name: string) {
  const call = findCall(name);
  if (!call) throw new AppError("not_found", "No such call");
  return call;
}
