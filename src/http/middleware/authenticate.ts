import { createMiddleware } from "hono/factory";
import type { Role } from "../../context";
import { authenticate as identify, includesRole, roleOf } from "../../core/auth";
import { AppError } from "../../errors";
import { openAuth, openCaller } from "../../open-context";
import type { HttpEnv } from "../router";

/** Demands credentials: Bearer JWT, Bearer personal access token, or HTTP Basic. The answer never says which part was wrong. */
export const authenticate = createMiddleware<HttpEnv>(async function authenticate(c, next) {
  const header = c.req.header("Authorization");
  if (!header) throw new AppError("unauthenticated", "Credentials are missing: send an Authorization header");
  const found = await identify(await openAuth(c.env), header);
  if (!found) throw new AppError("unauthenticated", "Invalid credentials");
  c.set("caller", openCaller(c.env, found.actor, c.get("requestId")));
  c.set("tokenUnit", found.ou);
  await next();
});

/** Demands a role of at least `role`. */
export const requireRole = (role: Role) =>
  createMiddleware<HttpEnv>(async function requireRole(c, next) {
    if (!includesRole(roleOf(c.get("caller").actor), role)) throw new AppError("forbidden", `This needs the role ${role}`);
    await next();
  });
