/** The operator's cookie. It is not the one that people of an organization have, so neither session opens what the other does. */
import type { Context } from "hono";
import { findOperatorSession, openOperatorSession, type SignedInOperator } from "../../../core/sign-in";
import { networkOf } from "../../../http/address";
import type { HttpEnv } from "../../../http/router";
import { openOperatorSignIn } from "../../../open-operator";
import { sessionCookie } from "../cookie";
import { signedOut } from "../session";

const COOKIE = sessionCookie("leadedge-operator");

/** null clears it. */
export const setOperatorCookie = COOKIE.write;

/** Opens a session for the token in `given`. */
export async function signInAsOperator(c: Context<HttpEnv>, given: unknown): Promise<void> {
  const ctx = await openOperatorSignIn(c.env, networkOf(c));
  const { cookie } = await openOperatorSession(ctx, given as never, c.req.header("User-Agent") ?? "");
  setOperatorCookie(c, cookie);
}

/** Throws unauthenticated. */
export async function requireOperatorSession(c: Context<HttpEnv>): Promise<SignedInOperator> {
  const cookie = COOKIE.read(c);
  if (!cookie) throw signedOut();
  const signIn = await openOperatorSignIn(c.env, networkOf(c));
  const session = await findOperatorSession(signIn, cookie);
  if (!session) throw signedOut();
  return { signIn, session };
}
