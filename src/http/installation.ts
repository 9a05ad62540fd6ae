/** A new installation: its keys, and the first administrator, who proves to be its owner by a code that only the log shows. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { recordFailure, requireAttempt } from "../core/auth";
import { AppError } from "../errors";
import { openAuth, ready } from "../open-context";
import { adminTokenHashOf, claim, isClaimable, logClaimCode } from "../open-installation";
import { networkOf } from "./address";
import { declare } from "./route";
import { createRouter, type HttpEnv } from "./router";

/** Everything after it may sign and verify. */
export const installationReady = createMiddleware<HttpEnv>(function installationReady(c, next) {
  const loading = ready(c.env);
  return loading ? loading.then(next) : next();
});

async function requireUnclaimed(c: Context<HttpEnv>): Promise<void> {
  if (!isClaimable(c.env)) throw new AppError("not_found", "Not found");
  if ((await adminTokenHashOf(c.env)) !== null) throw alreadyClaimed();
}

const FAMILY = {
  security: [],
  middleware: [],
  errors: { 404: "The administrator's token is a setting of this installation", 409: "Somebody has claimed this installation" },
};

const alreadyClaimed = (): AppError =>
  new AppError("conflict", "This installation has been claimed. If its token is lost, set another: npx wrangler secret put ADMIN_TOKEN");

const showCode = declare(
  "/claim",
  {
    method: "get",
    operationId: "logClaimCode",
    tags: ["Service"],
    summary: "Log the code that claims this installation",
    description: "Writes the code to the Worker's log, where only its owner can read it. The code is valid for an hour.",
    responses: {
      200: {
        description: "The code is in the log",
        content: {
          "application/json": { schema: z.object({ detail: z.string() }), example: { detail: "The code is in the Worker's log" } },
        },
      },
    },
  },
  FAMILY,
);

const ClaimBody = z.strictObject({ code: z.string().min(1).max(100) }).openapi("Claim");

const claimRoute = declare(
  "/claim",
  {
    method: "post",
    operationId: "claimInstallation",
    tags: ["Service"],
    summary: "Become the administrator of a new installation",
    description: "Works once. The token opens /admin and is shown only here.",
    request: {
      body: { required: true, content: { "application/json": { schema: ClaimBody, example: { code: "3f9a0c61d2b74e85a1c0" } } } },
    },
    responses: {
      201: {
        description: "The administrator's token",
        content: { "application/json": { schema: z.object({ admin_token: z.string() }), example: { admin_token: "lea_5d2c…" } } },
      },
    },
    errors: {
      401: "Wrong or expired code: GET /claim logs the valid one",
      429: "Wrong codes, from the 60th of one address within a minute: see Retry-After",
    },
  },
  FAMILY,
);

export const installation = createRouter()
  .openapi(showCode, async (c) => {
    await requireUnclaimed(c);
    await logClaimCode(c.env);
    c.header("Cache-Control", "no-store");
    return c.json({ detail: 'The code is in the Worker\'s log. Send it: POST /claim {"code": "…"}' }, 200);
  })
  .openapi(claimRoute, async (c) => {
    await requireUnclaimed(c);
    const attempt = await openAuth(c.env, networkOf(c));
    requireAttempt(attempt);
    const claimed = await claim(c.env, c.req.valid("json").code);
    if (claimed.outcome === "claimed") {
      c.header("Cache-Control", "no-store");
      return c.json({ admin_token: claimed.admin_token }, 201);
    }
    if (claimed.outcome === "already_claimed") throw alreadyClaimed();
    await recordFailure(attempt);
    throw new AppError("unauthenticated", "Wrong or expired code: GET /claim writes the valid one to the Worker's log");
  });
