import { createMiddleware } from "hono/factory";
import { authenticate as identify, requireRole } from "../../core/auth";
import { AppError } from "../../errors";
import { openAuth, openCaller } from "../../open-context";
import type { Role } from "../../vocabulary";
import { networkOf } from "../address";
import type { HttpEnv } from "../router";

/** Requires credentials: Bearer JWT, Bearer personal access token, or HTTP Basic. The response never says which part was wrong. */
export const authenticate = createMiddleware<HttpEnv>(async function authenticate(c, next) {
  const header = c.req.header("Authorization");
  if (!header) throw new AppError("unauthenticated", "Credentials are missing: send an Authorization header");
  const found = await identify(await openAuth(c.env, networkOf(c)), header);
  if (!found) throw new AppError("unauthenticated", "Invalid credentials");
  c.set("caller", openCaller(c.env, found.actor, c.get("requestId")));
  c.set("tokenUnit", found.ou);
  await next();
});

/** Refuses a caller without the role before the body is read; the verb of the core checks it again. */
export const refuseBelow = (role: Role) =>
  createMiddleware<HttpEnv>(async function refuseBelow(c, next) {
    requireRole(c.get("caller"), role);
    await next();
  });
