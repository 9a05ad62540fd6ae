import { createMiddleware } from "hono/factory";
import { authenticateSecret, WORKSPACE_KEY_PREFIX } from "../../core/auth";
import { DEFAULT_UNIT_ID, requireUsableOrgUnit } from "../../core/org-units";
import { openAuth, openCaller } from "../../open-context";
import { enterOrgUnit } from "../middleware/enter-org-unit";
import type { HttpEnv } from "../router";
import { WorkspaceError } from "./errors";

/** Demands a workspace key and enters its workspace: its home unit, and for a key without one the organization's default unit. */
export const authenticateKey = createMiddleware<HttpEnv>(async function authenticateKey(c, next) {
  const header = c.req.header("Authorization")?.trim();
  if (!header) throw new WorkspaceError(401, "MISSING_AUTH_HEADER", "Missing authorization header");
  const key = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (!key) {
    throw new WorkspaceError(401, "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>");
  }
  const found = key.startsWith(WORKSPACE_KEY_PREFIX) ? await authenticateSecret(await openAuth(c.env), "workspace_key", key) : null;
  if (found?.actor.kind !== "credential") throw new WorkspaceError(401, "INVALID_API_KEY", "Invalid API key");
  const caller = openCaller(c.env, found.actor, c.get("requestId"));
  c.set("caller", caller);
  c.set("rateLimit", found.rate_limit_per_hour);
  await enterOrgUnit(c, caller, await requireUsableOrgUnit(caller, found.actor.home ?? DEFAULT_UNIT_ID), next);
});
