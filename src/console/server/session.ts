/** The console's cookie, and which requests may use it. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { findSessionOwner, openConsoleSession, type SessionOwner, type SignedIn } from "../../core/sign-in";
import { AppError } from "../../errors";
import { networkOf } from "../../http/address";
import type { HttpEnv } from "../../http/router";
import { openCaller } from "../../open-context";
import { openSignIn } from "../../open-sign-in";
import { sessionCookie } from "./cookie";

const CALL_HEADER = "X-Leadedge-Console";
const SIGNED_OUT = "You are signed out: sign in again, and what you were doing goes on";

const COOKIE = sessionCookie("leadedge");

/**
 * Refuses what another site's page makes a browser send (Fetch Metadata; RFC 6454), and what comes without the header that only a script of
 * the same origin may set.
 */
export const refuseForeignCalls = createMiddleware<HttpEnv>(async function refuseForeignCalls(c, next) {
  const site = c.req.header("Sec-Fetch-Site");
  const origin = c.req.header("Origin");
  const foreign = (site !== undefined && site !== "same-origin") || (origin !== undefined && origin !== new URL(c.req.url).origin);
  if (foreign || c.req.header(CALL_HEADER) === undefined) {
    throw new AppError("forbidden", "Only the console's own pages may call this");
  }
  await next();
});

/** The owner of the session that the request's cookie names. Throws unauthenticated. */
export async function requireOwner(c: Context<HttpEnv>): Promise<SessionOwner> {
  const cookie = COOKIE.read(c);
  const owner = cookie ? await findSessionOwner(await openSignIn(c.env, networkOf(c)), cookie) : null;
  if (!owner) throw signedOut();
  return owner;
}

/** Opens a session and sets its cookie. */
export async function startSession(c: Context<HttpEnv>, signedIn: SignedIn): Promise<void> {
  const caller = openCaller(c.env, signedIn.actor, c.get("requestId"));
  const { cookie } = await openConsoleSession(caller, signedIn, c.req.header("User-Agent") ?? "");
  setSessionCookie(c, cookie);
}

/** null clears it. */
export const setSessionCookie = COOKIE.write;

export const signedOut = (): AppError => new AppError("unauthenticated", SIGNED_OUT);
