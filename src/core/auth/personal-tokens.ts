/** Personal access tokens: each has the role and the home of the credential that made it. */

import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import type { Role } from "../../vocabulary";
import { isOfOrganization } from "./actor";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { type CredentialWithHome, findById, listCredentials } from "./store";

export type MintedToken = MintedCredential & { expires_at: number | null };

export const listPersonalTokens = (ctx: CallerCtx): Promise<CredentialWithHome[]> => {
  const { organization_id, home } = grantOf(ctx);
  return listCredentials(ctx.directory, { organization_id, home, kind: "personal_token" });
};

/**
 * Makes a token that is revoked with the credential that made it, and lives no longer. `expiresAt` in ms; null: as long as that one.
 * Throws invalid_request for a time that has passed.
 */
export async function createPersonalToken(ctx: CallerCtx, name: string, expiresAt: number | null): Promise<MintedToken> {
  if (expiresAt !== null && expiresAt <= ctx.now()) {
    throw new AppError("invalid_request", "expires_at: must lie in the future", [
      { path: "expires_at", message: "must lie in the future" },
    ]);
  }
  const { organization_id, home, role } = grantOf(ctx);
  const created_by = ctx.actor.kind === "credential" ? ctx.actor.credential_id : null;
  const maker = created_by === null ? undefined : await findById(ctx.directory, created_by);
  const ends = [expiresAt, maker?.credential.expires_at ?? null].filter((end) => end !== null);
  const expires_at = ends.length === 0 ? null : Math.min(...ends);
  const wanted = { kind: "personal_token", organization_id, unit_id: home, name, role, expires_at, created_by } as const;
  return { ...(await mintCredential(ctx, wanted)), expires_at };
}

export const revokePersonalToken = (ctx: CallerCtx, credentialId: string): Promise<void> => {
  const { organization_id, home, role: by } = grantOf(ctx);
  return revokeCredential(ctx, { credential_id: credentialId, organization_id, home, by, kind: "personal_token" });
};

function grantOf({ actor }: CallerCtx): { organization_id: string; home: string | null; role: Role } {
  if (!isOfOrganization(actor)) throw new Error(`the ${actor.kind} has no tokens`);
  return actor;
}
