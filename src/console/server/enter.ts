/** The session of a request, and the org unit that the page shows. */
import type { Context, Next } from "hono";
import { createMiddleware } from "hono/factory";
import { requireUsableOrgUnit } from "../../core/org-units";
import { enterOrgUnit } from "../../http/middleware/enter-org-unit";
import type { HttpEnv } from "../../http/router";
import { openCaller } from "../../open-context";
import { requireOwner } from "./session";

/** Runs the rest of a request in the unit that the page shows, or without one where the session is kept. */
export async function enterSession(c: Context<HttpEnv>, { reads }: { reads: boolean }, next: Next): Promise<void> {
  const owner = await requireOwner(c);
  const caller = openCaller(c.env, owner.actor, c.get("requestId"));
  c.set("caller", caller);
  c.set("owner", owner);
  const unit = await requireUsableOrgUnit(caller, c.req.header("X-Org-Unit") ?? owner.unit.unit_id);
  await enterOrgUnit(c, caller, unit, "console", next, { reads });
}

export const entering = (how: { reads: boolean }) =>
  createMiddleware<HttpEnv>(async function entering(c, next) {
    await enterSession(c, how, next);
  });
