/** Personal access tokens: each has the role and the home of the credential that made it. */
import type { CallerCtx, Role } from "../../context";
import { AppError } from "../../errors";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { type CredentialWithHome, listCredentials } from "./store";

export const listPersonalTokens = (ctx: CallerCtx): Promise<CredentialWithHome[]> => {
  const { organization_id, home } = grantOf(ctx);
  return listCredentials(ctx.directory, { organization_id, home, kind: "personal_token" });
};

/** `expiresAt` in ms; null: never. Throws invalid_request for a time that has passed. */
export function createPersonalToken(ctx: CallerCtx, name: string, expiresAt: number | null): Promise<MintedCredential> {
  if (expiresAt !== null && expiresAt <= ctx.now()) {
    throw new AppError("invalid_request", "expires_at: must lie in the future", [
      { path: "expires_at", message: "must lie in the future" },
    ]);
  }
  const { organization_id, home, role } = grantOf(ctx);
  return mintCredential(ctx, { kind: "personal_token", organization_id, unit_id: home, name, role, expires_at: expiresAt });
}

export const revokePersonalToken = (ctx: CallerCtx, credentialId: string): Promise<void> => {
  const { organization_id, home, role: by } = grantOf(ctx);
  return revokeCredential(ctx, { credential_id: credentialId, organization_id, home, by, kind: "personal_token" });
};

function grantOf({ actor }: CallerCtx): { organization_id: string; home: string | null; role: Role } {
  if (actor.kind === "system") throw new Error("the system has no tokens");
  return actor;
}
