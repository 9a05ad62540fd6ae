/** The console's cookie, and which requests may use it. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { findSessionOwner, openConsoleSession, type SessionOwner, type SignedIn } from "../../core/sign-in";
import { AppError } from "../../errors";
import { networkOf } from "../../http/address";
import type { HttpEnv } from "../../http/router";
import { openCaller } from "../../open-context";
import { openSignIn } from "../../open-sign-in";

/** A browser takes the prefix only with Secure, which it refuses over http. */
const SECURE_NAME = "__Host-leadedge";
const LOCAL_NAME = "leadedge";
const CALL_HEADER = "X-Leadedge-Console";

const isSecure = (c: Context<HttpEnv>): boolean => new URL(c.req.url).protocol === "https:";
const nameOf = (c: Context<HttpEnv>): string => (isSecure(c) ? SECURE_NAME : LOCAL_NAME);
const optionsOf = (c: Context<HttpEnv>) => ({ httpOnly: true, sameSite: "Strict", path: "/", secure: isSecure(c) }) as const;

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
  const cookie = getCookie(c, nameOf(c));
  const owner = cookie ? await findSessionOwner(await openSignIn(c.env, networkOf(c)), cookie) : null;
  if (!owner) throw new AppError("unauthenticated", "You are signed out: sign in again, and what you were doing goes on");
  return owner;
}

/** Opens a session and sets its cookie. */
export async function startSession(c: Context<HttpEnv>, signedIn: SignedIn): Promise<void> {
  const caller = openCaller(c.env, signedIn.actor, c.get("requestId"));
  const { cookie } = await openConsoleSession(caller, signedIn, c.req.header("User-Agent") ?? "");
  setSessionCookie(c, cookie);
}

/** A cookie that ends with the browser; null clears it. */
export function setSessionCookie(c: Context<HttpEnv>, cookie: string | null): void {
  if (cookie === null) deleteCookie(c, nameOf(c), optionsOf(c));
  else setCookie(c, nameOf(c), cookie, optionsOf(c));
}
