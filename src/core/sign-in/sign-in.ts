/** Who signs in to the console: by a service account's id and secret, by a token, or on a laptop by the code that `npm start` prints. */
import type { z } from "zod";
import type { OrganizationActor } from "../../context";
import { AppError } from "../../errors";
import { sameSecret, sha256Hex } from "../../hash";
import { parseInput } from "../../validation";
import {
  type AuthCtx,
  type Authenticated,
  authenticate,
  authenticateClient,
  findActor,
  isGrant,
  isOfOrganization,
  type TokenTarget,
  tokenExpiry,
} from "../auth";
import { LocalSignInInput, PairInput, TokenInput } from "./schemas";

/** `until`: when the token expires that was signed in with, in ms; null: not by itself. */
export type SignedIn = { actor: OrganizationActor; until: number | null };

/**
 * By a service account's `client_id` and `client_secret`, or by a `token`. At most one D1 round trip. Throws invalid_request, unauthenticated,
 * forbidden (a token of an OAuth grant), rate_limited.
 */
export async function signIn(
  ctx: AuthCtx,
  given: z.input<typeof PairInput> | z.input<typeof TokenInput>,
  target: TokenTarget,
): Promise<SignedIn> {
  if (typeof given === "object" && given !== null && "token" in given) {
    const { token } = parseInput(TokenInput, given);
    const found = await authenticate(ctx, `Bearer ${token}`, target);
    return signedIn(found, "This token is not valid: it may be revoked or expired", tokenExpiry(token));
  }
  const { client_id, client_secret } = parseInput(PairInput, given);
  const found = await authenticateClient(ctx, [{ clientId: client_id, secret: client_secret }]);
  return signedIn(found, "The client id or the secret is wrong", null);
}

/** What `npm start` sets: its code opens the console for a credential, once until the next start. */
export type LocalSignIn = { code: string; credential_id: string };

const usedCodes = new Set<string>();

/** Throws invalid_request, unauthenticated. */
export async function signInLocally(ctx: AuthCtx, local: LocalSignIn | null, given: z.input<typeof LocalSignInInput>): Promise<SignedIn> {
  const { code } = parseInput(LocalSignInInput, given);
  const used = usedCodes.has(sha256Hex(code));
  if (!local || used || !sameSecret(code, local.code)) {
    throw new AppError("unauthenticated", "This link has been used, or is from an earlier start: npm start prints a new one");
  }
  usedCodes.add(sha256Hex(code));
  const actor = await findActor(ctx, { kind: "credential", credential_id: local.credential_id });
  if (!actor) throw new AppError("unauthenticated", "The credential of this link is revoked");
  return { actor, until: null };
}

function signedIn(found: Authenticated | null, refusal: string, until: number | null): SignedIn {
  if (!found || !isOfOrganization(found.actor)) throw new AppError("unauthenticated", refusal);
  // who approved the program was shown a role, and nothing about the console
  if (isGrant(found.actor)) throw new AppError("forbidden", "This is the token of a connected program: sign in with one of your own");
  return { actor: found.actor, until };
}
