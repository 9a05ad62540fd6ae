/** Personal access tokens: each has the role and the home of the credential that created it. */

import type { z } from "zod";
import type { CallerCtx, OrganizationActor } from "../../context";
import { invalidRequest, parseInput } from "../../validation";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { isOfOrganization, requireRole } from "./actor";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { NewPersonalToken } from "./schemas";
import { type CredentialWithHome, listCredentials } from "./store";

export type MintedToken = MintedCredential & { name: string };

/** Of a token that a user of an identity provider creates: nothing tells us when that user is gone. */
const USER_TOKEN_TTL_MS = 86_400_000;

/** Newest first, without secrets. One D1 round trip. */
export const listPersonalTokens = (ctx: CallerCtx): Promise<CredentialWithHome[]> => {
  const { organization_id, home } = ownerOf(ctx);
  return listCredentials(ctx.directory, { organization_id, home, kind: "personal_token" });
};

/**
 * Creates a token that is revoked together with the credential that created it, and that expires no later; a token created by a user
 * of an identity provider expires within a day. Needs the role editor. Two D1 round trips. Throws forbidden, invalid_request (an expiry in
 * the past included), unauthenticated.
 */
export async function createPersonalToken(
  ctx: CallerCtx,
  given: z.input<typeof NewPersonalToken>,
  remember: RememberInDirectory<MintedToken> = rememberNothing,
): Promise<MintedToken> {
  requireRole(ctx, "editor");
  const { name, expires_at: wanted } = parseInput(NewPersonalToken, given);
  if (wanted !== null && wanted <= ctx.now()) throw invalidRequest([{ path: "expires_at", message: "must lie in the future" }]);
  const { organization_id, home, role } = ownerOf(ctx);
  const expires_at = ctx.actor.kind === "identity_provider" ? Math.min(wanted ?? Infinity, ctx.now() + USER_TOKEN_TTL_MS) : wanted;
  const token = { kind: "personal_token", organization_id, unit_id: home, name, role, expires_at } as const;
  return { ...(await mintCredential(ctx, token, (minted) => remember({ ...minted, name }))), name };
}

/**
 * An editor's own tokens; any as an admin. Needs the role editor. Two or three D1 round trips. Throws forbidden, and not_found for a token of
 * a higher role, too.
 */
export async function revokePersonalToken(ctx: CallerCtx, credentialId: string): Promise<void> {
  requireRole(ctx, "editor");
  const { organization_id, home, role: by } = ownerOf(ctx);
  await revokeCredential(ctx, { credential_id: credentialId, organization_id, home, by, kind: "personal_token", ownOnly: by !== "admin" });
}

function ownerOf({ actor }: CallerCtx): OrganizationActor {
  if (!isOfOrganization(actor)) throw new Error(`the ${actor.kind} has no tokens`);
  return actor;
}
