import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { CallerCtx } from "../../context";
import { authenticate as identify, requireRole } from "../../core/auth";
import { AppError } from "../../errors";
import { openAuth, openCaller } from "../../open-context";
import type { Role } from "../../vocabulary";
import { networkOf, targetOf } from "../address";
import type { HttpEnv } from "../router";

/** Requires credentials of the role, before the body is read; the verb of the core checks the role again. */
export const requireCaller = (role: Role) =>
  createMiddleware<HttpEnv>(async function requireCaller(c, next) {
    await authenticate(c, role);
    await next();
  });

/**
 * The caller by its credentials: Bearer JWT, Bearer personal access token, or HTTP Basic. Throws unauthenticated, which never says which part
 * was wrong, and forbidden for a caller without the role.
 */
export async function authenticate(c: Context<HttpEnv>, role: Role): Promise<CallerCtx> {
  const header = c.req.header("Authorization");
  if (!header) throw new AppError("unauthenticated", "Credentials are missing: send an Authorization header");
  const found = await identify(await openAuth(c.env, networkOf(c)), header, targetOf(c));
  if (!found) throw new AppError("unauthenticated", "Invalid credentials");
  const caller = openCaller(c.env, found.actor, c.get("requestId"));
  c.set("caller", caller);
  c.set("tokenUnit", found.ou);
  requireRole(caller, role);
  return caller;
}

/** Refuses a caller without the role before the body is read; the verb of the core checks it again. */
export const refuseBelow = (role: Role) =>
  createMiddleware<HttpEnv>(function refuseBelow(c, next) {
    requireRole(c.get("caller"), role);
    return next();
  });
