/**
 * Sessions of the console. A browser holds `<unit>.<secret>`; the Durable Object of that unit holds the secret's hash: the actor's home, or
 * without one the organization's default unit. So one object knows all of an actor's sessions.
 */
import type { z } from "zod";
import type { CallerCtx, ConsoleSession, OrganizationActor, OrgUnit } from "../../context";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { newId } from "../../ids";
import { TtlCache } from "../../ttl-cache";
import { parseInput } from "../../validation";
import { type AuthCtx, findActor, hasValidTag, isGrant, isOfOrganization, newSecret, type Principal, principalOf, tagged } from "../auth";
import { DEFAULT_UNIT_ID, requireOrgUnitByKey, requireUsableOrgUnit } from "../org-units";
import { SessionChoice } from "./schemas";
import type { SignedIn } from "./sign-in";

const SESSION_TTL_MS = 12 * 3_600_000;
const BROWSER_CHARS_MAX = 200;

/** A session that begins now, and the secret that its browser holds. */
export function newConsoleSession(
  ctx: Pick<CallerCtx, "tagKeys" | "now">,
  { browser, ...given }: Pick<ConsoleSession, "principal" | "actor_id" | "browser" | "expires_at">,
): { secret: string; session: ConsoleSession } {
  const secret = tagged(ctx.tagKeys[0], newSecret(""));
  const now = ctx.now();
  const session_id = newId("sess", now);
  const from = { created_at: now, seen_at: now };
  return {
    secret,
    session: { session_id, secret_hash: sha256Hex(secret), browser: browser.slice(0, BROWSER_CHARS_MAX), ...from, ...given },
  };
}

/** Opens a session. One call of a Durable Object. `cookie` is for the browser alone. */
export async function openConsoleSession(
  ctx: CallerCtx,
  { actor, until }: SignedIn,
  browser: string,
): Promise<{ cookie: string; session: ConsoleSession; unit: OrgUnit }> {
  const unit = await unitOf(ctx, actor);
  const { secret, session } = newConsoleSession(ctx, {
    principal: JSON.stringify(principalOf(actor)),
    actor_id: ownerId(actor),
    browser,
    expires_at: Math.min(ctx.now() + SESSION_TTL_MS, until ?? Number.POSITIVE_INFINITY),
  });
  await ctx.live.openConsoleSession(unit, session);
  return { cookie: `${unit.unit}.${secret}`, session, unit };
}

export type SessionOwner = { session: ConsoleSession; actor: OrganizationActor; unit: OrgUnit };

const COOKIE = /^(\d{1,12})\.([0-9a-f]{64})$/;

/**
 * Whose session a cookie names; null: nobody's any more. A forged cookie costs no look-up; a Durable Object is called at most every 30 s for
 * each session. A session whose credential was revoked is ended, and so is one of an OAuth grant, from when grants could still sign in.
 */
export async function findSessionOwner(ctx: AuthCtx & Pick<CallerCtx, "live">, cookie: string): Promise<SessionOwner | null> {
  const [, key, secret] = COOKIE.exec(cookie) ?? [];
  if (!key || !secret || !hasValidTag(ctx.tagKeys, secret)) return null;
  const unit = await requireOrgUnitByKey(ctx.directory, Number(key), ctx.now()).catch(ifGone);
  const session = unit && (await seen(ctx, unit, sha256Hex(secret)));
  if (!unit || !session || session.expires_at <= ctx.now()) return null;
  const actor = await findActor(ctx, JSON.parse(session.principal) as Principal);
  if (actor && !isGrant(actor)) return { session, actor, unit };
  await ctx.live.endConsoleSessions(unit, session.actor_id, session.session_id);
  forget(({ session_id }) => session_id === session.session_id);
  return null;
}

/** The caller's own sessions, newest first. One call of a Durable Object. */
export async function listConsoleSessions(ctx: CallerCtx): Promise<ConsoleSession[]> {
  const { unit, id } = await ownOf(ctx);
  return ctx.live.listConsoleSessions(unit, id);
}

/** Ends one of the caller's own sessions; elsewhere within 30 s. Throws not_found. */
export async function endConsoleSession(ctx: CallerCtx, given: z.input<typeof SessionChoice>): Promise<void> {
  const { session_id } = parseInput(SessionChoice, given);
  const { unit, id } = await ownOf(ctx);
  const ended = await ctx.live.endConsoleSessions(unit, id, session_id);
  forget((session) => session.session_id === session_id);
  if (ended === 0) throw new AppError("not_found", "This session has ended already");
}

/** Ends all of the caller's sessions, this one included; elsewhere within 30 s. Returns how many. */
export async function endAllConsoleSessions(ctx: CallerCtx): Promise<number> {
  const { unit, id } = await ownOf(ctx);
  const ended = await ctx.live.endConsoleSessions(unit, id, null);
  forget(({ actor_id }) => actor_id === id);
  return ended;
}

/** The unit whose object keeps an actor's sessions. */
const unitOf = (ctx: CallerCtx, actor: OrganizationActor): Promise<OrgUnit> =>
  requireUsableOrgUnit({ ...ctx, actor }, actor.home ?? DEFAULT_UNIT_ID);

/** Subjects of two providers may be equal. */
const ownerId = (actor: OrganizationActor): string =>
  actor.kind === "identity_provider" ? `${actor.identity_provider_id ?? ""} ${actor.subject}` : actor.credential_id;

async function ownOf(ctx: CallerCtx): Promise<{ unit: OrgUnit; id: string }> {
  const { actor } = ctx;
  if (!isOfOrganization(actor)) throw new AppError("forbidden", "The console is for callers of an organization");
  return { unit: await unitOf(ctx, actor), id: ownerId(actor) };
}

const alive = new TtlCache<ConsoleSession>();

const forget = (matches: (session: ConsoleSession) => boolean): void => alive.deleteWhere(matches);

async function seen({ live, now }: Pick<CallerCtx, "live" | "now">, unit: OrgUnit, hash: string): Promise<ConsoleSession | null> {
  const key = `${unit.unit}/${hash}`;
  const known = alive.get(key, now());
  if (known) return known;
  const session = await live.seeConsoleSession(unit, hash);
  if (session) alive.set(key, session, now());
  return session;
}

function ifGone(error: unknown): null {
  if (error instanceof AppError && error.code === "not_found") return null;
  throw error;
}
