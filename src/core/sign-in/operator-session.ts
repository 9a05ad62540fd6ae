/**
 * Sessions of the operator's part of the console, opened by the token that opens /admin. A browser holds a secret, the installation's object
 * its hash. They open no org unit.
 */
import type { z } from "zod";
import type { ConsoleSession } from "../../context";
import { AppError } from "../../errors";
import { sameSecret, sha256Hex } from "../../hash";
import { parseInput } from "../../validation";
import { type AuthCtx, hasValidTag, recordFailure, requireAttempt } from "../auth";
import { SessionChoice, TokenInput } from "./schemas";
import { newConsoleSession } from "./session";

const SESSION_TTL_MS = 8 * 3_600_000;
/** Whoever has the token is the operator: there is one. */
export const OPERATOR_ID = "operator";

/** Where the sessions are kept. */
type OperatorSessions = {
  open(session: ConsoleSession): Promise<void>;
  /** The session with this secret, noted as seen; null for an unknown one and for one that has ended. */
  see(secretHash: string): Promise<ConsoleSession | null>;
  /** Living sessions, newest first. */
  list(): Promise<ConsoleSession[]>;
  /** Ends one session, or with null all of them; returns how many. */
  end(sessionId: string | null): Promise<number>;
};

/** `tokenHash`: SHA-256 of the token that opens /admin; null: nobody administers this installation yet. */
export type OperatorSignIn = AuthCtx & { tokenHash: string | null; sessions: OperatorSessions };

/**
 * Signs the operator in. `cookie` is for the browser alone. One call of a Durable Object. Throws invalid_request, unauthenticated,
 * rate_limited, and not_found while there is no administrator.
 */
export async function openOperatorSession(
  ctx: OperatorSignIn,
  given: z.input<typeof TokenInput>,
  browser: string,
): Promise<{ cookie: string }> {
  const { tokenHash } = ctx;
  if (tokenHash === null) throw new AppError("not_found", "This installation has no administrator yet: claim it at /claim");
  const { token } = parseInput(TokenInput, given);
  requireAttempt(ctx);
  if (!sameSecret(sha256Hex(token), tokenHash)) {
    await recordFailure(ctx);
    throw new AppError("unauthenticated", "This is not the operator's token");
  }
  const expires_at = ctx.now() + SESSION_TTL_MS;
  const { secret, session } = newConsoleSession(ctx, { principal: tokenHash, actor_id: OPERATOR_ID, browser, expires_at });
  await ctx.sessions.open(session);
  return { cookie: secret };
}

export type SignedInOperator = { signIn: OperatorSignIn; session: ConsoleSession };

/**
 * The session that a cookie names; null: it has ended, or its token opens /admin no longer. A forged cookie costs no look-up, any other one
 * call of a Durable Object.
 */
export async function findOperatorSession(ctx: OperatorSignIn, cookie: string): Promise<ConsoleSession | null> {
  const { tokenHash } = ctx;
  if (tokenHash === null || !/^[0-9a-f]{64}$/.test(cookie) || !hasValidTag(ctx.tagKeys, cookie)) return null;
  const session = await ctx.sessions.see(sha256Hex(cookie));
  if (!session || session.principal === tokenHash) return session;
  await ctx.sessions.end(session.session_id);
  return null;
}

/** Living sessions of the token of now, newest first. One call of a Durable Object. */
export async function listOperatorSessions({ sessions, tokenHash }: OperatorSignIn): Promise<ConsoleSession[]> {
  return (await sessions.list()).filter(({ principal }) => principal === tokenHash);
}

/** Ends a session at once. One call of a Durable Object. Throws invalid_request, not_found. */
export async function endOperatorSession({ sessions }: OperatorSignIn, given: z.input<typeof SessionChoice>): Promise<void> {
  const { session_id } = parseInput(SessionChoice, given);
  if ((await sessions.end(session_id)) === 0) throw new AppError("not_found", "This session has ended already");
}

/** Ends all sessions at once, this one included; returns how many. One call of a Durable Object. */
export const endAllOperatorSessions = ({ sessions }: OperatorSignIn): Promise<number> => sessions.end(null);
