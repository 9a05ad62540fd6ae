/** Who is signed in, where, and which org units they may use. */
import { z } from "zod";
import { actorId, isOfOrganization, roleOf } from "../../../core/auth";
import { listUsableOrgUnits } from "../../../core/org-units";
import { endAllConsoleSessions, endConsoleSession, listConsoleSessions, SessionChoice } from "../../../core/sign-in";
import { read, write } from "../call";

const NOTHING = z.strictObject({});

export const sessionCalls = {
  /** Who this is, and the unit of this call. */
  "session.current": read(NOTHING, async (ctx, _, { owner }) => ({
    actor_id: actorId(ctx.actor),
    role: roleOf(ctx.actor),
    /** the only org unit that may be used; null: every one of the organization */
    home: isOfOrganization(ctx.actor) ? ctx.actor.home : null,
    organization_id: ctx.unit.organization_id,
    expires_at: owner.session.expires_at,
    unit: { unit_id: ctx.unit.unit_id, name: ctx.unit.name },
    units: (await listUsableOrgUnits(ctx)).map(({ unit_id, name, is_default, default_region, workspace_id }) => ({
      unit_id,
      name,
      is_default,
      default_region,
      workspace_id,
    })),
  })),
  "session.list": read(NOTHING, async (ctx, _, { owner }) =>
    (await listConsoleSessions(ctx)).map(({ session_id, browser, created_at, seen_at, expires_at }) => ({
      session_id,
      browser,
      created_at,
      seen_at,
      expires_at,
      current: session_id === owner.session.session_id,
    })),
  ),
  "session.end": write(SessionChoice, async (ctx, choice, { owner, setCookie }) => {
    await endConsoleSession(ctx, choice);
    if (choice.session_id === owner.session.session_id) setCookie(null);
    return {};
  }),
  "session.signOut": write(NOTHING, async (ctx, _, { owner, setCookie }) => {
    await endConsoleSession(ctx, { session_id: owner.session.session_id });
    setCookie(null);
    return {};
  }),
  "session.endAll": write(NOTHING, async (ctx, _, { setCookie }) => {
    const ended = await endAllConsoleSessions(ctx);
    setCookie(null);
    return { ended };
  }),
};
