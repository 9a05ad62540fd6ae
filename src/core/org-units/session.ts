/** The active org unit of a client that keeps cookies: a session in the unit's Durable Object, named by a signed cookie. */

import type { z } from "zod";
import type { CallerCtx, Ctx, OrgUnit, Session } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { TtlCache } from "../../ttl-cache";
import { parseInput } from "../../validation";
import { actorId, organizationOf, type SessionCookie, type SigningKeys, signSessionCookie } from "../auth";
import { requireUsableOrgUnit } from "./org-units";
import { UnitChoice } from "./schemas";

const SESSION_TTL_SECONDS = 12 * 3600;

/**
 * Opens a session in a unit that the caller may use, whatever its role, and returns the cookie that names it. One call of the unit's Durable
 * Object. Throws invalid_request, not_found.
 */
export async function openSession(
  ctx: CallerCtx,
  keys: SigningKeys,
  given: z.input<typeof UnitChoice>,
): Promise<{ unit: OrgUnit; session: Session; cookie: string }> {
  const unit = await requireUsableOrgUnit(ctx, parseInput(UnitChoice, given).ouId);
  const created_at = ctx.now();
  const session: Session = {
    session_id: newId("sess", created_at),
    unit_id: unit.unit_id,
    credential_id: actorId(ctx.actor),
    created_at,
    expires_at: created_at + SESSION_TTL_SECONDS * 1000,
  };
  await ctx.live.openSession(unit, session);
  const { session_id, unit_id, expires_at } = session;
  const cookie = await signSessionCookie(keys, { session_id, organization_id: unit.organization_id, unit_id }, expires_at);
  return { unit, session, cookie };
}

/**
 * The unit of a living session; null when the session has ended. Queries the unit's Durable Object at most every 30 s for each session.
 * Throws not_found when the cookie is another organization's or names a unit that the caller may not use.
 */
export async function unitOfSession(ctx: CallerCtx, cookie: SessionCookie): Promise<OrgUnit | null> {
  if (cookie.organization_id !== organizationOf(ctx.actor)) {
    throw new AppError("not_found", "Org unit not found: the activeOu cookie is another organization's");
  }
  const unit = await requireUsableOrgUnit(ctx, cookie.unit_id);
  let living = alive.get(aliveKey(cookie), ctx.now());
  if (living === undefined) {
    living = await ctx.live.hasSession(unit, cookie.session_id);
    alive.set(aliveKey(cookie), living, ctx.now());
  }
  return living ? unit : null;
}

/** Living sessions of the unit, newest first. */
export const listSessions = ({ live, unit }: Ctx): Promise<Session[]> => live.listSessions(unit);

/** Throws not_found like `unitOfSession`. */
export async function endSession(ctx: CallerCtx, cookie: SessionCookie): Promise<void> {
  const unit = await unitOfSession(ctx, cookie);
  if (unit) await ctx.live.endSession(unit, cookie.session_id);
  alive.set(aliveKey(cookie), false, ctx.now());
}

const aliveKey = ({ organization_id, unit_id, session_id }: SessionCookie): string => `${organization_id}/${unit_id}/${session_id}`;

const alive = new TtlCache<boolean>();
