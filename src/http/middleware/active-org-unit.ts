import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import type { CallerCtx, OrgUnit } from "../../context";
import { isOfOrganization, readSessionCookie, type SessionCookie } from "../../core/auth";
import { requireUsableOrgUnit, unitOfSession } from "../../core/org-units";
import { AppError } from "../../errors";
import { signingKeysOf } from "../../open-context";
import type { ChangeDialect, Role } from "../../vocabulary";
import type { HttpEnv } from "../router";
import { authenticate } from "./authenticate";
import { enterOrgUnit } from "./enter-org-unit";

export const ACTIVE_OU_COOKIE = "activeOu";

/**
 * Requires credentials of the role, and finds the org unit of the request: from the header X-Org-Unit, else the activeOu cookie, else the token's `ou` claim, else the
 * credential's home. The response names it in X-Org-Unit.
 */
export const requireActiveOrgUnit = (role: Role, dialect: ChangeDialect = "engagement") =>
  createMiddleware<HttpEnv>(async function requireActiveOrgUnit(c, next) {
    const caller = await authenticate(c, role);
    const cookie = getCookie(c, ACTIVE_OU_COOKIE);
    const unit = await findActiveUnit(caller, {
      header: c.req.header("X-Org-Unit"),
      cookie: cookie ? await readSessionCookie(await signingKeysOf(c.env), cookie, caller.now()) : null,
      claim: c.get("tokenUnit"),
    });
    if (!unit)
      throw new AppError(
        "no_active_org_unit",
        "active OU not set: send the header X-Org-Unit, or choose a unit with POST /org-units/active",
      );
    c.header("X-Org-Unit", unit.unit_id);
    await enterOrgUnit(c, caller, unit, dialect, next);
  });

async function findActiveUnit(
  caller: CallerCtx,
  named: { header: string | undefined; cookie: SessionCookie | null; claim: string | null },
): Promise<OrgUnit | null> {
  if (named.header) return requireUsableOrgUnit(caller, named.header);
  const chosen = named.cookie && (await unitOfSession(caller, named.cookie));
  if (chosen) return chosen;
  const fallback = named.claim ?? (isOfOrganization(caller.actor) ? caller.actor.home : null);
  return fallback === null ? null : requireUsableOrgUnit(caller, fallback);
}
